package import OpenSSLCrypto
package import SecretMemory

/// The secrets everything is sealed under, newest first: the first one seals and signs, all of them open, and the public
/// halves of all are published.
package struct KeyRing: Sendable {
    package struct Key: Sendable {
        /// Eight lower-case hexadecimal digits; stands in front of everything sealed under the key.
        package let id: String
        /// 32 random bytes.
        package let secret: SecretBytes
        /// Signs what the gateway tells the app.
        package let assertionKey: ECPrivateKey

        package init(id: String, secret: SecretBytes, assertionKey: ECPrivateKey = .generate(.p256)) {
            self.id = id
            self.secret = secret
            self.assertionKey = assertionKey
        }
    }

    package let keys: [Key]

    /// At least one key.
    package init(_ keys: [Key]) {
        precondition(!keys.isEmpty)
        self.keys = keys
    }
}
