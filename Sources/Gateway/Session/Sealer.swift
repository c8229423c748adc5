import JOSE
import OpenSSLCrypto
import SecretMemory

/// The uses of the ring's keys. Each has its own HKDF label, so that a value for one purpose cannot be opened for another.
enum SealingPurpose: String, Sendable, CaseIterable {
    case session = "sso-gateway session v1"
    case flow = "sso-gateway flow v1"
    case standardFlow = "sso-gateway standard flow v1"
    case ticket = "sso-gateway ticket v1"
    case departure = "sso-gateway departure v1"
    case visit = "sso-gateway visit v1"
    case regionTicket = "sso-gateway region ticket v1"
    case ledger = "sso-gateway ledger v1"
    case store = "sso-gateway store v1"
}

/// Seals bytes into cookie text for one purpose: `keyid.base64url(nonce ‖ ciphertext ‖ tag)`.
struct Sealer: Sendable {
    private let keys: [(id: String, key: SealingKey)]
    /// Sealed text longer than this is refused before it is decoded. In bytes.
    private let maximumLength: Int

    init(_ ring: KeyRing, for purpose: SealingPurpose, maximumLength: Int = 4096) {
        self.maximumLength = maximumLength
        keys = ring.keys.map { key in
            (key.id, SealingKey(HKDF.derive(from: key.secret, label: purpose.rawValue, count: 32)))
        }
    }

    func seal(_ plaintext: [UInt8], authenticating context: [UInt8]) -> String {
        let (id, key) = keys[0]
        return id + "." + Base64URL.encode(key.seal(plaintext, authenticating: context))
    }

    /// Nil for text that this ring did not seal for this purpose and context.
    func open(_ text: ArraySlice<UInt8>, authenticating context: [UInt8]) -> [UInt8]? {
        guard text.count <= maximumLength, let dot = text.firstIndex(of: UInt8(ascii: ".")) else { return nil }
        guard let key = keys.first(where: { $0.id.utf8.elementsEqual(text[..<dot]) })?.key,
            let sealed = Base64URL.decode(text[(dot + 1)...])
        else { return nil }
        return key.open(sealed, authenticating: context)
    }

    /// Whether sealed text names the key that seals now.
    func isUnderFirstKey(_ text: String) -> Bool { text.hasPrefix(keys[0].id + ".") }

    /// The length of the sealed text for `count` bytes.
    static func sealedLength(ofPlaintext count: Int) -> Int { 8 + 1 + ((count + 28) * 4 + 2) / 3 }
}
