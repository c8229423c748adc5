import Gateway
import Glibc
import Marketplace
import Storage

/// Writes to a store on disk until it is killed, and says of each write that it was acknowledged: a line with its number
/// on standard output, which is a pipe.
///
///     StoreWriter FILE FIRST-NUMBER
///
/// With `--fill ENTRIES` instead of a number it writes so many revocations and member states and ends: for benchmarks.
@main enum StoreWriter {
    static func main() async {
        let arguments = CommandLine.arguments
        do {
            let store = try SQLiteStore(path: arguments[1])
            if arguments[2] == "--fill", let entries = Int(arguments[3]) {
                try await fill(store, entries)
                await store.close()
            } else if var number = Int64(arguments[2]) {
                while true {
                    try await write(number, to: store)
                    say("\(number)\n")
                    number += 1
                }
            }
        } catch {
            say("failed: \(error)\n")
            exit(1)
        }
    }

    /// Four records of three tables, and a webhook's id with every second number: all of it or nothing.
    private static func write(_ number: Int64, to store: SQLiteStore) async throws {
        let key = InstallationKey(integration: "live", installationID: "icfg_1")
        let member = MemberKey(integration: "live", installationID: "icfg_1", userID: "\(number)")
        let writes: [StoreWrite] = [
            .member(MemberState(member: member, role: .user, checkedAt: number, changedAt: number)),
            .revocation(Revocation(scope: .member(member), issuedUpTo: number, until: .max)),
            .revocation(Revocation(scope: .everything, issuedUpTo: number, until: .max)),
            .installation(key) { stored in
                var next = stored ?? Installation(key: key, accountID: "0", changedAt: 0)
                // How many writes there have been.
                next.accountID = "\((Int(next.accountID) ?? 0) + 1)"
                return next
            },
        ]
        guard number % 2 == 0 else {
            try await store.write(writes)
            return
        }
        let webhook = SeenWebhook(integration: "live", id: "\(number)", until: .max)
        guard try await store.receive(webhook, writing: writes) != nil else { exit(2) }
    }

    private static func fill(_ store: SQLiteStore, _ entries: Int) async throws {
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        let seconds = Int64(now.tv_sec)
        for start in stride(from: 0, to: entries, by: 10_000) {
            try await store.write(
                (start..<min(start + 10_000, entries)).map { number in
                    // Half of each.
                    guard number % 2 == 0 else {
                        return .revocation(
                            Revocation(
                                scope: .session(SessionID(.secure)), issuedUpTo: seconds, until: seconds + 28_800))
                    }
                    let member = MemberKey(integration: "demo", installationID: "icfg_\(number)", userID: "\(number)")
                    return .member(
                        MemberState(member: member, role: .user, checkedAt: seconds, changedAt: seconds * 1000))
                })
        }
    }

    private static func say(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(1, $0.baseAddress, $0.count) }
    }
}
