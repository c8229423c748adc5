import Testing

@testable import Gateway

/// The table that holds a part of the live index.
@Suite struct IndexTableTests {
    /// Few keys, tags and positions, so that they meet all the time.
    private static func key(_ random: inout some RandomNumberGenerator) -> IndexKey {
        IndexKey(high: random.next(upperBound: UInt64(40)) << 58, low: random.next(upperBound: UInt64(3)))
    }

    @Test func `it answers as a dictionary does, whatever is put in, looked up and let go`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<40 {
            var table = IndexTable()
            var model: [String: (until: UInt32, role: Int64)] = [:]
            var now: UInt32 = 1000
            for step in 1...400 {
                let key = Self.key(&random)
                let name = "\(key)"
                switch UInt8.random(in: 0..<8, using: &random) {
                case 0:
                    now += 1
                    table.sweep(now: now)
                    model = model.filter { $0.value.until > now }
                    #expect(table.count == model.count)
                case 1..<5:
                    let until = now + UInt32.random(in: 1...40, using: &random)
                    // Growing lets go of what is over as well.
                    model = model.filter { $0.value.until > now }
                    table.sweep(now: now)
                    table.update(key, until: until, now: now) { $0.change = Int64(step) }
                    model[name] = (max(model[name]?.until ?? 0, until), Int64(step))
                default:
                    let found = table.find(key)
                    #expect(found?.change == model[name]?.role && found?.until == model[name]?.until)
                }
            }
        }
    }

    @Test(arguments: [100, 1000, 15_000])
    func `an entry takes at most 80 bytes behind every growth`(_ count: Int) {
        var table = IndexTable()
        var random = SystemRandomNumberGenerator()
        for number in 1...count {
            let key = IndexKey(high: random.next(), low: random.next())
            table.update(key, until: .max, now: 1) { $0.revokedUpTo = 1 }
            #expect(number < 50 || table.bytes <= 80 * number, "\(table.bytes) bytes for \(number)")
        }
        #expect(table.count == count)
    }
}
