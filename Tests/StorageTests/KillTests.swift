import Gateway
import Glibc
import TestSupport
import Testing

@testable import Storage

/// A process that writes is killed at any moment, a thousand times.
@Suite struct KillTests {
    static let kills = 1000
    /// Beside each other, each with a file of its own: most of the time is a process's start.
    static let lanes = 2

    @Test func `SIGKILL at any moment loses nothing that was acknowledged and leaves nothing half written`()
        async throws
    {
        let outcomes = try await withThrowingTaskGroup(of: Outcome.self) { group in
            for _ in 0..<Self.lanes { group.addTask { try await Self.lane(Self.kills / Self.lanes) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let kills = outcomes.reduce(0) { $0 + $1.kills }
        #expect(kills == Self.kills)
        // Most met a process that was writing; some that had not begun.
        #expect(outcomes.reduce(0) { $0 + $1.afterWrites } > kills / 2)
        #expect(outcomes.reduce(0) { $0 + $1.beforeWrites } > 0)
    }

    private struct Outcome {
        var kills = 0
        var afterWrites = 0
        var beforeWrites = 0
    }

    private static func lane(_ kills: Int) async throws -> Outcome {
        let folder = try TemporaryFolder()
        let pipe = try NamedPipe(folder.path("pipe"))
        let file = folder.path("gateway.db")
        var outcome = Outcome()
        var acknowledged: Int64 = 0
        var next: Int64 = 1
        var known = Known()
        while outcome.kills < kills {
            let child = try #require(
                ChildProcess(
                    [BuiltExecutable.path("StoreWriter"), file, "\(next)"], in: folder.root, output: pipe.path))
            var output = ""
            if Int.random(in: 0..<10) < 8 {
                pipe.wait()
                output = pipe.take()
                usleep(UInt32.random(in: 0...4000))
            } else {
                // While it starts, opens the file or repairs it.
                usleep(UInt32.random(in: 0...25_000))
            }
            child.end()
            output += pipe.take()
            outcome.kills += 1
            let lines = output.split(separator: "\n")
            #expect(lines.allSatisfy { Int64($0) != nil }, "\(output)")
            if let last = lines.last.flatMap({ Int64($0) }) {
                outcome.afterWrites += 1
                acknowledged = last
            } else {
                outcome.beforeWrites += 1
            }
            // Past one more that may have been written without a word.
            next = max(next + 1, acknowledged + 2)
            // The next process, too, is to meet a file as a kill left it.
            if outcome.kills % 3 == 0 || outcome.kills == kills { try await known.check(file, acknowledged) }
        }
        return outcome
    }

    /// What was found in the file so far.
    private struct Known {
        var change: Int64 = 0
        var last: Int64 = 0
        var writes = 0

        /// Everything acknowledged is there, and everything there is whole.
        mutating func check(_ file: String, _ acknowledged: Int64) async throws {
            guard unsafe access(file, F_OK) == 0 else { return }
            let store = try SQLiteStore(path: file)
            var members: [Int64: Int64] = [:]
            var revoked: [Int64: Int64] = [:]
            for change in try await store.changes(after: change, limit: .max) {
                self.change = change.number
                switch change.record {
                case .member(let state): members[state.checkedAt] = change.number
                case .revocation(let revocation) where revocation.scope != .everything:
                    revoked[revocation.issuedUpTo] = change.number
                case .revocation(let everything): #expect(everything.issuedUpTo == members.keys.max())
                case .installation(let installation):
                    #expect(installation.accountID == "\(writes + members.count)")
                }
            }
            last = members.keys.max() ?? last
            writes += members.count
            #expect(last >= acknowledged)
            #expect(members.count == revoked.count)
            #expect(members.allSatisfy { number, change in revoked[number] == change + 1 })
            for number in members.keys where number % 2 == 0 {
                let webhook = SeenWebhook(integration: "live", id: "\(number)", until: .max)
                #expect(try await store.receive(webhook, writing: []) == nil)
            }
            await store.close()
        }
    }
}
