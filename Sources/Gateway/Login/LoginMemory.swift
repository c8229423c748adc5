/// What logins remember, also when a gateway with a new configuration takes the place of another one: a code that was
/// exchanged, and how many attempts each client has left.
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
