internal import COpenSSL

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

    /// A coordinate of the public point, big-endian, as long as the curve's coordinates are.
    package var x: [UInt8] { key.number(OSSL_PKEY_PARAM_EC_PUB_X, count: curve.coordinateCount) }
    /// The other one.
    package var y: [UInt8] { key.number(OSSL_PKEY_PARAM_EC_PUB_Y, count: curve.coordinateCount) }

    /// The public half as `-----BEGIN PUBLIC KEY-----` (RFC 7468 section 13).
    package var publicPEM: String { key.publicPEM }

    /// Both halves one behind the other, each as long as a coordinate (RFC 7518 section 3.4).
    package func sign(_ message: [UInt8]) -> [UInt8] {
        unsafe ECDSASignatureForm.halves(key.sign(message, using: curve.digest), count: curve.coordinateCount)
    }
}
