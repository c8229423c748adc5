internal import COpenSSL
package import SecretMemory

/// An elliptic-curve key that checks ECDSA signatures.
package final class ECPublicKey: Sendable {
    package let curve: EllipticCurve
    private let contexts: ContextPool

    /// Takes both coordinates as big-endian bytes, exactly as long as the curve's (RFC 7518 section 6.2.1).
    package init(curve: EllipticCurve, x: [UInt8], y: [UInt8]) throws(KeyRefusal) {
        for coordinate in [x, y] where coordinate.count != curve.coordinateCount {
            throw .length(bytes: coordinate.count, needed: curve.coordinateCount)
        }
        let point = [4] + x + y
        guard let key = unsafe PublicKeyHandle(owning: gateway_ec_public_key(curve.groupName, point, point.count))
        else { throw .notOnCurve }
        self.curve = curve
        contexts = unsafe key.contexts(curve.digest)
    }

    /// Whether this key made `signature` over `message`: r ‖ s, each exactly as long as a coordinate (RFC 7518 section 3.4),
    /// not ASN.1.
    package func isValidSignature(_ signature: SecretBytes, over message: SecretBytes) -> Bool {
        guard signature.count == 2 * curve.coordinateCount else { return false }
        let hash = unsafe message.withUnsafeBytes { unsafe curve.digest.hash($0) }
        var sequence = ECDSASignatureForm.sequence(signature)
        defer { sequence.cleanse() }
        return unsafe sequence.withUnsafeBytes { unsafe contexts.isValidSignature($0, over: hash) }
    }

    /// For bytes that are not secret.
    package func isValidSignature(_ signature: [UInt8], over message: [UInt8]) -> Bool {
        isValidSignature(SecretBytes(signature), over: SecretBytes(message))
    }
}
