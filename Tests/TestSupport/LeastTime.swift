/// The least time that `work` takes, of `count` runs, or of fewer once one took less than `enough`. Whatever else the machine
/// does makes a time longer, never shorter.
package func leastTime(of count: Int = 3, until enough: Duration, _ work: () throws -> Void) rethrows -> Duration {
    var least = Duration.seconds(Int.max)
    for _ in 0..<count where least >= enough { least = min(least, try ContinuousClock().measure(work)) }
    return least
}

package func leastTime(
    of count: Int = 3, until enough: Duration, isolation: isolated (any Actor)? = #isolation,
    _ work: () async throws -> Void
) async rethrows -> Duration {
    var least = Duration.seconds(Int.max)
    for _ in 0..<count where least >= enough {
        let began = ContinuousClock.now
        try await work()
        least = min(least, ContinuousClock.now - began)
    }
    return least
}
