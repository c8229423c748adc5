/// RSA moduli of the ROCA family (CVE-2017-15361): one chip vendor's primes were k·M + (65537^a mod M) with M a product of
/// small primes, and such moduli of the usual sizes can be factored. Modulo each of those small primes they are powers
/// of 65537; of other moduli about one in 2²⁷ is.
enum WeakModulus {
    private static let smallPrimes: [Int] = [
        3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109,
        113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
    ]

    /// For each small prime the remainders that powers of 65537 have.
    private static let powers: [(prime: Int, remainders: Set<Int>)] = smallPrimes.map { prime in
        var remainders: Set<Int> = []
        var power = 1
        while remainders.insert(power).inserted { power = power * 65537 % prime }
        return (prime, remainders)
    }

    static func matches(_ modulus: [UInt8]) -> Bool {
        powers.allSatisfy { prime, remainders in
            remainders.contains(modulus.reduce(0) { ($0 << 8 | Int($1)) % prime })
        }
    }
}
