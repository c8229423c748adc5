import JOSE
import SecretMemory
import Untrusted

/// Two tokens that were signed by keys whose private halves are not here: nothing else may verify.
struct KnownTokens: Sendable {
    static let shared = KnownTokens()

    private let algorithms = Set(SignatureAlgorithm.allCases)
    private let set: JWKSet
    private let tokens: [UnverifiedJWS]
    /// Header, dot and payload of each: an ECDSA signature may be given in two ways, what is signed in one.
    private let signedParts: [[UInt8]]

    private init() {
        guard let set = try? JWKSet(parsing: SecretBytes(FuzzSeed.rfcKeys)) else { preconditionFailure("own keys") }
        self.set = set
        let texts = [FuzzSeed.rs256, FuzzSeed.es256]
        tokens = texts.compactMap { try? UnverifiedJWS(SecretBytes($0)) }
        precondition(tokens.count == texts.count)
        signedParts = texts.map { Self.signedPart(Array($0.utf8)) }
        for token in tokens { precondition((try? set.verify(token, algorithms: algorithms)) != nil) }
    }

    /// As a token.
    func present(_ bytes: [UInt8]) {
        guard let jws = try? UnverifiedJWS(SecretBytes(bytes)) else { return }
        precondition(bytes.count <= UnverifiedJWS.maximumCount && bytes.count { $0 == UInt8(ascii: ".") } == 2)
        precondition(jws.header["alg"]?.text == jws.algorithm)
        guard (try? set.verify(jws, algorithms: algorithms)) != nil else { return }
        precondition(signedParts.contains(Self.signedPart(bytes)), "a forged token was believed")
    }

    /// As a key set.
    func judge(by bytes: [UInt8]) {
        guard let set = try? JWKSet(parsing: SecretBytes(bytes)) else { return }
        precondition(set.keys.count + set.skipped.count <= JWKSet.maximumKeys)
        for token in tokens { _ = try? set.verify(token, algorithms: algorithms) }
    }

    private static func signedPart(_ token: [UInt8]) -> [UInt8] {
        guard let dot = token.lastIndex(of: UInt8(ascii: ".")) else { return [] }
        return Array(token[..<dot])
    }
}
