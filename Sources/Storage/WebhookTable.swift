import Gateway

enum WebhookTable {
    /// False where the webhook is stored already.
    static func remember(_ webhook: SeenWebhook, in connection: any StoreConnection) throws -> Bool {
        let added = try connection.run(
            """
            INSERT INTO webhook (integration, webhook_id, keep_until) VALUES ($1, $2, $3)
            ON CONFLICT (integration, webhook_id) DO NOTHING
            """, [webhook.integration, webhook.id, webhook.until])
        return added == 1
    }
}
