/// A webhook's id, stored so that the marketplace's retries have no second effect.
package struct SeenWebhook: Hashable, Sendable {
    package let integration: String
    /// As the marketplace sent it; at most 256 bytes.
    package let id: String
    /// When it may be deleted: later than the marketplace's last retry (24 hours). In seconds since 1970.
    package let until: Int64

    package init(integration: String, id: String, until: Int64) {
        self.integration = integration
        self.id = id
        self.until = until
    }
}
