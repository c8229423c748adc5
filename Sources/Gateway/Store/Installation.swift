/// An integration installed by one account.
package struct Installation: Sendable, Equatable {
    package enum Status: String, Sendable, CaseIterable {
        case active
        /// Deleted by its account, but the marketplace has not said that this is final: nobody signs in, the token
        /// still works for last invoices.
        case removing
        /// Gone. Its token is to be empty.
        case removed
    }

    package let key: InstallationKey
    /// Empty where nobody has said it yet.
    package var accountID: String
    package var accountName: String?
    /// The installation's page on the marketplace's dashboard.
    package var accountURL: String?
    package var status: Status
    /// The access token as `InstallationTokenSeal` made it, ASCII; empty for none. Never the token itself.
    package var sealedToken: String
    /// When the marketplace says that this became so. In milliseconds since 1970, as webhooks have it.
    package var changedAt: Int64

    package init(
        key: InstallationKey, accountID: String = "", accountName: String? = nil, accountURL: String? = nil,
        status: Status = .active, sealedToken: String = "", changedAt: Int64
    ) {
        self.key = key
        self.accountID = accountID
        self.accountName = accountName
        self.accountURL = accountURL
        self.status = status
        self.sealedToken = sealedToken
        self.changedAt = changedAt
    }

    /// Nobody needs the token of one that is gone. `milliseconds` since 1970; what was heard later stays later.
    package mutating func become(_ status: Status, at milliseconds: Int64) {
        self.status = status
        if status == .removed { sealedToken = "" }
        changedAt = max(changedAt, milliseconds)
    }
}
