/// An integration installed by one account.
package struct Installation: Sendable, Equatable {
    package enum Status: String, Sendable, CaseIterable {
        case active
        /// Deleted by its account, but not yet finally: members cannot sign in, the token still works for last invoices.
        case removing
        /// Deleted finally. Its token is empty.
        case removed
    }

    package let key: InstallationKey
    /// Empty while it is unknown.
    package var accountID: String
    package var accountName: String?
    /// The installation's page on the marketplace's dashboard.
    package var accountURL: String?
    package var status: Status
    /// The access token, sealed by `InstallationTokenSeal`; empty for none.
    package var sealedToken: String
    /// When the marketplace says that the status changed. In milliseconds since 1970, as in webhooks.
    package var changedAt: Int64
    /// The name of the region where it is at home; nil where nobody said.
    package var region: String?

    package init(
        key: InstallationKey, accountID: String = "", accountName: String? = nil, accountURL: String? = nil,
        status: Status = .active, sealedToken: String = "", changedAt: Int64, region: String? = nil
    ) {
        self.key = key
        self.accountID = accountID
        self.accountName = accountName
        self.accountURL = accountURL
        self.status = status
        self.sealedToken = sealedToken
        self.changedAt = changedAt
        self.region = region
    }

    /// Changes the status, and erases the token of a removed installation. `milliseconds` since 1970.
    package mutating func become(_ status: Status, at milliseconds: Int64) {
        self.status = status
        if status == .removed { sealedToken = "" }
        changedAt = max(changedAt, milliseconds)
    }
}
