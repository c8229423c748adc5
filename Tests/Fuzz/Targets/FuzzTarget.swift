import Gateway
import JOSE
import SecretMemory
import Untrusted

/// What is fuzzed, and what must hold for every input: a broken promise traps. libFuzzer feeds it, and the seeds go
/// through the same functions in an ordinary test.
package enum FuzzTarget: String, CaseIterable, Sendable {
    case base64url, json, jws, jwks, claims, cookie, cost, call, request, ring

    package func run(_ bytes: [UInt8]) {
        switch self {
        case .base64url: Self.base64url(bytes)
        case .json: Self.json(bytes)
        case .jws: KnownTokens.shared.present(bytes)
        case .jwks: KnownTokens.shared.judge(by: bytes)
        case .claims: SignedClaims.shared.check(bytes)
        case .cookie: SentCookies.shared.send(bytes)
        case .cost: MeasuredCost.shared.read(bytes)
        case .call: SentCalls.send(bytes)
        case .request: SentRequests.shared.send(bytes)
        case .ring: Self.ring(bytes)
        }
    }

    /// What is decoded has one spelling, and whatever is encoded comes back.
    private static func base64url(_ bytes: [UInt8]) {
        let decoded = Base64URL.decode(bytes)
        precondition(Base64URL.decode(SecretBytes(bytes))?.exposedBytes == decoded)
        if let decoded { precondition(Array(Base64URL.encode(decoded).utf8) == bytes) }
        let text = Base64URL.encode(bytes)
        precondition(Base64URL.decode(text) == bytes)
        precondition(Base64URL.encode(SecretBytes(bytes)).exposedText?.equals(text) == true)
    }

    /// A key ring's file that is read is written so that it is read as the same again.
    private static func ring(_ bytes: [UInt8]) {
        let file: KeyRingFile
        do { file = try KeyRingFile(parsing: SecretBytes(bytes)) } catch {
            precondition(!"\(error)".isEmpty)
            return
        }
        guard let again = try? KeyRingFile(parsing: SecretBytes(file.document)) else {
            preconditionFailure("the ring is not read again")
        }
        precondition(again.document == file.document && again.keys.map(\.id) == file.keys.map(\.id))
    }

    /// What is read is written so that it is read as the same again.
    private static func json(_ bytes: [UInt8]) {
        let value: JSONValue
        do { value = try JSONValue.parse(bytes) } catch {
            precondition((try? JSONValue.parse(SecretBytes(bytes))) == nil)
            precondition((try? JSONObject(parsing: bytes)) == nil)
            return
        }
        let written = value.encoded
        guard let again = try? JSONValue.parse(written) else { preconditionFailure("\(value) is not read again") }
        precondition(again.encoded == written)
        // Infinities are written as null.
        if !written.contains(UInt8(ascii: "n")) { precondition(again == value) }
        guard case .object(let object) = value else { return }
        for (name, member) in object.members { precondition(object[name] == member) }
    }
}
