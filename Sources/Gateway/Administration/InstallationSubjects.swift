import HTTP
import JOSE
import Marketplace
import SecretMemory
import Untrusted

/// Reads which installation a request is about, and writes it as JSON.
extension InstallationEndpoints {
    struct Refusal: Error {
        let status: HTTPStatus
        let code: String
        let message: String

        init(_ status: HTTPStatus, _ code: String, _ message: String) {
            self.status = status
            self.code = code
            self.message = message
        }
    }

    func answered(_ id: RequestID, _ work: () async throws(Refusal) -> JSONObject) async -> HTTPResponse {
        do throws(Refusal) {
            return JSONReply.ok(try await work())
        } catch {
            return JSONReply.error(error.status, error.code, error.message, id)
        }
    }

    /// The integration's name in the query; nil where there is none.
    static func named(_ request: HTTPRequest) throws(Refusal) -> UntrustedText? {
        guard let query = try? FormFields(request.target.query), query.names.allSatisfy({ $0 == "integration" }) else {
            throw Refusal(.badRequest, "query", "The query may hold integration once and nothing else.")
        }
        return query["integration"]?.exposedText
    }

    /// From `/admin/installations/{id}` or `/admin/installations/{id}/{action}`.
    func subject(of request: HTTPRequest) throws(Refusal) -> (Integration, InstallationKey, action: String?) {
        let parts = (request.target.rawPath.dropping(prefix: Self.path + "/") ?? "").split(at: "/")
        guard (1...2).contains(parts.count), parts.count == 1 || parts[1] == "rotate",
            let installation = MarketplaceIdentifier.read(parts[0])
        else { throw Refusal(.notFound, "not_found", "There is nothing at this address.") }
        let named = try Self.named(request)
        let found = integrations.filter { named?.equals($0.name) ?? true }
        guard found.count == 1 else {
            throw Refusal(.badRequest, "integration", "Name one configured integration with ?integration=NAME.")
        }
        let key = InstallationKey(integration: found[0].name, installationID: installation)
        return (found[0], key, parts.count == 2 ? parts[1].string : nil)
    }

    func find(_ key: InstallationKey) async throws(Refusal) -> Installation {
        let found = try await stored { () async throws(StoreError) in try await access.installation(key) }
        guard let found else { throw Refusal(.notFound, "unknown_installation", "No such installation is stored.") }
        return found
    }

    @discardableResult
    func write(_ writes: [StoreWrite]) async throws(Refusal) -> [StoreChange] {
        try await stored { () async throws(StoreError) in try await access.write(writes) }
    }

    func stored<Result>(_ work: () async throws(StoreError) -> Result) async throws(Refusal) -> Result {
        do { return try await work() } catch {
            throw Refusal(.serviceUnavailable, "store", "\(error)")
        }
    }

    static func json(_ installation: Installation) -> JSONObject {
        func text(_ value: String?) -> JSONValue { value.map { $0.isEmpty ? .null : .string($0) } ?? .null }
        return [
            "integration": .string(installation.key.integration),
            "installation_id": .string(installation.key.installationID),
            "account_id": text(installation.accountID), "account_name": text(installation.accountName),
            "account_url": text(installation.accountURL), "status": .string(installation.status.rawValue),
            "has_token": .bool(!installation.sealedToken.isEmpty), "changed_at": .integer(installation.changedAt),
            "region": text(installation.region),
        ]
    }

    static func names(_ key: InstallationKey) -> EventLog.Fields {
        ["integration": key.integration, "installation": key.installationID]
    }
}
