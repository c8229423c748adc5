import Foundation
import Locking

/// One line on standard error about work that takes longer than a second: only on a terminal, and gone at the end.
final class Progress: Sendable {
    private struct State {
        var text: String
        /// What is on the line; empty for nothing.
        var line = ""
        var hasEnded = false
    }

    private let state: Locked<State>
    private let isShown: Bool
    private let began = ContinuousClock.now

    init(_ text: String, isShown: Bool = Terminal.canReplaceLines) {
        state = Locked(State(text: text))
        self.isShown = isShown
    }

    /// The line counts the seconds while `body` runs, also while that blocks its thread.
    static func show<Result>(_ text: String, _ body: () throws -> Result) rethrows -> Result {
        let progress = Progress(text)
        progress.countSeconds()
        defer { progress.end() }
        return try body()
    }

    /// As the other one. `body` may change the text.
    static func show<Result>(_ text: String, _ body: (Progress) async throws -> Result) async rethrows -> Result {
        let progress = Progress(text)
        progress.countSeconds()
        defer { progress.end() }
        return try await body(progress)
    }

    private func countSeconds() {
        guard isShown else { return }
        Thread.detachNewThread { [self] in
            repeat { Thread.sleep(forTimeInterval: 0.25) } while draw()
        }
    }

    func update(_ text: String) {
        state.withLock { $0.text = text }
        _ = draw()
    }

    /// Whether there is more to draw.
    private func draw() -> Bool {
        state.withLock { state in
            let seconds = (ContinuousClock.now - began).components.seconds
            let line = "\(state.text) (\(seconds) s)"
            if isShown, !state.hasEnded, seconds >= 1, state.line != line {
                Terminal.replaceLine(line)
                state.line = line
            }
            return !state.hasEnded
        }
    }

    /// Before anything else is printed.
    func end() {
        state.withLock { state in
            if !state.line.isEmpty { Terminal.replaceLine("") }
            state.hasEnded = true
        }
    }
}
