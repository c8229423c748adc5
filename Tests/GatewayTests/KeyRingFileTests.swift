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
        let rings = try (0..<3).map { _ in try KeyRingFile.parse(SecretBytes(KeyRingFile.generate(now: 1))) }
        #expect(rings.allSatisfy { $0.keys.count == 1 && $0.keys[0].secret.count == 32 })
        #expect(Set(rings.map(\.keys[0].id)).count == 3 && Set(rings.map(\.keys[0].assertionKey.x)).count == 3)
    }

    @Test func `keeps the order, and the two secrets apart`() throws {
        let ring = try KeyRingFile.parse(Self.ring(Self.entry(), Self.entry(id: "00000002")))
        #expect(ring.keys.map(\.id) == ["0a1b2c3d", "00000002"])
        #expect(ring.keys[0].secret.exposedBytes == [UInt8](repeating: 0, count: 31) + [1])
        #expect(ring.keys[0].assertionKey.scalar.exposedBytes == [UInt8](repeating: 0, count: 31) + [2])
    }

    @Test(
        arguments: [
            (#"{"keys":[]}"#, .shape), (#"{}"#, .shape), (#"{"keys":[1]}"#, .shape),
            (#"{"keys":[{"id":"0a1b2c3d","created_at":1,"secret":"\#(secret)"}]}"#, .assertionKey(keyID: "0a1b2c3d")),
            (#"{"keys":[{"id":"0a1b2c3d","created_at":1,"secret":"\#(secret)","more":1}]}"#, .shape),
            (#"{"keys":[\#(entry())],"more":1}"#, .shape),
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
        #expect(throws: refusal) { try KeyRingFile.parse(SecretBytes(document)) }
    }
}
