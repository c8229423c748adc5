package import JOSE
import OpenSSLCrypto
package import SecretMemory
import Untrusted

/// The key ring as a JSON document: `{"keys":[{"id","created_at","secret","assertion_key"}]}`, newest first; `secret` and
/// `assertion_key` (a private number on P-256) are 32 bytes each in base64url.
package enum KeyRingFile {
    package enum Refusal: Error, Sendable, Equatable {
        case notJSON(JSONRefusal)
        /// Not an object with a `keys` array of at least one object of exactly the four members.
        case shape
        case keyID(String)
        case secret(keyID: String)
        /// Also of a ring that an older version made: it has none.
        case assertionKey(keyID: String)
        case duplicateKeyID(String)
    }

    package static func parse(_ document: SecretBytes) throws(Refusal) -> KeyRing {
        let root: JSONObject
        do { root = try JSONObject(parsing: document) } catch { throw .notJSON(error) }
        guard case .array(let entries)? = root["keys"], !entries.isEmpty, root.members.count == 1 else { throw .shape }
        let names: [UntrustedText] = ["id", "created_at", "secret", "assertion_key"]
        var keys: [KeyRing.Key] = []
        for entry in entries {
            guard case .object(let members) = entry, case .string(let name)? = members["id"],
                case .integer? = members["created_at"], case .string(let text)? = members["secret"],
                members.members.allSatisfy({ names.contains($0.name) })
            else { throw .shape }
            let id = name.string
            guard name.count == 8, name.bytes.allSatisfy(Hexadecimal.isLowerCaseDigit) else { throw .keyID(id) }
            guard let secret = Base64URL.decode(SecretBytes(text.bytes)), secret.count == 32 else {
                throw .secret(keyID: id)
            }
            guard case .string(let scalar)? = members["assertion_key"],
                let assertionKey = Base64URL.decode(SecretBytes(scalar.bytes)).flatMap(P256PrivateKey.init(scalar:))
            else {
                throw .assertionKey(keyID: id)
            }
            guard !keys.contains(where: { $0.id == id }) else { throw .duplicateKeyID(id) }
            keys.append(KeyRing.Key(id: id, secret: secret, assertionKey: assertionKey))
        }
        return KeyRing(keys)
    }

    /// A document with one fresh key. `now` in seconds since 1970.
    package static func generate(now: Int64) -> String {
        let id = SecureRandom.bytes(4).hexadecimal
        let key: JSONObject = [
            "id": .string(id), "created_at": .integer(now),
            "secret": .string(Base64URL.encode(SecureRandom.bytes(32))),
            "assertion_key": .string(Base64URL.encode(P256PrivateKey.generate().scalar.exposedBytes)),
        ]
        return String(decoding: (["keys": .array([.object(key)])] as JSONObject).encoded, as: UTF8.self) + "\n"
    }
}
