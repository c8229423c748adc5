package import OpenSSLCrypto
package import SecretMemory
import Untrusted

/// Makes signed tokens and key sets.
package enum SignJWS {
    /// The compact serialisation (RFC 7515 section 3.1), signed by `algorithm` even where `header` names another one.
    package static func compact(
        header: JSONObject, payload: [UInt8], with key: SigningKey, by algorithm: SignatureAlgorithm
    ) -> SecretBytes {
        SecretBytes(text(header, payload, with: key, by: algorithm))
    }

    /// With the header `alg`, `typ` JWT and `kid`.
    package static func compact(
        payload: JSONObject, keyID: String, with key: SigningKey, by algorithm: SignatureAlgorithm
    ) -> SecretBytes {
        SecretBytes(text(payload: payload, keyID: keyID, with: key, by: algorithm))
    }

    /// As ordinary text, with the header `alg`, `typ` JWT and `kid`.
    package static func text(
        payload: JSONObject, keyID: String, with key: SigningKey, by algorithm: SignatureAlgorithm
    ) -> String {
        let header: JSONObject = [
            "alg": .string(algorithm.name), "typ": .string("JWT"), "kid": .string(keyID),
        ]
        return text(header, payload.encoded, with: key, by: algorithm)
    }

    private static func text(
        _ header: JSONObject, _ payload: [UInt8], with key: SigningKey, by algorithm: SignatureAlgorithm
    ) -> String {
        let signed = Base64URL.encode(header.encoded) + "." + Base64URL.encode(payload)
        return signed + "." + Base64URL.encode(key.sign(Array(signed.utf8), by: algorithm))
    }

    /// The public half as an entry of a key set (RFC 7517 section 4) for one algorithm.
    package static func publicJWK(
        _ key: SigningKey, keyID: String, for algorithm: SignatureAlgorithm
    ) -> JSONObject {
        let use: [(name: UntrustedText, value: JSONValue)] = [
            ("kty", .string(key.type)), ("use", .string("sig")), ("alg", .string(algorithm.name)),
            ("kid", .string(keyID)),
        ]
        return JSONObject(use + key.publicNumbers)
    }

    package static func keySet(_ keys: [JSONObject]) -> JSONObject {
        ["keys": .array(keys.map(JSONValue.object))]
    }
}

/// With RS256, the marketplace's algorithm.
extension SignJWS {
    package static func compact(header: JSONObject, payload: [UInt8], with key: RSAPrivateKey) -> SecretBytes {
        compact(header: header, payload: payload, with: .rsa(key), by: .rs256)
    }

    package static func compact(payload: JSONObject, keyID: String, with key: RSAPrivateKey) -> SecretBytes {
        compact(payload: payload, keyID: keyID, with: .rsa(key), by: .rs256)
    }

    package static func publicJWK(_ key: RSAPrivateKey, keyID: String) -> JSONObject {
        publicJWK(.rsa(key), keyID: keyID, for: .rs256)
    }
}
