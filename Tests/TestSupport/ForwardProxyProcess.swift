import Foundation

/// A forward proxy from Debian, tinyproxy or microsocks, on loopback.
///
/// It has an `/etc/hosts` of its own, through a mount namespace: only the proxy can resolve `hostName`. An answer from that
/// name proves that the proxy resolved it and made the connection.
package final class ForwardProxyProcess: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case tinyproxy, microsocks

        /// `user:password`. tinyproxy takes letters, digits and dashes only.
        package var credentials: String {
            switch self {
            case .tinyproxy: "proxy-user:proxy-canary-password"
            case .microsocks: "proxy-user:proxy-canary%41:+password"
            }
        }
    }

    package struct Failure: Error { package let log: String }

    package static let hostName = "marketplace.example.test"
    /// Only root, or a user that may make namespaces, can change the names that a program resolves.
    package static let isPossible =
        ChildProcess(["unshare", "--mount", "true"], in: "/", output: "/dev/null")?.wait() == true

    package let url: String
    package let port: UInt16
    private let folder: TemporaryFolder
    private let process: ChildProcess

    package init(_ kind: Kind, needsCredentials: Bool = false) throws {
        folder = try TemporaryFolder()
        port = try unusedPort()
        try folder.write("hosts", "127.0.0.1 localhost \(Self.hostName)\n")
        let parts = kind.credentials.split(separator: ":", maxSplits: 1).map(String.init)
        let program: [String]
        switch kind {
        case .tinyproxy:
            url = "http://127.0.0.1:\(port)"
            let login = needsCredentials ? "BasicAuth \(parts[0]) \(parts[1])\n" : ""
            try folder.write(
                "tinyproxy.conf",
                "Port \(port)\nListen 127.0.0.1\nTimeout 60\nMaxClients 50\nLogLevel Connect\n\(login)")
            program = ["tinyproxy", "-d", "-c", folder.path("tinyproxy.conf")]
        case .microsocks:
            url = "socks5h://127.0.0.1:\(port)"
            program =
                ["microsocks", "-i", "127.0.0.1", "-p", "\(port)"]
                + (needsCredentials ? ["-u", parts[0], "-P", parts[1]] : [])
        }
        let command = "mount --bind hosts /etc/hosts && exec \"$@\""
        guard
            let process = ChildProcess(
                ["unshare", "--mount", "sh", "-c", command, "sh"] + program, in: folder.root,
                output: folder.path("log"))
        else { throw Failure(log: "no process") }
        self.process = process
        for _ in 0..<4000 {
            if (try? RawConnection(port: port)) != nil { return }
            usleep(5000)
        }
        throw Failure(log: textWritten(to: folder.path("log")))
    }

    deinit { process.end() }

    /// What the proxy has written: it names each host that it connects to.
    package var log: String { textWritten(to: folder.path("log")) }

    /// Ends the proxy, so that its port refuses connections.
    package func stop() {
        kill(process.id, SIGKILL)
        while (try? RawConnection(port: port)) != nil { usleep(5000) }
    }
}
