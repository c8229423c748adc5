import JOSE
import Marketplace
import SecretMemory
import Untrusted

/// A fixed number of whole verifications of a fixed token, for `Tests/Benchmarks/instructions`: the difference between
/// two runs is what the operations cost, since everything else is the same.
enum CountedVerification {
    /// `write ALGORITHM` or `count ALGORITHM COUNT`.
    static func run(_ arguments: [String]) throws {
        guard arguments.count > 1, let algorithm = SignatureAlgorithm(name: UntrustedText(arguments[1])) else {
            throw Mistake.arguments
        }
        switch (arguments[0], arguments.count) {
        case ("write", 2): write(algorithm)
        case ("count", 3):
            guard let count = Int(arguments[2]), count > 0 else { throw Mistake.arguments }
            try verify(algorithm, count)
        default: throw Mistake.arguments
        }
    }

    /// Key set and token, a line each. Making them is no part of what is counted: how long a search for primes takes is
    /// luck.
    private static func write(_ algorithm: SignatureAlgorithm) {
        let (token, keys) = VerifyBenchmark.signed(by: algorithm)
        print(String(decoding: keys.encoded, as: UTF8.self))
        print(token.exposedText?.string ?? "")
    }

    /// What `write` wrote comes from standard input. Parsing, signature and claims, `count` times.
    private static func verify(_ algorithm: SignatureAlgorithm, _ count: Int) throws {
        guard let keys = readLine(), let text = readLine() else { throw Mistake.input }
        let set = try JWKSet(parsing: SecretBytes(keys))
        let token = SecretBytes(text)
        for _ in 0..<count {
            let jws = try UnverifiedJWS(token)
            _ = try VerifyBenchmark.rules.check(try set.verify(jws, algorithms: [algorithm]), now: VerifyBenchmark.now)
        }
    }

    private enum Mistake: Error { case arguments, input }
}
