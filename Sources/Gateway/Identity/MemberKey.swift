/// The only key of an installation: ids of two integrations may be equal.
package struct InstallationKey: Hashable, Sendable {
    /// The partner's own name for the integration.
    package let integration: String
    /// `icfg_…`
    package let installationID: String

    package init(integration: String, installationID: String) {
        self.integration = integration
        self.installationID = installationID
    }
}

/// The only key of a person. An e-mail address is never one.
package struct MemberKey: Hashable, Sendable {
    package let integration: String
    package let installationID: String
    package let userID: String

    package init(integration: String, installationID: String, userID: String) {
        self.integration = integration
        self.installationID = installationID
        self.userID = userID
    }

    package var installation: InstallationKey {
        InstallationKey(integration: integration, installationID: installationID)
    }
}
