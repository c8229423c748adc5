package import Marketplace

/// What the broker allows to whom.
package struct BrokerSettings: Sendable {
    /// How many calls a client may make.
    package struct Rate: Sendable, Equatable {
        package let calls: Int
        /// In seconds.
        package let period: Int64

        package init(calls: Int, period: Int64) {
            self.calls = calls
            self.period = period
        }
    }

    /// A program that may call.
    package struct Client: Sendable {
        /// How it is known.
        package enum Credential: Sendable, Equatable {
            /// SHA-256 of its bearer token.
            case tokenDigest([UInt8])
            /// The user of its process, at the other end of a Unix socket.
            case peerUser(UInt32)
        }

        package let name: String
        package let credential: Credential
        package let operations: Set<APIOperation>
        /// Names of integrations; nil for all.
        package let integrations: Set<String>?

        package init(
            name: String, credential: Credential, operations: Set<APIOperation>, integrations: Set<String>? = nil
        ) {
            self.name = name
            self.credential = credential
            self.operations = operations
            self.integrations = integrations
        }
    }

    /// Of each client for each installation.
    package var rate: Rate
    /// Of each client for everything together.
    package var clientRate: Rate
    /// In the order of the file.
    package var clients: [Client]
    package var credits: CreditSettings

    package init(
        rate: Rate = Self.usualRate, clientRate: Rate = Self.usualClientRate, clients: [Client],
        credits: CreditSettings = CreditSettings()
    ) {
        self.rate = rate
        self.clientRate = clientRate
        self.clients = clients
        self.credits = credits
    }

    package static let usualRate = Rate(calls: 60, period: 60)
    /// Twenty installations at their full rate.
    package static let usualClientRate = Rate(calls: 1200, period: 60)
}
