import HTTP
import JOSE
import Marketplace
import SecretMemory
import Untrusted

/// `/admin/installations`: the stored installations, for operators and for partners whose own server takes the
/// marketplace's calls. Tokens can be stored but never read. `?integration=NAME` is needed with several integrations.
struct InstallationEndpoints: Sendable {
    static let path = "/admin/installations"

    let integrations: [Integration]
    let access: LiveStore
    let seal: InstallationTokenSeal
    let lifetimes: SessionLifetimes
    /// The names of all regions; empty without regions.
    let regions: [String]
    let log: EventLog

    var routes: [Route] {
        [
            // Before the address of one installation, which is below the same path.
            Route(.exactly(Self.path + "/reseal"), [.post], reseal),
            Route(.below(Self.path + "/"), [.get, .put, .delete, .post], one),
            Route(.exactly(Self.path), [.get], list),
        ]
    }

    /// `GET /admin/installations`: all of one integration, or of all.
    private func list(_ context: RequestContext) -> HTTPAnswer {
        .later {
            await answered(context.id) { () async throws(Refusal) in
                let named = try Self.named(context.request)
                let all = try await stored { () async throws(StoreError) in try await access.installations() }
                let rows = all.filter { named?.equals($0.key.integration) ?? true }.map(Self.json)
                return JSONObject([("installations", .array(rows.map { .object($0) }))])
            }
        }
    }

    /// `GET`, `PUT` and `DELETE /admin/installations/{id}`, and `POST /admin/installations/{id}/rotate`.
    private func one(_ context: RequestContext) -> HTTPAnswer {
        .later {
            await answered(context.id) { () async throws(Refusal) in
                let (integration, key, action) = try subject(of: context.request)
                switch (context.request.method, action) {
                case (.get, nil), (.head, nil): return Self.json(try await find(key))
                case (.put, nil): return try await put(key, context)
                case (.delete, nil): return try await remove(key, context)
                case (.post, "rotate"): return try await rotate(key, integration, context.id)
                default: throw Refusal(.methodNotAllowed, "method", "This address takes other methods.")
                }
            }
        }
    }

    private func put(_ key: InstallationKey, _ context: RequestContext) async throws(Refusal) -> JSONObject {
        guard let (fields, token) = try? JSONObject.parse(context.request.body, withholding: "access_token"),
            fields.members.allSatisfy({ ["access_token", "account_id", "region"].contains($0.name) }),
            (fields["access_token"] == nil) == (token == nil), token.map(GrantedToken.isUsable) ?? true
        else { throw Refusal(.badRequest, "body", "Send JSON with access_token, account_id or region, as text.") }
        let account = fields["account_id"]?.text
        guard (account == nil) == (fields["account_id"] == nil), (account?.count ?? 0) <= 128 else {
            throw Refusal(.badRequest, "account_id", "account_id is text of at most 128 bytes.")
        }
        let region = try fields["region"].map { value throws(Refusal) in try self.region(value) }
        // Where a stored one is at home says nothing about its status.
        let isOnlyRegion = region != nil && token == nil && account == nil
        let sealed = token.map { seal.seal($0, for: key) }
        let now = context.now * 1000
        try await write([
            .installation(key) { stored in
                var next = stored ?? Installation(key: key, changedAt: now)
                if !isOnlyRegion { next.become(.active, at: now) }
                if let sealed { next.sealedToken = sealed }
                if let account { next.accountID = account.string }
                if let region { next.region = region }
                return next
            }
        ])
        log.record(.installationStored, context.id, Self.names(key))
        return Self.json(try await find(key))
    }

    /// The name of a region of the configuration.
    private func region(_ value: JSONValue) throws(Refusal) -> String {
        guard !regions.isEmpty else {
            throw Refusal(.badRequest, "region", "This gateway has no regions. Configure them first.")
        }
        guard let text = value.text, let name = regions.first(where: text.equals) else {
            throw Refusal(.badRequest, "region", "region is one of \(regions.joined(separator: ", ")).")
        }
        return name
    }

    /// Erases the token and revokes every session of the installation.
    private func remove(_ key: InstallationKey, _ context: RequestContext) async throws(Refusal) -> JSONObject {
        _ = try await find(key)
        let now = context.now
        let revoked = try await self.stored { () async throws(StoreError) in
            try await access.revocations(of: [.installation(key)], now: now, lifetimes: lifetimes)
        }
        let removal = StoreWrite.installation(key) { stored in
            var next = stored
            next?.become(.removed, at: now * 1000)
            return next
        }
        try await write([removal] + revoked.map { .revocation($0) })
        log.record(.installationRemoved, context.id, Self.names(key))
        return Self.json(try await find(key))
    }

    private func rotate(_ key: InstallationKey, _ integration: Integration, _ id: RequestID) async throws(Refusal)
        -> JSONObject
    {
        let stored = try await find(key)
        guard let token = seal.open(stored.sealedToken, for: key) else {
            throw Refusal(.conflict, "no_token", "The store holds no token of this installation that can be opened.")
        }
        let granted: GrantedToken
        do { granted = try await integration.rotation.rotate(token, installation: key.installationID) } catch {
            throw Refusal(.badGateway, error.reason, "The marketplace issued no new token. The old one is kept.")
        }
        let sealed = seal.seal(granted.token, for: key)
        let changes = try await write([
            // A token that was stored during the rotation is newer and stays.
            .installation(key) { current in
                guard var next = current, next.sealedToken == stored.sealedToken else { return nil }
                next.sealedToken = sealed
                return next
            }
        ])
        guard !changes.isEmpty else {
            throw Refusal(.conflict, "changed", "The installation changed meanwhile. What is stored now is kept.")
        }
        log.record(.tokenRotated, id, Self.names(key))
        var answer = Self.json(try await find(key)).members
        answer.append(("expires_in", granted.expiresIn.map { .integer($0) } ?? .null))
        return JSONObject(answer)
    }
}
