import HTTP
import Testing

@testable import CurlHTTPClient

@Suite struct TurnsTests {
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

    @Test func `a host that is quick gets few at once, and everybody a turn in the order of arrival`() throws {
        var turns = Turns(many: 20, few: 5)
        let all = try Self.transfers(40)
        #expect(all.map { turns.enter($0) } == (0..<40).map { $0 < 5 })
        var admitted = Array(all[..<5])
        for number in 0..<40 {
            if let next = turns.leave(admitted[number]) { admitted.append(next) }
            // Each place has had two by then.
            if number % 10 == 9 { #expect(turns.look().isEmpty) }
        }
        #expect(Self.places(of: admitted, among: all) == Array(0..<40) && turns.waitingCount == 0)
    }

    @Test func `a host that is slow gets many at once, until it is quick again`() throws {
        var turns = Turns(many: 20, few: 5)
        let all = try Self.transfers(200)
        for transfer in all { _ = turns.enter(transfer) }
        for transfer in all[..<4] { _ = turns.leave(transfer) }
        let besides = turns.look()
        #expect(Self.places(of: besides, among: all) == Array(9..<24))
        // Two in each of the twenty places is quick, but not enough for few.
        for place in 4..<44 { #expect(turns.leave(all[place]) === all[place + 20]) }
        #expect(turns.look().isEmpty)
        let running = Array(all[44..<64])
        #expect(running[..<15].allSatisfy { turns.leave($0) == nil })
        #expect(turns.leave(running[15]) === all[64])
    }

    @Test func `another host has places of its own, and who gives up has none`() throws {
        var turns = Turns(many: 2, few: 2)
        let (here, there) = (try Self.transfers(4), try Self.transfers(2, to: "b.test"))
        #expect(here.map { turns.enter($0) } == [true, true, false, false])
        #expect(there.map { turns.enter($0) } == [true, true])
        turns.giveUp(here[2])
        #expect(turns.waitingCount == 1 && turns.waiting.count == 1)
        #expect(turns.leave(there[0]) == nil)
        #expect(turns.leave(here[0]) === here[3])
        #expect(turns.waitingCount == 0 && turns.look().isEmpty)
    }
}
