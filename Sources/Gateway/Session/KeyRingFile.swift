package import JOSE
import OpenSSLCrypto
package import SecretMemory
import Untrusted

/// The key ring as a JSON document: `{"version":1,"keys":[{"id","created_at","secret","assertion_key"}]}`. `secret` and
/// `assertion_key` (a private number on P-256) are 32 bytes each in base64url, `created_at` is in seconds since 1970.
/// Unknown fields are kept; a document without `version` is version 1.
package struct KeyRingFile: Sendable {
    package enum Refusal: Error, Sendable, Equatable {
        case notJSON(JSONRefusal)
        case newerVersion(Int64)
        /// No `keys` array with at least one object that has the four members.
        case shape
        case keyID(String)
        case secret(keyID: String)
        /// Also of a ring that an older version made: it has none.
        case assertionKey(keyID: String)
        case duplicateKeyID(String)
    }

    /// Why a key cannot be retired.
    package enum RetirementRefusal: Error, Sendable, Equatable {
        case unknownKey
        /// It seals and signs.
        case keyInUse
    }

    private struct Entry: Sendable {
        let key: KeyRing.Key
        let createdAt: Int64
        /// As in the document.
        let json: JSONObject
    }

    package static let version: Int64 = 1
    /// From 1970 to the year 9999, which date formats can show.
    private static let times: ClosedRange<Int64> = 0...253_402_300_799
    /// The members of the document beside `version` and `keys`.
    private let otherMembers: [(name: UntrustedText, value: JSONValue)]
    private var entries: [Entry]

    /// One new key. `now` in seconds since 1970.
    package init(now: Int64) {
        otherMembers = []
        entries = [Self.freshEntry(now: now)]
    }

    package init(parsing document: SecretBytes) throws(Refusal) {
        let root: JSONObject
        do { root = try JSONObject(parsing: document) } catch { throw .notJSON(error) }
        if let version = root["version"] {
            guard case .integer(let number) = version, number > 0 else { throw .shape }
            guard number == Self.version else { throw .newerVersion(number) }
        }
        guard case .array(let values)? = root["keys"], !values.isEmpty else { throw .shape }
        otherMembers = root.members.filter { $0.name != "version" && $0.name != "keys" }
        entries = []
        for value in values {
            let entry = try Self.entry(value)
            guard !entries.contains(where: { $0.key.id == entry.key.id }) else { throw .duplicateKeyID(entry.key.id) }
            entries.append(entry)
        }
    }

    package var ring: KeyRing { KeyRing(entries.map(\.key)) }

    /// In the order of the ring, which begins with the key in use.
    package var keys: [(id: String, createdAt: Int64)] { entries.map { ($0.key.id, $0.createdAt) } }

    /// A key that opens and is published, but does not seal and sign before `rotate`: the second one, where it is newer than
    /// the first.
    package var preparedKey: String? {
        entries.count > 1 && entries[1].createdAt > entries[0].createdAt ? entries[1].key.id : nil
    }

    /// Adds a key that waits for `rotate`, unless there is one. Returns its id.
    package mutating func prepare(now: Int64) -> String {
        if let preparedKey { return preparedKey }
        let entry = Self.freshEntry(now: max(now, newest + 1))
        entries.insert(entry, at: 1)
        return entry.key.id
    }

    /// Puts the prepared key in use, or a new one where none is prepared. Returns its id.
    package mutating func rotate(now: Int64) -> String {
        let entry = preparedKey == nil ? Self.freshEntry(now: max(now, newest)) : entries.remove(at: 1)
        entries.insert(entry, at: 0)
        return entry.key.id
    }

    /// Removes a key: what was sealed under it can no longer be opened.
    package mutating func retire(_ id: String) throws(RetirementRefusal) {
        guard let index = entries.firstIndex(where: { $0.key.id == id }) else { throw .unknownKey }
        guard index > 0 else { throw .keyInUse }
        entries.remove(at: index)
    }

    /// The document's text. The caller overwrites it.
    package var document: [UInt8] {
        let keys = JSONValue.array(entries.map { .object($0.json) })
        let root = JSONObject([("version", .integer(Self.version)), ("keys", keys)] + otherMembers)
        return root.encoded + [UInt8(ascii: "\n")]
    }

    /// A new key is never older than the others, whatever the clock says: `preparedKey` compares the times.
    private var newest: Int64 { entries.map(\.createdAt).max() ?? 0 }

    private static func entry(_ value: JSONValue) throws(Refusal) -> Entry {
        guard case .object(let members) = value, case .string(let name)? = members["id"],
            case .integer(let createdAt)? = members["created_at"], times.contains(createdAt),
            case .string(let text)? = members["secret"]
        else { throw .shape }
        let id = name.string
        guard name.count == 8, name.bytes.allSatisfy(Hexadecimal.isLowerCaseDigit) else { throw .keyID(id) }
        guard let secret = Base64URL.decode(SecretBytes(text.bytes)), secret.count == 32 else {
            throw .secret(keyID: id)
        }
        guard case .string(let scalar)? = members["assertion_key"],
            let assertionKey = Base64URL.decode(SecretBytes(scalar.bytes)).flatMap({ ECPrivateKey(.p256, scalar: $0) })
        else {
            throw .assertionKey(keyID: id)
        }
        let key = KeyRing.Key(id: id, secret: secret, assertionKey: assertionKey)
        return Entry(key: key, createdAt: createdAt, json: members)
    }

    private static func freshEntry(now: Int64) -> Entry {
        let key = KeyRing.Key(
            id: SecureRandom.bytes(4).hexadecimal, secret: SecretBytes(SecureRandom.bytes(32)),
            assertionKey: .generate(.p256))
        let json: JSONObject = [
            "id": .string(UntrustedText(key.id)), "created_at": .integer(now),
            "secret": .string(UntrustedText(Base64URL.encode(key.secret.exposedBytes))),
            "assertion_key": .string(UntrustedText(Base64URL.encode(key.assertionKey.scalar.exposedBytes))),
        ]
        return Entry(key: key, createdAt: now, json: json)
    }
}

extension KeyRingFile.Refusal: CustomStringConvertible {
    package var description: String {
        let again = "make a new ring with `sso-gateway keys generate`, which signs out all members"
        switch self {
        case .notJSON(let refusal): return "it is not JSON (\(refusal))"
        case .newerVersion(let version):
            return
                "it has version \(version), and this sso-gateway reads version \(KeyRingFile.version): use a newer one"
        case .shape:
            return """
                it needs `keys`, a list of objects that have `id`, `created_at`, `secret` and `assertion_key`: \
                restore it from a copy, or \(again)
                """
        case .keyID(let id): return "the id `\(id)` is not eight of the digits 0-9 and a-f"
        case .secret(let id): return "`secret` of key \(id) is not 32 bytes in base64url"
        case .assertionKey(let id): return "key \(id) has no usable `assertion_key`: restore it, or \(again)"
        case .duplicateKeyID(let id): return "two keys have the id \(id): remove the one that was added by hand"
        }
    }
}
