import HTTP
import Testing

@testable import CurlHTTPClient

@Suite struct HostConnectionLimitTests {
    private static func transfers(_ count: Int, to host: String = "a.test") throws -> [Transfer] {
        try (0..<count).map { _ in
            try Transfer(
                HTTPClientRequest(.get, "https://\(host)/", timeout: .seconds(60)), ClientSettings(),
                connections: KeptConnections())
        }
    }

    private static func places(of admitted: [Transfer], among all: [Transfer]) -> [Int?] {
        admitted.map { one in all.firstIndex { $0 === one } }
    }

    @Test func `a quick host gets few connections, and transfers start in the order of arrival`() throws {
        var limit = HostConnectionLimit(many: 20, few: 5)
        let all = try Self.transfers(40)
        #expect(all.map { limit.start($0) } == (0..<40).map { $0 < 5 })
        var admitted = Array(all[..<5])
        for number in 0..<40 {
            if let next = limit.end(admitted[number]) { admitted.append(next) }
            // Each connection has had two transfers by then.
            if number % 10 == 9 { #expect(limit.review().isEmpty) }
        }
        #expect(Self.places(of: admitted, among: all) == Array(0..<40) && limit.queuedCount == 0)
    }

    @Test func `a slow host gets many connections, until it is quick again`() throws {
        var limit = HostConnectionLimit(many: 20, few: 5)
        let all = try Self.transfers(200)
        for transfer in all { _ = limit.start(transfer) }
        for transfer in all[..<4] { _ = limit.end(transfer) }
        let started = limit.review()
        #expect(Self.places(of: started, among: all) == Array(9..<24))
        // Two on each of the twenty connections is quick, but not enough for the low limit.
        for place in 4..<44 { #expect(limit.end(all[place]) === all[place + 20]) }
        #expect(limit.review().isEmpty)
        let running = Array(all[44..<64])
        #expect(running[..<15].allSatisfy { limit.end($0) == nil })
        #expect(limit.end(running[15]) === all[64])
    }

    @Test func `another host has a limit of its own, and a cancelled transfer never starts`() throws {
        var limit = HostConnectionLimit(many: 2, few: 2)
        let (here, there) = (try Self.transfers(4), try Self.transfers(2, to: "b.test"))
        #expect(here.map { limit.start($0) } == [true, true, false, false])
        #expect(there.map { limit.start($0) } == [true, true])
        limit.cancel(here[2])
        #expect(limit.queuedCount == 1 && limit.queued.count == 1)
        #expect(limit.end(there[0]) == nil)
        #expect(limit.end(here[0]) === here[3])
        #expect(limit.queuedCount == 0 && limit.review().isEmpty)
    }
}
