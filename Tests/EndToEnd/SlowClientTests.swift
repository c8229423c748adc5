import Foundation
import Locking
import TestSupport
import Testing

@testable import ProviderStandIn

/// Clients that read or write slowly, or close half of their connection, at the executable. Decisions go on, and nothing
/// of such a client stays behind.
@Suite struct SlowClientTests {
    private static let most = 60

    /// Decisions on other connections while `clients` do what they do, each much sooner than the deadlines of such clients.
    private static func expectDecisions(_ browser: TestBrowser) async throws {
        for _ in 0..<30 {
            let began = ContinuousClock.now
            #expect(try await SignedInProcess.decision(browser, "/").status == 200)
            #expect(ContinuousClock.now - began < .seconds(5))
        }
    }

    private static func descriptors(_ world: ProcessWorld) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(world.process.child.id)/fd").count
    }

    /// Waits until the process has as few descriptors as before.
    private static func expectDescriptors(_ count: Int, _ world: ProcessWorld) async throws {
        for _ in 0..<900 where try descriptors(world) > count { try await Task.sleep(for: .milliseconds(50)) }
        #expect(try descriptors(world) <= count)
    }

    @Test func `clients that read nothing, and write a byte now and then, hold up no decision`() async throws {
        try await SignedInProcess.run { world, browser in
            let page = try await browser.get("/sso/callback?code=made-up").body
            let asset = try #require(page.firstRange(of: "/sso/assets/gateway-")?.lowerBound)
            let path = page[asset...].prefix { $0 != "\"" }
            let port = world.ports.open
            let before = try Self.descriptors(world)
            let readers = try await onThread {
                try (0..<Self.most).map { _ in
                    let reader = try RawConnection(port: port, receiveBuffer: 1024)
                    // As many answers as no buffer between the two holds.
                    for _ in 0..<200 { reader.send("GET \(path) HTTP/1.1\r\nHost: a.test\r\n\r\n") }
                    return reader
                }
            }
            let writers = try await onThread {
                try (0..<30).map { _ in
                    let writer = try RawConnection(port: port)
                    writer.send("POST /sso/webhook HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1000\r\n\r\n{")
                    return writer
                }
            }
            for writer in writers { writer.send("\"") }
            try await Self.expectDecisions(browser)
            #expect(try await world.ready().contains(#""status":"ready""#))
            #expect(try await world.metric(#"sso_gateway_connections{listener="public"}"#) ?? 0 >= 90)
            for client in readers + writers { client.resetAtEnd() }
            withExtendedLifetime((readers, writers)) {}
            _ = consume readers
            _ = consume writers
            try await Self.expectDescriptors(before + 4, world)
        }
    }

    /// While the marketplace works on their logins.
    @Test func `clients that close the sending half, or both, leave nothing behind`() async throws {
        try await SignedInProcess.run { world, browser in
            let before = try Self.descriptors(world)
            world.standIn.standIn.state.withLock { $0.delay = 1500 }
            world.standIn.fail(.tokenSlow)
            let port = world.ports.open
            let queries = (0..<Self.most / 4).map { _ in world.standIn.click() }
            let (half, gone) = try await onThread {
                func login(_ query: String) throws -> RawConnection {
                    let client = try RawConnection(port: port)
                    client.send("GET /sso/callback?\(query) HTTP/1.1\r\nHost: app.example.test\r\n\r\n")
                    return client
                }
                let half = try queries.prefix(queries.count / 2).map(login)
                for client in half { client.finishSending() }
                return (half, try queries.dropFirst(queries.count / 2).map(login))
            }
            _ = consume gone
            try await Self.expectDecisions(browser)
            // With libmicrohttpd 0.9.75 the answer may be missing. The connection ends all the same.
            let ends = try await onThread { half.map { $0.receiveAll(patience: 10) } }
            #expect(ends.allSatisfy { $0.isClosed })
            for end in ends where !end.bytes.isEmpty {
                #expect(String(decoding: end.bytes, as: UTF8.self).hasPrefix("HTTP/1.1 303"))
            }
            world.standIn.fail(.none)
            _ = consume half
            #expect(try await world.browser().callBack(world.standIn.click()).status == 303)
            // Kept connections to the stand-in, one for each login that was under way.
            try await Self.expectDescriptors(before + queries.count + 4, world)
        }
    }
}
