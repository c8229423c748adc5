import HTTP
import JOSE
import Locking
import Untrusted

/// The installation itself, its resources, their secrets and their items of experimentation.
extension ProviderStandIn {
    func updateInstallation(_ id: String, _ body: JSONObject) throws(Refusal) -> HTTPResponse {
        try change(id) { $0.installation = Self.merged($0.installation, body) }
        return Self.done
    }

    func createEvent(_ id: String, _ body: JSONObject) throws(Refusal) -> HTTPResponse {
        guard case .object(let event)? = body["event"] else { throw Self.invalid("`event` is missing.") }
        let isInstallation = event["type"]?.isText("installation.updated") == true
        let shape = isInstallation ? MarketShapes.installationUpdated : MarketShapes.resourceUpdated
        if let fault = shape.fault(in: .object(event), at: "event") { throw Self.invalid(fault) }
        try change(id) { (market) throws(Refusal) in
            if let resource = event["resourceId"]?.text?.string { _ = try Self.index(of: resource, in: market) }
            market.events.append(event)
        }
        return Self.created
    }

    func listResources(_ id: String) -> HTTPResponse {
        let resources = state.withLock { $0.markets[id]?.resources ?? [] }
        let list = resources.map { JSONValue.object(Self.shown($0.id, as: "partnerId", $0.fields)) }
        return StandInReply.json(.ok, ["resources": .array(list)])
    }

    func getResource(_ resource: String, _ id: String) throws(Refusal) -> HTTPResponse {
        let fields = try change(id) { (market) throws(Refusal) in
            market.resources[try Self.index(of: resource, in: market)].fields
        }
        return StandInReply.json(.ok, Self.shown(resource, as: "id", fields))
    }

    /// Makes the resource or takes its place.
    func importResource(_ resource: String, _ id: String, _ body: JSONObject) -> HTTPResponse {
        let store = "store_" + randomText(6)
        _ = try? change(id) { market in
            if let index = market.resources.firstIndex(where: { $0.id == resource }) {
                let internalID = market.resources[index].fields["internalId"] ?? .string(store)
                market.resources[index].fields = Self.merged(Self.fields(of: body), ["internalId": internalID])
            } else {
                market.resources.append(
                    (resource, Self.merged(Self.fields(of: body), ["internalId": .string(store)])))
            }
            if let secrets = body["secrets"] { market.secrets[resource] = Self.objects(secrets) }
        }
        return StandInReply.json(.ok, ["name": body["name"] ?? .null])
    }

    func updateResource(_ resource: String, _ id: String, _ body: JSONObject) throws(Refusal) -> HTTPResponse {
        let name = try change(id) { (market) throws(Refusal) in
            let index = try Self.index(of: resource, in: market)
            market.resources[index].fields = Self.merged(market.resources[index].fields, Self.fields(of: body))
            switch body["secrets"] {
            case .object(let some)?: Self.set(some, of: resource, in: &market)
            case let secrets?: market.secrets[resource] = Self.objects(secrets)
            case nil: break
            }
            return market.resources[index].fields["name"]
        }
        return StandInReply.json(.ok, ["name": name ?? .null])
    }

    func deleteResource(_ resource: String, _ id: String) throws(Refusal) -> HTTPResponse {
        try change(id) { (market) throws(Refusal) in
            market.resources.remove(at: try Self.index(of: resource, in: market))
            market.secrets[resource] = nil
            market.items[resource] = nil
        }
        return Self.done
    }

    func setSecrets(of resource: String, _ id: String, _ body: JSONObject) throws(Refusal) -> HTTPResponse {
        try change(id) { (market) throws(Refusal) in
            _ = try Self.index(of: resource, in: market)
            Self.set(body, of: resource, in: &market)
        }
        return Self.created
    }

    func createItems(of resource: String, _ id: String, _ body: JSONObject) throws(Refusal) -> HTTPResponse {
        try change(id) { (market) throws(Refusal) in
            _ = try Self.index(of: resource, in: market)
            for item in Self.objects(body["items"]) {
                market.items[resource, default: [:]][item["id"]?.text?.string ?? ""] = item
            }
        }
        return Self.done
    }

    func updateItem(
        _ item: String, of resource: String, _ id: String, _ body: JSONObject
    ) throws(Refusal) -> HTTPResponse {
        try change(id) { (market) throws(Refusal) in
            guard let known = market.items[resource]?[item] else { throw Self.noItem }
            market.items[resource]?[item] = Self.merged(known, body)
        }
        return Self.done
    }

    func deleteItem(_ item: String, of resource: String, _ id: String) throws(Refusal) -> HTTPResponse {
        try change(id) { (market) throws(Refusal) in
            guard market.items[resource]?.removeValue(forKey: item) != nil else { throw Self.noItem }
        }
        return Self.done
    }

    private static let noItem = Refusal(.notFound, "not_found", "No such item.")

    private static func index(of resource: String, in market: InstallationMarket) throws(Refusal) -> Int {
        guard let index = market.resources.firstIndex(where: { $0.id == resource }) else {
            throw Refusal(.notFound, "not_found", "No such resource.")
        }
        return index
    }

    /// All secrets anew, or those that the body names.
    private static func set(_ body: JSONObject, of resource: String, in market: inout InstallationMarket) {
        let new = objects(body["secrets"])
        guard case .bool(true)? = body["partial"] else {
            market.secrets[resource] = new
            return
        }
        let names = new.map { $0["name"] }
        market.secrets[resource, default: []].removeAll { names.contains($0["name"]) }
        market.secrets[resource, default: []] += new
    }

    /// The members of both; the later ones count, and null takes away.
    private static func merged(_ old: JSONObject, _ new: JSONObject) -> JSONObject {
        let kept = old.members.filter { new[$0.name] == nil }
        return JSONObject(kept + new.members.filter { $0.value != .null })
    }

    /// What is shown of a resource again. A plan is shown by its id, secrets never.
    private static func fields(of body: JSONObject) -> JSONObject {
        var members = body.members.filter { !["secrets", "billingPlan", "extras", "ownership"].contains($0.name) }
        if case .object(let plan)? = body["billingPlan"], let id = plan["id"] { members.append(("billingPlanId", id)) }
        return JSONObject(members)
    }

    private static func shown(_ id: String, as name: UntrustedText, _ fields: JSONObject) -> JSONObject {
        JSONObject([(name, .string(id))] + fields.members)
    }

    private static func objects(_ value: JSONValue?) -> [JSONObject] {
        guard case .array(let values)? = value else { return [] }
        return values.compactMap { if case .object(let object) = $0 { object } else { nil } }
    }
}
