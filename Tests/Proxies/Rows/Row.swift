/// One line of the matrix: what must hold behind every proxy, with every protocol.
struct Row: Sendable {
    /// What a table shows, and whether it is right.
    struct Cell: Sendable {
        let said: String
        let holds: Bool

        init(_ said: some CustomStringConvertible, _ holds: Bool) {
            self.said = said.description
            self.holds = holds
        }
    }

    let name: String
    let protocols: Set<WebProtocol>
    /// Takes long: only in the whole matrix.
    let isLong: Bool
    let check: @Sendable (Visit) async throws -> Cell

    init(
        _ name: String, _ protocols: Set<WebProtocol> = Set(WebProtocol.allCases), isLong: Bool = false,
        check: @escaping @Sendable (Visit) async throws -> Cell
    ) {
        self.name = name
        self.protocols = protocols
        self.isLong = isLong
        self.check = check
    }

    /// The name without the attacks that the row is about, for the manual.
    var title: String { String(name.trimmingPrefix(#/(RT-\d+ )+/#)) }

    /// The last ones take the gateway away.
    static let all = identity + signIn + bodies + upgrades + streams + hosts + paths + gateway
}

/// Refused by the proxy or the gateway, or reset by the proxy.
func isRefusal(_ status: Int) -> Bool { status == 0 || (400...599).contains(status) }
