import Marketplace
import TestSupport
import Testing

@testable import Gateway

/// Decision requests of a broken or hostile proxy, over a real socket.
@Suite struct DecisionFuzzTests {
    private static let rules = RuleTable([
        .init(host: nil, path: "/admin/", methods: nil, verdict: .roles([.admin])),
        .init(host: nil, path: "/public/", methods: nil, verdict: .anyone),
    ])

    /// A target as it is, or with up to three bytes changed, inserted or taken out.
    private static func mutated(using generator: inout SplitMix) -> [UInt8] {
        var bytes = Array(TargetGenerator.target(words: ["admin", "public", "a"], using: &generator).utf8)
        for _ in 0..<max(0, Int.random(in: -3...3, using: &generator)) {
            // Line ends would be another header, which is another test's.
            let byte = UInt8.random(in: Bool.random(using: &generator) ? 0x21...0x7e : 1...255, using: &generator)
            guard byte != 10, byte != 13, !bytes.isEmpty else { continue }
            let position = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: bytes[position] = byte
            case 1: bytes.insert(byte, at: position)
            default: bytes.remove(at: position)
            }
        }
        return bytes
    }

    @Test func `RT-16 RT-17 is answered, and never with a yes that the rules do not give`() async throws {
        try await LoginWorld.run({ $0.rules = Self.rules }) { world in
            let port = world.port
            let statuses = try await onThread {
                var generator = SplitMix(state: 17)
                var statuses: [Int: Int] = [:]
                for number in 0..<4000 {
                    let target = Self.mutated(using: &generator)
                    let cookie = Self.mutated(using: &generator)
                    let connection = try RawConnection(port: port)
                    connection.send(
                        Array("GET /authz/nginx HTTP/1.1\r\nHost: gateway\r\nX-Original-Method: GET\r\n".utf8)
                            + Array("X-Forwarded-Host: app.example.test\r\nX-Forwarded-Proto: https\r\n".utf8)
                            + Array("X-Original-URI: ".utf8) + target
                            + Array("\r\nCookie: __Host-sso_session=".utf8) + cookie + Array("\r\n\r\n".utf8))
                    let answer = try #require(connection.receiveResponse(patience: 20), "\(number)")
                    statuses[answer.status, default: 0] += 1
                    let text = String(decoding: target, as: UTF8.self)
                    let path = try? OriginalRequest(method: "GET", host: "app.example.test", target: text)
                    let decision = path.map { Self.rules.decide($0, role: nil) }
                    switch answer.status {
                    case 200:
                        #expect(decision?.permission == .allow, "\(text)")
                        #expect(answer["X-Auth-Request-User"] == "" && answer["X-SSO-Assertion"] == "")
                    case 401: #expect(decision?.permission == .signIn, "\(text)")
                    default: #expect(answer.status == 400 || answer.status == 403, "\(text): \(answer.status)")
                    }
                }
                return statuses
            }
            #expect([200, 403, 401].allSatisfy { statuses[$0, default: 0] > 50 }, "\(statuses)")
        }
    }

    @Test(arguments: [9_000, 20_000, 65_536, 200_000])
    func `RT-17 is refused when it is too long`(length: Int) async throws {
        try await LoginWorld.run({ $0.rules = Self.rules }) { world in
            let port = world.port
            let status = try await onThread {
                let connection = try RawConnection(port: port)
                connection.send(
                    "GET /authz/nginx HTTP/1.1\r\nHost: gateway\r\nX-Original-Method: GET\r\n"
                        + "X-Forwarded-Host: app.example.test\r\nX-Forwarded-Proto: https\r\n"
                        + "X-Original-URI: /public/\(String(repeating: "a", count: length))\r\n\r\n")
                // A server that has read enough may close before it has read it all.
                return connection.receiveResponse(patience: 20)?.status ?? 0
            }
            #expect(status == 0 || (400...499).contains(status), "\(status)")
            let afterwards = try await world.browser().get("/sso/start?rd=/x")
            #expect(afterwards.status == 303)
        }
    }
}
