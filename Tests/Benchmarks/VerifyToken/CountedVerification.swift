import JOSE
import Marketplace
import SecretMemory
import Untrusted

/// Verifies a fixed token a fixed number of times, for `Tests/Benchmarks/instructions`: the difference between two runs is the
/// cost of the verifications.
enum CountedVerification {
    /// `write ALGORITHM` or `count ALGORITHM COUNT`.
    static func run(_ arguments: [String]) throws {
        guard arguments.count > 1, let algorithm = SignatureAlgorithm(name: UntrustedText(arguments[1])) else {
            throw InputError.arguments
        }
        switch (arguments[0], arguments.count) {
        case ("write", 2): write(algorithm)
        case ("count", 3):
            guard let count = Int(arguments[2]), count > 0 else { throw InputError.arguments }
            try verify(algorithm, count)
        default: throw InputError.arguments
        }
    }

    /// Prints the key set and the token. Their creation is not counted, because the search for primes takes a random time.
    private static func write(_ algorithm: SignatureAlgorithm) {
        let (token, keys) = VerifyBenchmark.signed(by: algorithm)
        print(String(decoding: keys.encoded, as: UTF8.self))
        print(token.exposedText?.string ?? "")
    }

    /// Reads the output of `write` from standard input. Checks form, signature and claims `count` times.
    private static func verify(_ algorithm: SignatureAlgorithm, _ count: Int) throws {
        guard let keys = readLine(), let text = readLine() else { throw InputError.input }
        let set = try JWKSet(parsing: SecretBytes(keys))
        let token = SecretBytes(text)
        for _ in 0..<count {
            let jws = try UnverifiedJWS(token)
            _ = try VerifyBenchmark.rules.check(try set.verify(jws, algorithms: [algorithm]), now: VerifyBenchmark.now)
        }
    }

    private enum InputError: Error { case arguments, input }
}
