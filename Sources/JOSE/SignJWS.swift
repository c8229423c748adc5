package import OpenSSLCrypto
package import SecretMemory

/// Makes signed tokens and key sets: for the provider's stand-in and for tests.
package enum SignJWS {
    /// The compact serialisation (RFC 7515 section 3.1) with an RS256 signature, whatever `header` says of itself.
    package static func compact(header: JSONObject, payload: [UInt8], with key: RSAPrivateKey) -> SecretBytes {
        let signed = Base64URL.encode(header.encoded) + "." + Base64URL.encode(payload)
        return SecretBytes(signed + "." + Base64URL.encode(key.sign(Array(signed.utf8), using: .sha256)))
    }

    /// The usual header: `alg` RS256, `typ` JWT and `kid`.
    package static func compact(payload: JSONObject, keyID: String, with key: RSAPrivateKey) -> SecretBytes {
        compact(
            header: ["alg": .string("RS256"), "typ": .string("JWT"), "kid": .string(keyID)], payload: payload.encoded,
            with: key)
    }

    /// The public half as an entry of a key set (RFC 7517 section 4, RFC 7518 section 6.3.1).
    package static func publicJWK(_ key: RSAPrivateKey, keyID: String) -> JSONObject {
        [
            "kty": .string("RSA"), "use": .string("sig"), "alg": .string("RS256"), "kid": .string(keyID),
            "n": .string(Base64URL.encode(key.modulus)), "e": .string(Base64URL.encode(key.exponent)),
        ]
    }

    /// The whole set.
    package static func keySet(_ keys: [JSONObject]) -> JSONObject {
        ["keys": .array(keys.map(JSONValue.object))]
    }
}
