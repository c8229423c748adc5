import JOSE
import OpenSSLCrypto
import SecretMemory
import Untrusted

/// Makes id_tokens with one fault: in the signature here, in the claims in `SpoilClaims`.
struct SpoilToken {
    let mint: MintToken
    /// Signs the good ones.
    let key: StandInState.SigningKey
    /// Was published once.
    let retired: StandInState.SigningKey
    let fault: StandInFault

    var compact: String {
        let payload = JSONObject(SpoilClaims(mint: mint).claims(fault)).encoded
        let algorithm = mint.settings.algorithm
        let sign = { (signed: [UInt8]) in key.key.sign(signed, by: algorithm) }
        switch fault {
        case .algNone: return assemble("none", payload) { _ in [] }
        case .algHS256:
            // Attacks a verifier that takes the algorithm from the token and uses the public key as its secret.
            let secret = SecretBytes(key.key.publicPEM)
            return assemble("HS256", payload) { HMACKey(secret).code(for: $0) }
        case .algRS512:
            guard case .rsa(let rsa) = key.key else { return assemble("RS512", payload, sign) }
            return assemble("RS512", payload) { rsa.sign($0, using: .sha512) }
        case .retiredKid:
            return assemble(algorithm.name, payload, keyID: retired.id) { retired.key.sign($0, by: algorithm) }
        case .unknownKid: return assemble(algorithm.name, payload, keyID: "nobody-knows-me", sign)
        case .noKid: return assemble(algorithm.name, payload, keyID: nil, sign)
        case .tamperedPayload: return tamperedPayload(assemble(algorithm.name, payload, sign))
        case .tamperedSignature:
            return assemble(algorithm.name, payload) { signed in
                var signature = sign(signed)
                signature[signature.count / 2] ^= 1
                return signature
            }
        default: return assemble(algorithm.name, payload, sign)
        }
    }

    private func assemble(_ algorithm: String, _ payload: [UInt8], _ sign: ([UInt8]) -> [UInt8]) -> String {
        assemble(algorithm, payload, keyID: key.id, sign)
    }

    private func assemble(
        _ algorithm: String, _ payload: [UInt8], keyID: String?, _ sign: ([UInt8]) -> [UInt8]
    ) -> String {
        var header: [(name: UntrustedText, value: JSONValue)] = [("alg", .string(algorithm)), ("typ", .string("JWT"))]
        if let keyID { header.append(("kid", .string(keyID))) }
        let signed = "\(Base64URL.encode(JSONObject(header).encoded)).\(Base64URL.encode(payload))"
        return "\(signed).\(Base64URL.encode(sign(Array(signed.utf8))))"
    }

    /// The member becomes an administrator, and the token is valid for a year.
    private func tamperedPayload(_ token: String) -> String {
        let parts = token.split(separator: ".")
        let claims = mint.claims.map { claim -> (name: UntrustedText, value: JSONValue) in
            switch claim.name {
            case "user_role": (claim.name, .string("ADMIN"))
            case "exp": (claim.name, .integer(mint.now + 31_536_000))
            default: claim
            }
        }
        return "\(parts[0]).\(Base64URL.encode(JSONObject(claims).encoded)).\(parts[2])"
    }
}
