package import OpenSSLCrypto
package import SecretMemory

/// The keys of the gateway, newest first. The first one seals and signs; all of them open, and the public halves of all are
/// published.
package struct KeyRing: Sendable {
    package struct Key: Sendable {
        /// Eight lower-case hexadecimal digits; the prefix of everything that is sealed under the key.
        package let id: String
        /// 32 random bytes.
        package let secret: SecretBytes
        /// Signs assertions.
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
