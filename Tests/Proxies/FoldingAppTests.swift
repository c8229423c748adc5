import Foundation
import TestSupport
import Testing

/// Apps that fold header names: whatever a client sends, under each of the names that they ask for there is our value
/// and no other.
@Suite(.namesProxy) struct `An app that folds header names behind a proxy` {
    /// Our header names with each character that some program replaces by an underscore.
    private static let forged: [[String]] = {
        let names = ["X-Auth-Request-User", "X-SSO-Role", "Remote-User", "X-Forwarded-User", "X-SSO-Assertion"]
        let aliases = names.flatMap { name in
            ["-"].map { _ in name } + "_.!#$%&'*+^`|~".map { name.replacing("-", with: String($0)) }
        }
        let mixed = ["X-Auth_Request-User", "X.Auth-Request_User", "x_auth.request-USER", "X-SSO.Role", "X_SSO-Role"]
        return (aliases + mixed).map { ["\($0): root"] } + [
            ["Connection: X-SSO-Role"], ["Connection: close, X-Auth-Request-User"],
            ["Connection: X-SSO-Role, X-Auth-Request-User, X-SSO-Session", "X-SSO-Role: root"],
            ["Connection: keep-alive, X_SSO_Role", "X_SSO_Role: root"],
        ]
    }()

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: Python.path), "needs Python"))
    func `RT-03 RT-05 RT-09 WSGI and CGI see our values alone`() async throws {
        let plan = ProxiedApp.Plan(program: { [Python.path, Python.program("folding-app.py"), "\($0)"] })
        try await ProxiedApp.behindEach(plan) { site in
            let ben = Browser(site)
            try await ben.signIn(as: Member.ben)
            // All at once, and those that a proxy refuses one by one.
            let every = Self.forged.flatMap(\.self).filter { !$0.hasPrefix("Connection") }
            var passed = 0
            for forged in [every] + Self.forged.suffix(9) {
                for kind in ["wsgi", "cgi"] {
                    let answer = try await ben.ask("/\(kind)/x", headers: forged)
                    guard answer.status == 200 else {
                        #expect((400...599).contains(answer.status))
                        continue
                    }
                    passed += 1
                    let seen = answer.body.split(separator: "\n")
                    #expect(seen.contains("HTTP_X_AUTH_REQUEST_USER=\(Member.ben)"), "\(forged): \(answer.body)")
                    #expect(seen.contains("HTTP_X_SSO_ROLE=USER"), "\(forged): \(answer.body)")
                    #expect(!answer.body.contains("root"), "\(forged): \(answer.body)")
                    let open = try await Browser(site).ask("/public/x", headers: forged)
                    #expect(open.status != 200 || !open.body.contains("root"))
                }
            }
            #expect(passed > 10)
            // Without a session none of our headers has a value.
            let open = try await Browser(site).ask("/public/wsgi", headers: every)
            #expect(!open.body.contains("root"))
        }
    }
}

enum Python {
    static let path = "/usr/bin/python3"

    /// The app of this kind in `apps.py`, given its port.
    static func app(_ kind: String) -> @Sendable (UInt16) -> [String] {
        { [PythonPackages.python, program("apps.py"), kind, "\($0)"] }
    }

    /// A program beside this file.
    static func program(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(name).path
    }
}
