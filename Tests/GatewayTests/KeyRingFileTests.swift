import OpenSSLCrypto
import SecretMemory
import Testing

@testable import Gateway

@Suite struct `The key ring's file` {
    private static let secret = String(repeating: "A", count: 42) + "E"
    private static let scalar = String(repeating: "A", count: 42) + "I"

    private static func ring(_ entries: String...) -> SecretBytes {
        SecretBytes("{\"keys\":[\(entries.joined(separator: ","))]}")
    }

    private static func entry(id: String = "0a1b2c3d", secret: String = secret, assertionKey: String = scalar)
        -> String
    {
        #"{"id":"\#(id)","created_at":1,"secret":"\#(secret)","assertion_key":"\#(assertionKey)"}"#
    }

    @Test func `reads what it generates, each time another key`() throws {
        let rings = try (0..<3).map { _ in try KeyRingFile(parsing: SecretBytes(KeyRingFile(now: 1).document)).ring }
        #expect(rings.allSatisfy { $0.keys.count == 1 && $0.keys[0].secret.count == 32 })
        #expect(Set(rings.map(\.keys[0].id)).count == 3 && Set(rings.map(\.keys[0].assertionKey.x)).count == 3)
    }

    @Test func `keeps the order, and the two secrets apart`() throws {
        let ring = try KeyRingFile(parsing: Self.ring(Self.entry(), Self.entry(id: "00000002"))).ring
        #expect(ring.keys.map(\.id) == ["0a1b2c3d", "00000002"])
        #expect(ring.keys[0].secret.exposedBytes == [UInt8](repeating: 0, count: 31) + [1])
        #expect(ring.keys[0].assertionKey.scalar.exposedBytes == [UInt8](repeating: 0, count: 31) + [2])
    }

    @Test(
        arguments: [
            (#"{"keys":[]}"#, .shape), (#"{}"#, .shape), (#"{"keys":[1]}"#, .shape),
            (#"{"keys":[{"id":"0a1b2c3d","created_at":1,"secret":"\#(secret)"}]}"#, .assertionKey(keyID: "0a1b2c3d")),
            (
                #"{"keys":[\#(entry().replacing("\"created_at\":1,", with: "\"created_at\":9223372036854775807,"))]}"#,
                .shape
            ),
            (#"{"keys":[\#(entry().replacing("\"created_at\":1,", with: "\"created_at\":-1,"))]}"#, .shape),
            (#"{"version":2,"keys":[\#(entry())]}"#, .newerVersion(2)),
            (#"{"version":0,"keys":[\#(entry())]}"#, .shape), (#"{"version":"1","keys":[\#(entry())]}"#, .shape),
            (#"{"keys":[\#(entry(id: "0A1B2C3D"))]}"#, .keyID("0A1B2C3D")),
            (#"{"keys":[\#(entry(secret: "AAAA"))]}"#, .secret(keyID: "0a1b2c3d")),
            (#"{"keys":[\#(entry(assertionKey: "AAAA"))]}"#, .assertionKey(keyID: "0a1b2c3d")),
            // Zero, and beyond the curve's order.
            (
                #"{"keys":[\#(entry(assertionKey: String(repeating: "A", count: 43)))]}"#,
                .assertionKey(keyID: "0a1b2c3d")
            ),
            (
                #"{"keys":[\#(entry(assertionKey: String(repeating: "_", count: 42) + "8"))]}"#,
                .assertionKey(keyID: "0a1b2c3d")
            ),
            (#"{"keys":[\#(entry()),\#(entry())]}"#, .duplicateKeyID("0a1b2c3d")),
        ] as [(String, KeyRingFile.Refusal)])
    func `refuses everything else`(document: String, refusal: KeyRingFile.Refusal) {
        #expect(throws: refusal) { try KeyRingFile(parsing: SecretBytes(document)) }
    }

    @Test func `keeps what it does not know`() throws {
        let entry = Self.entry().dropLast() + #","label":"first"}"#
        let ring = try KeyRingFile(parsing: SecretBytes(#"{"version":1,"keys":[\#(entry)],"owner":"ada"}"#))
        let text = String(decoding: ring.document, as: UTF8.self)
        #expect(text.contains(#""label":"first""#) && text.contains(#""owner":"ada""#))
        #expect(try KeyRingFile(parsing: SecretBytes(text)).keys.map(\.id) == ["0a1b2c3d"])
    }

    @Test func `rotates: the fresh key makes, the old ones open`() throws {
        var ring = KeyRingFile(now: 100)
        let first = ring.keys[0].id
        let second = ring.rotate(now: 200)
        #expect(ring.keys.map(\.id) == [second, first] && ring.ring.keys.map(\.id) == [second, first])
        #expect(ring.preparedKey == nil)
        let third = ring.rotate(now: 200)
        #expect(ring.keys.map(\.id) == [third, second, first])
    }

    @Test(arguments: [50, 100, 200]) func `a prepared key waits for its turn, whatever the clock says`(now: Int64)
        throws
    {
        var ring = KeyRingFile(now: 100)
        let first = ring.keys[0].id
        let prepared = ring.prepare(now: now)
        #expect(ring.keys.map(\.id) == [first, prepared] && ring.preparedKey == prepared)
        #expect(ring.prepare(now: now) == prepared && ring.keys.count == 2)
        #expect(ring.rotate(now: now) == prepared)
        #expect(ring.keys.map(\.id) == [prepared, first] && ring.preparedKey == nil)
        let next = ring.rotate(now: now)
        #expect(ring.keys.map(\.id) == [next, prepared, first] && ring.preparedKey == nil)
    }

    @Test func `retires every key but the one that makes`() throws {
        var ring = KeyRingFile(now: 100)
        let first = ring.keys[0].id
        let second = ring.rotate(now: 200)
        #expect(throws: KeyRingFile.RetirementRefusal.keyInUse) { try ring.retire(second) }
        #expect(throws: KeyRingFile.RetirementRefusal.unknownKey) { try ring.retire("00000000") }
        try ring.retire(first)
        #expect(ring.keys.map(\.id) == [second])
    }
}
