import Foundation
import Marketplace
import TestSupport
import Testing

@testable import Gateway

/// Our reading of a path against nginx's own: straight, behind a proxy that sends on what it decoded, and behind one
/// that tidies up. Never is something allowed as one thing and served as another.
@Suite(.enabled(if: RealProxy.installed.contains(.nginx), "needs nginx"))
struct `RT-23 RT-24 RT-27 Our routing against nginx's` {
    private static let words = ["admin", "public", "a", "users"]
    /// The rows, by what nginx's own locations are called below.
    private static let table = RuleTable([
        .init(host: nil, path: "/admin/", methods: nil, verdict: .roles([.admin])),
        .init(host: nil, path: "/public/", methods: nil, verdict: .anyone),
    ])
    /// What may be served to a visitor and to a read-only member who are let through.
    private static let open: [MemberRole?: Set<String>] = [nil: ["public"], .user: ["public", "other"]]

    /// Targets as bytes: the generator's, some with a byte that no URL has, and the classics.
    private static let corpus: [[UInt8]] = {
        var generator = SplitMix(state: 2327)
        var corpus: [[UInt8]] = (0..<8000).map { _ in
            var bytes = Array(TargetGenerator.target(words: words, using: &generator).utf8)
            if Int.random(in: 0..<6, using: &generator) == 0 {
                let odd: [UInt8] = [0x00, 0x01, 0x09, 0x0b, 0x20, 0x7f, 0x80, 0xae, 0xc0, 0xc1, 0xe0, 0xf0, 0xff]
                bytes.insert(
                    odd.randomElement(using: &generator) ?? 0, at: Int.random(in: 0...bytes.count, using: &generator))
            }
            return bytes
        }
        for climb in [
            "..", "%2e%2e", "%2E%2e", ".%2e", "%252e%252e", "..%00", "..;", "..;x", "%c0%ae%c0%ae", "..%c0%af", "..%5c",
        ] {
            for slash in ["/", "%2f", "%2F", "%252f", "\\", "%5c", "//", "/./", "%c0%af", "%e0%80%af", "/;/"] {
                corpus.append(Array("/public\(slash)\(climb)\(slash)admin\(slash)users".utf8))
                corpus.append(Array("/public/\(climb)\(slash)admin/".utf8))
            }
        }
        // An overlong dot and slash as bare bytes.
        corpus.append(Array("/public/".utf8) + [0xc0, 0xae, 0xc0, 0xae, 0xc0, 0xaf] + Array("admin/".utf8))
        return corpus
    }()

    @Test func `never allowed here and served there`() async throws {
        let servers = ["straight", "slashes kept", "decoded and sent on", "tidied and sent on"]
        try await RoutingNginx.run(count: servers.count) { ports in
            let (compared, differences) = try await onThread {
                var compared: [String: Int] = [:]
                var differences: [String] = []
                for (name, port) in zip(servers, ports) {
                    var connection: RawConnection?
                    for target in Self.corpus {
                        let allowed = Self.open.filter { Self.isAllowed(target, $0.key) }
                        guard !allowed.isEmpty else { continue }
                        let answer = try RoutingNginx.ask(target, port: port, on: &connection)
                        // What nginx refuses, it does not serve.
                        guard let answer, answer.status == 200 else { continue }
                        compared[name, default: 0] += 1
                        let place = String(answer.body.prefix { $0 != " " })
                        for (role, places) in allowed where !places.contains(place) {
                            let text = String(decoding: target, as: UTF8.self)
                            differences.append("\(name): \(role?.rawValue ?? "a visitor") gets \(place): \(text)")
                        }
                    }
                }
                return (compared, differences)
            }
            #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
            // Not for want of anything to compare.
            #expect(servers.allSatisfy { compared[$0, default: 0] > 600 }, "\(compared)")
        }
    }

    @Test func `an accepted path, decoded once, is nginx's own but for doubled slashes`() async throws {
        try await RoutingNginx.run(count: 1) { ports in
            let differences = try await onThread {
                var connection: RawConnection?
                var differences: [String] = []
                for target in Self.corpus {
                    guard let text = String(validating: target, as: UTF8.self),
                        let path = try? RequestPath(target: text),
                        let answer = try RoutingNginx.ask(target, port: ports[0], on: &connection)
                    else { continue }
                    var merged = path.text
                    while merged.contains("//") { merged = merged.replacing("//", with: "/") }
                    if answer.status == 200, !answer.body.utf8.reversed().starts(with: (" " + merged).utf8.reversed()) {
                        differences.append("\(text): \(answer.body)")
                    }
                }
                return differences
            }
            #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
        }
    }

    private static func isAllowed(_ target: [UInt8], _ role: MemberRole?) -> Bool {
        guard let text = String(validating: target, as: UTF8.self),
            let request = try? OriginalRequest(method: "GET", host: "app.example.test", target: text)
        else { return false }
        return table.decide(request, role: role).permission == .allow
    }
}

/// An nginx with locations of its own, and others in front of it.
private enum RoutingNginx {
    static func run(count: Int, _ body: ([UInt16]) async throws -> Void) async throws {
        let directory = NSTemporaryDirectory() + "sso-gateway-routing-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        // The servers behind listen on socket files, so only the requested ports are needed.
        let ports = try FreePort.take(4)
        let places = """
            location = /admin { return 200 "admin $uri"; }
            location /admin/ { return 200 "admin $uri"; }
            location = /public { return 200 "public $uri"; }
            location /public/ { return 200 "public $uri"; }
            location / { return 200 "other $uri"; }
            """
        try """
        daemon off; pid \(directory)/nginx.pid; error_log stderr crit; worker_processes 1;
        events { worker_connections 256; }
        http {
            access_log off; default_type text/plain; keepalive_requests 100000;
            client_body_temp_path \(directory)/body; proxy_temp_path \(directory)/proxy;
            fastcgi_temp_path \(directory)/fastcgi; uwsgi_temp_path \(directory)/uwsgi;
            scgi_temp_path \(directory)/scgi;
            server { listen 127.0.0.1:\(ports[0]); \(places) }
            server { listen 127.0.0.1:\(ports[1]); merge_slashes off; \(places) }
            server { listen 127.0.0.1:\(ports[2]); location / { proxy_pass http://127.0.0.1:\(ports[0])$uri; } }
            server { listen 127.0.0.1:\(ports[3]); location / { proxy_pass http://127.0.0.1:\(ports[0])/; } }
        }
        """.write(toFile: directory + "/nginx.conf", atomically: false, encoding: .utf8)
        guard
            let nginx = ChildProcess(
                ["/usr/sbin/nginx", "-p", directory, "-c", directory + "/nginx.conf", "-e", "stderr"], in: directory,
                output: directory + "/log")
        else { throw ProxiedApp.CannotStart(what: "nginx") }
        defer { nginx.terminate() }
        guard await ProxiedApp.answers(ports[3]) else { throw ProxiedApp.CannotStart(what: "nginx") }
        try await body(Array(ports.prefix(count)))
    }

    static func ask(_ target: [UInt8], port: UInt16, on connection: inout RawConnection?) throws -> RawResponse? {
        for isSecondTry in [false, true] {
            let open = try connection ?? RawConnection(port: port)
            connection = open
            open.send(Array("GET ".utf8) + target + Array(" HTTP/1.1\r\nHost: app.example.test\r\n\r\n".utf8))
            if let response = open.receiveResponse(patience: 5) {
                if response["Connection"] == "close" { connection = nil }
                return response
            }
            // Closed behind the answer before.
            connection = nil
            if isSecondTry { return nil }
        }
        return nil
    }
}
