import Glibc
import JOSE
import Marketplace
import OpenSSLCrypto
import SecretMemory
import Untrusted

/// Times whole-token verification and its parts on one thread; `Tests/Benchmarks/verify` sets them beside OpenSSL's own
/// figures. Prints a line for each part: algorithm, part, nanoseconds of one operation.
///
///     VerifyBenchmark [SECONDS [PART]]
///     VerifyBenchmark write ALGORITHM          a key set and a token, a line each
///     VerifyBenchmark count ALGORITHM COUNT    verifies those of standard input so many times
@main struct VerifyBenchmark {
    static let now: Int64 = 1_800_000_000
    static let rules = IDTokenRules(issuer: "https://marketplace.vercel.com", audience: "oac_AcmeDemonstration01")

    /// What the marketplace documents, every optional claim included.
    static let claims: JSONObject = [
        "iss": .string("https://marketplace.vercel.com"), "aud": .string("oac_AcmeDemonstration01"),
        "sub": .string("account:5f1d0c92ab7e4c0d8e6f1a2b:user:0ada0ada0ada0ada0ada0ada"),
        "account_id": .string("5f1d0c92ab7e4c0d8e6f1a2b"), "installation_id": .string("icfg_AcmeAnalyticalEngines001"),
        "user_id": .string("0ada0ada0ada0ada0ada0ada"), "user_role": .string("ADMIN"),
        "user_email": .string("ada@analytical.example"), "user_name": .string("Ada Lovelace"),
        "user_avatar_url": .string("https://avatars.example/u/0ada0ada0ada0ada0ada0ada?s=96"),
        "type": .string("id_token"), "iat": .integer(now), "nbf": .integer(now), "exp": .integer(now + 3600),
    ]

    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        if let task = arguments.first, Double(task) == nil { return try CountedVerification.run(Array(arguments)) }
        let seconds = arguments.first.flatMap(Double.init) ?? 1
        for algorithm in [SignatureAlgorithm.rs256, .es256] {
            let (token, keys) = signed(by: algorithm)
            try measure(algorithm, token, try JWKSet(parsing: SecretBytes(keys.encoded)), for: seconds)
        }
    }

    /// A token with all the claims, by a new key, and the key set that it is checked with.
    static func signed(by algorithm: SignatureAlgorithm) -> (token: SecretBytes, keys: JSONObject) {
        let pair = SigningKey.generate(for: algorithm)
        return (
            SignJWS.compact(payload: claims, keyID: "k1", with: pair, by: algorithm),
            SignJWS.keySet([SignJWS.publicJWK(pair, keyID: "k1", for: algorithm)])
        )
    }

    /// The whole, and the whole without the signature check: what is left is parsing, look-up and claims.
    static func measure(
        _ algorithm: SignatureAlgorithm, _ token: SecretBytes, _ set: JWKSet, for seconds: Double
    ) throws {
        let algorithms: Set = [algorithm]
        let unverified = try UnverifiedJWS(token)
        let verified = try set.verify(unverified, algorithms: algorithms)
        let parts: [(String, () throws -> Void)] = [
            (
                "whole",
                {
                    let jws = try UnverifiedJWS(token)
                    _ = try rules.check(try set.verify(jws, algorithms: algorithms), now: now)
                }
            ),
            ("parse", { _ = try UnverifiedJWS(token) }),
            ("signature", { _ = try set.verify(unverified, algorithms: algorithms) }),
            ("claims", { _ = try rules.check(verified, now: now) }),
        ]
        for (part, body) in parts where CommandLine.arguments.count < 3 || CommandLine.arguments[2] == part {
            print(algorithm.name, part, try nanoseconds(of: body, for: seconds / Double(parts.count)))
        }
    }

    /// Processor time, as `openssl speed` counts it: what neighbours on the machine take does not count. The mean of
    /// `seconds`, after a tenth of that to warm up.
    static func nanoseconds(of body: () throws -> Void, for seconds: Double) rethrows -> Int {
        func run(_ limit: Double) throws -> Double {
            var count = 0.0
            let start = processorNanoseconds()
            while processorNanoseconds() - start < limit * 1e9 {
                for _ in 0..<100 { try body() }
                count += 100
            }
            return (processorNanoseconds() - start) / count
        }
        _ = try run(seconds / 10)
        return Int(try run(seconds).rounded())
    }

    private static func processorNanoseconds() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }
}
