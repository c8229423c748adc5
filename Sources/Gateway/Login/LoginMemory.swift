/// The state of logins that outlives a reload of the configuration: used codes, and each client's attempts.
struct LoginMemory: Sendable {
    let ledger: CodeLedger
    let limiter: AttemptLimiter

    init(_ ring: KeyRing, store: LiveStore) {
        ledger = CodeLedger(ring, store: store)
        limiter = AttemptLimiter()
    }

    init(_ ring: KeyRing, continuing other: LoginMemory) {
        ledger = CodeLedger(ring, continuing: other.ledger)
        limiter = other.limiter
    }
}
