import GRDB
import Gateway

enum WebhookTable {
    /// False where the webhook is stored already.
    static func remember(_ webhook: SeenWebhook, in database: Database) throws -> Bool {
        try database.run(
            """
            INSERT INTO webhook (integration, webhook_id, keep_until) VALUES (?, ?, ?)
            ON CONFLICT (integration, webhook_id) DO NOTHING
            """, [webhook.integration, webhook.id, webhook.until])
        return database.changesCount == 1
    }
}
