package import SecretMemory

/// The secrets everything is sealed under, newest first: the first one seals, all of them open.
package struct KeyRing: Sendable {
    package struct Key: Sendable {
        /// Eight lower-case hexadecimal digits; stands in front of everything sealed under the key.
        package let id: String
        /// 32 random bytes.
        package let secret: SecretBytes

        package init(id: String, secret: SecretBytes) {
            self.id = id
            self.secret = secret
        }
    }

    package let keys: [Key]

    /// At least one key.
    package init(_ keys: [Key]) {
        precondition(!keys.isEmpty)
        self.keys = keys
    }
}
