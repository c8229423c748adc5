import JOSE
import OpenSSLCrypto
import SecretMemory
import Testing
import Untrusted

/// Thousands of made-up inputs, each run the same ones.
@Suite struct `Properties` {
    private struct Numbers: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var value = state
            value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
            value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
            return value ^ value >> 31
        }

        mutating func bytes(_ count: Int) -> [UInt8] {
            (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }
        }

        mutating func value(_ depth: Int) -> JSONValue {
            switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &self) {
            case 0: .null
            case 1: .bool(Bool.random(using: &self))
            case 2: .integer(Int64(truncatingIfNeeded: next()))
            case 3: .number(Double(bitPattern: next()).isFinite ? Double(bitPattern: state) * 0.5 : 0.5)
            case 4: .string(text())
            case 5: .array((0..<Int.random(in: 0..<4, using: &self)).map { _ in value(depth - 1) })
            default: .object(object(depth - 1))
            }
        }

        mutating func object(_ depth: Int) -> JSONObject {
            JSONObject((0..<Int.random(in: 0..<4, using: &self)).map { ("\($0)\(text())", value(depth)) })
        }

        mutating func text() -> String {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0..<6, using: &self) {
                let limit: UInt32 = [0x80, 0x100, 0x3000, 0x11_0000].randomElement(using: &self)!
                text.append(Unicode.Scalar(UInt32.random(in: 0..<limit, using: &self)) ?? "\u{d7ff}")
            }
            return String(text)
        }
    }

    @Test func `whatever base64url takes is what it would have written`() {
        var numbers = Numbers(state: 1)
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var taken = 0
        for round in 0..<20_000 {
            var text = (0..<Int.random(in: 0..<24, using: &numbers)).map { _ in letters.randomElement(using: &numbers)!
            }
            if round % 4 == 0, !text.isEmpty {
                text[Int.random(in: text.indices, using: &numbers)] = numbers.bytes(1)[0]
            }
            guard let bytes = Base64URL.decode(text) else { continue }
            taken += 1
            #expect(Array(Base64URL.encode(bytes).utf8) == text)
        }
        #expect(taken > 5000)
    }

    @Test func `whatever base64url writes comes back, and nothing near it does`() {
        var numbers = Numbers(state: 2)
        for _ in 0..<3000 {
            let bytes = numbers.bytes(Int.random(in: 0..<80, using: &numbers))
            let text = Base64URL.encode(bytes)
            #expect(Base64URL.decode(text) == bytes)
            for other in [text + "=", text + "A===", " " + text, text + "\n"] {
                #expect(Base64URL.decode(other) == nil)
            }
        }
    }

    @Test func `JSON that is written is read as it was`() throws {
        var numbers = Numbers(state: 3)
        for _ in 0..<3000 {
            let value = numbers.value(5)
            #expect(try JSONValue.parse(value.encoded) == value)
        }
    }

    @Test func `JSON that is damaged is refused or read as something that stays itself`() {
        var numbers = Numbers(state: 4)
        for _ in 0..<5000 {
            var text = JSONValue.object(numbers.object(4)).encoded
            for _ in 0..<Int.random(in: 1..<4, using: &numbers) {
                let place = Int.random(in: text.indices, using: &numbers)
                switch Int.random(in: 0..<3, using: &numbers) {
                case 0: text[place] = numbers.bytes(1)[0]
                case 1: text.insert(numbers.bytes(1)[0], at: place)
                default: if text.count > 1 { text.remove(at: place) }
                }
            }
            // Compared as text, because a damaged number may be infinite, which is written as null.
            guard let written = try? JSONValue.parse(text).encoded else { continue }
            #expect((try? JSONValue.parse(written))?.encoded == written)
        }
    }

    @Test func `RT-74 every integer literal is its integer, or a number beyond`() throws {
        var numbers = Numbers(state: 5)
        for _ in 0..<3000 {
            let integer = Int64(truncatingIfNeeded: numbers.next()) >> Int64.random(in: 0..<63, using: &numbers)
            #expect(try JSONValue.parse(Array("\(integer)".utf8)) == .integer(integer))
            let digits = String((0..<Int.random(in: 20..<400, using: &numbers)).map { _ in "9" })
            guard case .number(let large) = try JSONValue.parse(Array(digits.utf8)) else {
                Issue.record("\(digits) is no integer of ours")
                continue
            }
            #expect(large >= 0x1p63)
            // With a fraction or an exponent it is never an integer, however whole.
            for tail in [".0", "e0", "E-0", ".00e+0"] {
                guard case .number = try JSONValue.parse(Array("\(integer)\(tail)".utf8)) else {
                    Issue.record("\(integer)\(tail)")
                    continue
                }
            }
        }
    }

    @Test func `RT-76 random bytes are no token, no key set and no crash`() {
        var numbers = Numbers(state: 6)
        let keySet = Array(SignJWS.keySet([RFC7515Example.key]).encoded)
        let token = Array(RFC7515Example.token.utf8)
        for round in 0..<4000 {
            var text = round % 2 == 0 ? token : keySet
            for _ in 0..<Int.random(in: 1..<6, using: &numbers) {
                let place = Int.random(in: text.indices, using: &numbers)
                text.replaceSubrange(
                    place..<min(text.count, place + Int.random(in: 0..<9, using: &numbers)),
                    with: numbers.bytes(Int.random(in: 0..<9, using: &numbers)))
                if text.isEmpty { text = [0] }
            }
            if round % 2 == 0 {
                guard text != token, let jws = try? UnverifiedJWS(SecretBytes(text)) else { continue }
                #expect((try? RFC7515Example.set.verify(jws, algorithms: Set(SignatureAlgorithm.allCases))) == nil)
            } else {
                _ = try? JWKSet(parsing: SecretBytes(text))
            }
        }
    }

    @Test func `the gateway's own ES256 tokens hold under our own verifier`() throws {
        for number in 0..<50 {
            let key = ECPrivateKey.generate(.p256)
            let token = SignJWS.compact(
                payload: ["n": .integer(Int64(number))], keyID: "own", with: .ec(key), by: .es256)
            let entry = SignJWS.publicJWK(.ec(key), keyID: "own", for: .es256)
            let set = try JWKSet(parsing: SecretBytes(SignJWS.keySet([entry]).encoded))
            let verified = try set.verify(UnverifiedJWS(token), algorithms: [.es256])
            #expect(verified.payload.exposedText?.string == #"{"n":\#(number)}"#)
        }
    }
}
