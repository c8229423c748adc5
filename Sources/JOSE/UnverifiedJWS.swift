package import SecretMemory
package import Untrusted

/// A well-formed signed token in compact serialisation (RFC 7515 section 7.1) whose signature is not checked yet. Only its
/// header can be read. `jku`, `x5u`, `jwk` and `x5c` are never read.
package struct UnverifiedJWS: Sendable {
    /// The largest token, in bytes.
    package static let maximumCount = 16 * 1024
    /// The longest key id, in bytes.
    package static let maximumKeyIDCount = 256

    private static let refusedExtensions: [UntrustedText] = ["crit", "b64", "zip"]

    package let header: JSONObject
    /// `alg` as presented; any text.
    package let algorithm: UntrustedText
    /// `kid`, if present.
    package let keyID: UntrustedText?

    /// Header, dot and payload as received: the signature covers these bytes.
    let signedPart: SecretBytes
    let payload: SecretBytes
    let signature: SecretBytes

    package init(_ compact: SecretBytes) throws(JWSRefusal) {
        guard compact.count <= Self.maximumCount else { throw .tooLarge(bytes: compact.count) }
        guard let dots = Self.twoDots(in: compact) else { throw .partCount }
        let parts = (header: 0..<dots.0, payload: (dots.0 + 1)..<dots.1, signature: (dots.1 + 1)..<compact.count)
        // An empty payload can be signed; the claims' check refuses it.
        guard !parts.header.isEmpty, !parts.signature.isEmpty else { throw .emptyPart }

        guard let headerBytes = Base64URL.decode(compact, in: parts.header) else { throw .headerNotBase64URL }
        do { header = try JSONObject(parsing: headerBytes) } catch { throw .header(error) }
        for name in Self.refusedExtensions where header[name] != nil { throw .extensionNotSupported(name: name.string) }
        guard let algorithm = header["alg"]?.text else { throw .algorithmMissing }
        self.algorithm = algorithm
        switch header["kid"] {
        case nil: keyID = nil
        case .string(let id) where (1...Self.maximumKeyIDCount).contains(id.count): keyID = id
        default: throw .keyIDMalformed
        }

        guard let payload = Base64URL.decodeSecret(compact, in: parts.payload) else { throw .payloadNotBase64URL }
        self.payload = payload
        // The signature is secret too: with the signed part it makes the token.
        guard let signature = Base64URL.decodeSecret(compact, in: parts.signature) else { throw .signatureNotBase64URL }
        self.signature = signature
        signedPart = compact.sharing(0..<dots.1)
    }

    /// The positions of the dots; nil unless there are exactly two.
    private static func twoDots(in compact: SecretBytes) -> (Int, Int)? {
        let dot = UInt8(ascii: ".")
        guard let first = compact.firstIndex(of: dot), let second = compact.firstIndex(of: dot, from: first + 1),
            compact.firstIndex(of: dot, from: second + 1) == nil
        else { return nil }
        return (first, second)
    }
}
