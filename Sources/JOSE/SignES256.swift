package import OpenSSLCrypto
import Untrusted

/// Tokens and key sets of a key on P-256 (RFC 7518 sections 3.4 and 6.2).
package enum SignES256 {
    /// The compact serialisation (RFC 7515 section 3.1) with the header `alg` ES256, `typ` JWT and `kid`.
    package static func compact(payload: JSONObject, keyID: String, with key: P256PrivateKey) -> String {
        let header: JSONObject = ["alg": .string("ES256"), "typ": .string("JWT"), "kid": .string(keyID)]
        let signed = Base64URL.encode(header.encoded) + "." + Base64URL.encode(payload.encoded)
        return signed + "." + Base64URL.encode(key.sign(Array(signed.utf8)))
    }

    /// The public half as an entry of a key set (RFC 7517 section 4).
    package static func publicJWK(_ key: P256PrivateKey, keyID: String) -> JSONObject {
        [
            "kty": .string("EC"), "use": .string("sig"), "alg": .string("ES256"), "kid": .string(keyID),
            "crv": .string("P-256"), "x": .string(Base64URL.encode(key.x)), "y": .string(Base64URL.encode(key.y)),
        ]
    }
}
