import Untrusted

/// How far a batch is, on one line of a terminal, from the second second on.
final class BatchProgress {
    private let total: Int
    private let isShown: Bool
    private let began = ContinuousClock.now
    private var hasLine = false

    init(total: Int, isShown: Bool = Terminal.canReplaceLines) {
        self.total = total
        self.isShown = isShown
    }

    func show(_ done: Int, _ waiting: String?) {
        guard isShown, ContinuousClock.now - began > .seconds(1) else { return }
        hasLine = true
        Terminal.replaceLine(Self.line(done, total, waiting))
    }

    /// Before anything else is printed.
    func clear() {
        if hasLine { Terminal.replaceLine("") }
        hasLine = false
    }

    static func line(_ done: Int, _ total: Int, _ waiting: String?) -> String {
        let share = total > 0 ? done * 100 / total : 100
        // A line that wraps could not be overwritten.
        return String("\(done) of \(total) records, \(share) %\(waiting.map { ", " + $0.visible } ?? "")".prefix(78))
    }
}
