import Locking
import Synchronization

/// A number that only grows. Any thread may count without a lock.
package final class Counter: Sendable {
    private let value = Atomic<Int>(0)

    package init() {}

    package func count(by amount: Int = 1) { value.wrappingAdd(amount, ordering: .relaxed) }
    package var current: Int { value.load(ordering: .relaxed) }
}

/// One counter for each label of a closed set.
struct LabelledCounter: Sendable {
    let labels: [String]
    private let counters: [Counter]

    init(_ labels: [String]) {
        self.labels = labels
        counters = labels.map { _ in Counter() }
    }

    func count(_ label: String) {
        guard let counter = counter(label) else { preconditionFailure("no such label: \(label)") }
        counter.count()
    }

    func current(_ label: String) -> Int { counter(label)?.current ?? 0 }

    private func counter(_ label: String) -> Counter? { labels.firstIndex(of: label).map { counters[$0] } }
}

/// One counter for each pair of labels of two closed sets. The first set may grow at a reload.
final class CrossedCounter: Sendable {
    private let second: [String]
    private let known = Locked([(first: String, row: LabelledCounter)]())

    init(_ first: [String], _ second: [String]) {
        self.second = second
        add(first)
    }

    var rows: [(first: String, row: LabelledCounter)] { known.withLock { $0 } }

    func add(_ labels: [String]) {
        known.withLock { known in
            for label in labels where !known.contains(where: { $0.first == label }) {
                known.append((label, LabelledCounter(second)))
            }
        }
    }

    func count(_ first: String, _ second: String) {
        guard let row = rows.first(where: { $0.first == first })?.row else {
            preconditionFailure("no such label: \(first)")
        }
        row.count(second)
    }
}

/// How long something took, in buckets for Prometheus.
struct Histogram: Sendable {
    /// Upper bounds in nanoseconds.
    let bounds: [UInt64]
    private let buckets: [Counter]
    private let sum = Counter()

    init(bounds: [UInt64]) {
        self.bounds = bounds
        buckets = (0...bounds.count).map { _ in Counter() }
    }

    func record(_ nanoseconds: UInt64) {
        buckets[bounds.firstIndex { nanoseconds <= $0 } ?? bounds.count].count()
        sum.count(by: Int(clamping: nanoseconds))
    }

    /// Cumulative counts, one for each bound and one for all.
    var cumulative: [Int] {
        var total = 0
        return buckets.map {
            total += $0.current
            return total
        }
    }

    var sumOfNanoseconds: Int { sum.current }
}
