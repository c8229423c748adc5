import Foundation
import SecretMemory
import TestSupport
import Testing

@testable import OpenSSLCrypto

@Suite struct `Keys on P-256` {
    private static func bytes(_ hexadecimal: String) -> [UInt8] {
        stride(from: 0, to: hexadecimal.utf8.count, by: 2).compactMap { position in
            UInt8(hexadecimal.dropFirst(position).prefix(2), radix: 16)
        }
    }

    /// RFC 6979 section A.2.5.
    @Test func `have the public point that the standard says`() throws {
        let scalar = Self.bytes("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721")
        let key = try #require(ECPrivateKey(.p256, scalar: SecretBytes(scalar)))
        #expect(key.x == Self.bytes("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"))
        #expect(key.y == Self.bytes("7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"))
        #expect(key.scalar.exposedBytes == scalar)
        #expect(isErrorQueueEmpty())
    }

    @Test(arguments: [
        "", "00", String(repeating: "00", count: 32), String(repeating: "ff", count: 32),
        // The order, and what is a byte too short or too long.
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        String(repeating: "01", count: 31), String(repeating: "01", count: 33),
    ])
    func `refuse a number outside the curve`(scalar: String) {
        #expect(ECPrivateKey(.p256, scalar: SecretBytes(Self.bytes(scalar))) == nil)
        #expect(isErrorQueueEmpty())
    }

    @Test func `take the largest number`() {
        let scalar = Self.bytes("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550")
        #expect(ECPrivateKey(.p256, scalar: SecretBytes(scalar)) != nil)
    }

    @Test func `are all different`() {
        #expect(Set((0..<50).map { _ in ECPrivateKey.generate(.p256).x }).count == 50)
    }

    @Test func `sign from many threads at once, each signature 64 bytes and another one`() async {
        let key = ECPrivateKey.generate(.p256)
        let signatures = await withTaskGroup(of: [UInt8].self) { group in
            for number in 0..<400 { group.addTask { key.sign(Array("message \(number)".utf8)) } }
            return await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
        }
        #expect(signatures.count == 400 && signatures.allSatisfy { $0.count == 64 })
        // The same message never gets the same numbers: a repeated nonce would give the key away.
        #expect(Set((0..<100).map { _ in key.sign([1]).prefix(32).map(\.self) }).count == 100)
        #expect(isErrorQueueEmpty())
    }
}
