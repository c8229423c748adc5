internal import COpenSSL
package import SecretMemory

/// An elliptic-curve key that signs by ECDSA.
package final class ECPrivateKey: Sendable {
    package let curve: EllipticCurve
    private let key: PrivateKeyHandle

    private init(_ key: PrivateKeyHandle, _ curve: EllipticCurve) {
        self.key = key
        self.curve = curve
    }

    package static func generate(_ curve: EllipticCurve) -> ECPrivateKey {
        let key = unsafe PrivateKeyHandle(generating: "EC") { context in
            unsafe require(EVP_PKEY_CTX_set_group_name(context, curve.groupName), "EVP_PKEY_CTX_set_group_name")
        }
        return ECPrivateKey(key, curve)
    }

    /// `scalar`: the private number, big-endian, as long as a coordinate. Nil for another length, for zero, and for a number
    /// that is not below the curve's order.
    package convenience init?(_ curve: EllipticCurve, scalar: SecretBytes) {
        guard scalar.count == curve.coordinateCount else { return nil }
        let pointer = unsafe scalar.withUnsafeBytes { bytes in
            unsafe gateway_ec_key_pair(
                curve.groupName, bytes.assumingMemoryBound(to: UInt8.self).baseAddress!, bytes.count)
        }
        guard let key = unsafe PrivateKeyHandle(owning: pointer) else { return nil }
        self.init(key, curve)
    }

    /// The private number, big-endian, as long as a coordinate.
    package var scalar: SecretBytes { key.secretNumber(OSSL_PKEY_PARAM_PRIV_KEY, count: curve.coordinateCount) }
    /// The public point's coordinates, big-endian.
    package var x: [UInt8] { key.number(OSSL_PKEY_PARAM_EC_PUB_X, count: curve.coordinateCount) }
    package var y: [UInt8] { key.number(OSSL_PKEY_PARAM_EC_PUB_Y, count: curve.coordinateCount) }

    /// The public half as `-----BEGIN PUBLIC KEY-----` (RFC 7468 section 13).
    package var publicPEM: String { key.publicPEM }

    /// r ‖ s, each as long as a coordinate (RFC 7518 section 3.4).
    package func sign(_ message: [UInt8]) -> [UInt8] {
        unsafe ECDSASignatureForm.halves(key.sign(message, using: curve.digest), count: curve.coordinateCount)
    }
}
