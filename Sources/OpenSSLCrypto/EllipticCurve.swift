/// The curves of ECDSA (RFC 7518 section 3.4), each with the one hash that goes with it.
package enum EllipticCurve: Sendable, CaseIterable {
    case p256, p384, p521

    /// The length of a coordinate, and of each half of a signature. In bytes.
    package var coordinateCount: Int {
        switch self {
        case .p256: 32
        case .p384: 48
        case .p521: 66
        }
    }

    package var digest: SignatureDigest {
        switch self {
        case .p256: .sha256
        case .p384: .sha384
        case .p521: .sha512
        }
    }

    /// OpenSSL's name.
    var groupName: String {
        switch self {
        case .p256: "prime256v1"
        case .p384: "secp384r1"
        case .p521: "secp521r1"
        }
    }
}
