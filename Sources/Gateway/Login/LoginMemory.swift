/// The state of logins that outlives a reload of the configuration: used codes, and each client's attempts.
struct LoginMemory: Sendable {
    let ledger: CodeLedger
    let limiter: AttemptLimiter

    init(_ ring: KeyRing, store: LiveStore, _ settings: LoginSettings) {
        ledger = CodeLedger(ring, store: store, whenStoreUnavailable: settings.whenStoreUnavailable)
        limiter = AttemptLimiter()
    }

    func register(in metrics: Metrics) {
        metrics.read("code_ledger_entries", "Login codes held in memory; no series with a stored ledger.") { [ledger] in
            ledger.countInMemory.map { [.init(Double($0))] } ?? []
        }
    }

    init(_ ring: KeyRing, continuing other: LoginMemory, _ settings: LoginSettings) {
        ledger = CodeLedger(
            ring, continuing: other.ledger, whenStoreUnavailable: settings.whenStoreUnavailable)
        limiter = other.limiter
    }
}
