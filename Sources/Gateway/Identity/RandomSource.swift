import OpenSSLCrypto

/// Where ids and nonces come from. A parameter, so that a test can choose them.
package struct RandomSource: Sendable {
    /// `count` unpredictable bytes.
    let bytes: @Sendable (_ count: Int) -> [UInt8]

    package init(_ bytes: @escaping @Sendable (_ count: Int) -> [UInt8]) { self.bytes = bytes }

    /// OpenSSL's generator.
    package static let secure = RandomSource { SecureRandom.bytes($0) }
}
