/// The key of an installation. Installations of two integrations may have equal ids.
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

/// The key of a person. An e-mail address is never a key: the marketplace does not guarantee that it belongs to one person.
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
