import Foundation
import TestSupport

/// A name server of the test's own. A program uses it through a mount namespace, because nothing but `/etc/resolv.conf`
/// names a name server to the system's resolver.
struct NameServer {
    struct Failure: Error {}

    static let isPossible: Bool =
        ChildProcess(["unshare", "--mount", "true"], in: "/", output: "/dev/null")?.wait() == true
        && ChildProcess(["python3", "-c", program, "127.9.9.9"], in: "/", output: "/dev/null")?.wait() == true

    /// Answers every name with these addresses, late, or never if the delay is negative. Without a delay as its argument it
    /// ends at once.
    private static let program = """
        import socket, sys, time
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind((sys.argv[1], 53))
        if len(sys.argv) < 3: sys.exit()
        delay, addresses = float(sys.argv[2]), [socket.inet_aton(a) for a in sys.argv[3:]]
        print("ready", flush=True)
        while True:
            query, client = s.recvfrom(512)
            end = query.index(0, 12) + 5
            is_v4 = query[end - 3] == 1
            if is_v4: print("request", flush=True)
            if delay < 0: continue
            if is_v4: time.sleep(delay)
            found = addresses if is_v4 else []
            records = b"".join(b"\\xc0\\x0c\\0\\1\\0\\1\\0\\0\\0\\0\\0\\4" + a for a in found)
            head = query[:2] + b"\\x81\\x80\\0\\1\\0" + bytes([len(found)]) + b"\\0\\0\\0\\0"
            s.sendto(head + query[12:end] + records, client)
        """

    /// Of loopback.
    let address: String
    private let log: String
    private let process: ChildProcess

    /// `delay` in seconds; nil for a server that receives and never answers.
    init(in folder: TemporaryFolder, delay: Int?, answer addresses: [String] = ["127.0.0.1"]) async throws {
        address = "127.\((1...3).map { _ in "\(Int.random(in: 1...254))" }.joined(separator: "."))"
        log = folder.path("\(address).log")
        guard
            let process = ChildProcess(
                ["python3", "-c", Self.program, address, "\(delay ?? -1)"] + addresses, in: folder.root, output: log)
        else { throw Failure() }
        self.process = process
        for _ in 0..<4000 where textWritten(to: log).isEmpty { try await Task.sleep(for: .milliseconds(5)) }
    }

    /// Whether it received a query.
    var wasAsked: Bool { textWritten(to: log).contains("request") }

    func stop() { process.end() }

    /// What `verify-token` says of a key set at this URL, with these name servers. A server there that does not speak TLS
    /// proves by its error that the name was found.
    static func verdict(on url: String, through servers: [NameServer], in folder: TemporaryFolder) async throws
        -> String
    {
        try folder.write("resolv.conf", servers.map { "nameserver \($0.address)\n" }.joined())
        let command = "mount --bind resolv.conf /etc/resolv.conf && exec \"$@\""
        guard
            let gateway = ChildProcess(
                [
                    "unshare", "--mount", "sh", "-c", command, "sh", BuiltExecutable.path("sso-gateway"),
                    "verify-token", "--signature-only", "--jwks", url, "eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.e30.AAAA",
                ], in: folder.root, output: folder.path("gateway.log"))
        else { throw Failure() }
        _ = try await onThread { gateway.wait() }
        return textWritten(to: folder.path("gateway.log"))
    }
}
