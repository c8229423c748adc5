import OpenSSLCrypto

/// Everything a stand-in remembers, under one lock.
struct StandInState {
    struct Code {
        let clientID: String
        let installationID: String
        let userID: String
        let state: String
        let expires: Int64
        var isUsed = false
    }

    struct SigningKey {
        let id: String
        let key: RSAPrivateKey
    }

    struct Counters {
        var codes = 0, exchanges = 0, keyFetches = 0, memberLookups = 0, accountLookups = 0
    }

    var codes: [String: Code] = [:]
    /// The first signs; all are published.
    var keys: [SigningKey]
    /// Was published once.
    var retired: SigningKey
    var fault = StandInFault.none
    /// How often the fault still strikes; nil for always.
    var faultTimes: Int?
    /// Of the slow faults. In milliseconds.
    var delay = 12_000
    var counters = Counters()

    static func makeKey() -> SigningKey {
        SigningKey(id: random(6), key: .generate(bits: 2048))
    }

    static func random(_ count: Int) -> String {
        SecureRandom.bytes(count).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// The fault, if it is one of `relevant` and still strikes.
    mutating func strike(_ relevant: Set<StandInFault>) -> StandInFault {
        guard relevant.contains(fault) else { return .none }
        let struck = fault
        if let times = faultTimes {
            faultTimes = times - 1
            if times <= 1 { fault = .none }
        }
        return struck
    }
}
