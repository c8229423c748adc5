import Foundation
import TestSupport
import Testing

/// A name server of the test's own, which answers late. The executable uses it through a mount namespace, because nothing
/// but `/etc/resolv.conf` names a name server to the system's resolver.
private enum SlowNameServer {
    static let isPossible: Bool =
        ChildProcess(["unshare", "--mount", "true"], in: "/", output: "/dev/null")?.wait() == true
        && ChildProcess(["python3", "-c", program, "127.9.9.9"], in: "/", output: "/dev/null")?.wait() == true

    /// Answers every name with one address. Without a delay as its argument it ends at once.
    static let program = """
        import socket, sys, time
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind((sys.argv[1], 53))
        if len(sys.argv) < 3: sys.exit()
        print("ready", flush=True)
        while True:
            query, client = s.recvfrom(512)
            end = query.index(0, 12) + 5
            is_v4 = query[end - 3] == 1
            answer = b"\\xc0\\x0c\\0\\1\\0\\1\\0\\0\\0\\0\\0\\4\\x7f\\0\\0\\1" if is_v4 else b""
            if is_v4: print("request", flush=True)
            if is_v4: time.sleep(float(sys.argv[2]))
            s.sendto(query[:2] + b"\\x81\\x80\\0\\1\\0" + bytes([is_v4]) + b"\\0\\0\\0\\0" + query[12:end] + answer, client)
        """
}

@Suite(.enabled(if: SlowNameServer.isPossible, "this user may not mount, or not bind port 53"))
struct `A slow name server` {
    /// What `verify-token` says of a key set at a name that takes so many seconds. The server behind the name does not
    /// speak TLS: an error of TLS proves that the name was found.
    private func answer(after seconds: Int) async throws -> String {
        let folder = try TemporaryFolder()
        let server = try ScriptedServer(.send("no TLS"), .awaitClose)
        defer { server.stop() }
        let address = "127.\((1...3).map { _ in "\(Int.random(in: 1...254))" }.joined(separator: "."))"
        try folder.write("resolv.conf", "nameserver \(address)\n")
        let names = try #require(
            ChildProcess(
                ["python3", "-c", SlowNameServer.program, address, "\(seconds)"], in: folder.root,
                output: folder.path("names.log")
            ))
        defer { names.end() }
        let log = folder.path("names.log")
        for _ in 0..<4000 where textWritten(to: log).isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        let url = "https://keys.example.test:\(server.port)/"
        let command = "mount --bind resolv.conf /etc/resolv.conf && exec \"$@\""
        let gateway = try #require(
            ChildProcess(
                [
                    "unshare", "--mount", "sh", "-c", command, "sh", BuiltExecutable.path("sso-gateway"),
                    "verify-token", "--signature-only", "--jwks", url, "eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.e30.AAAA",
                ], in: folder.root, output: folder.path("gateway.log")))
        _ = try await onThread { gateway.wait() }
        #expect(textWritten(to: log).contains("request"))
        return textWritten(to: folder.path("gateway.log"))
    }

    @Test func `RT-120: a name look-up of three seconds is waited for`() async throws {
        #expect(try await answer(after: 3).contains("or TLS failed"))
    }

    @Test func `RT-120: a name look-up of six seconds is not`() async throws {
        #expect(try await answer(after: 6).contains("no connection could be made"))
    }
}
