/// A signature algorithm (RFC 7518 section 3.1) that this gateway can check. `none` and the HMAC family are not here
/// and never will be: a key set holds public keys.
package enum SignatureAlgorithm: Sendable, Hashable, CaseIterable {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    case rs256

    /// The registered name, as `alg` has it.
    package var name: String {
        switch self {
        case .rs256: "RS256"
        }
    }

    /// The algorithm of exactly this name, compared byte by byte.
    package init?(name: String) {
        guard let found = Self.allCases.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else { return nil }
        self = found
    }
}
