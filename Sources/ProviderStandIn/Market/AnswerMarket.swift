import HTTP
import JOSE
import Locking
import Untrusted

/// The operations of the marketplace's API that a partner's server calls.
extension ProviderStandIn {
    func market(_ path: MarketPath, of id: String, _ request: HTTPRequest) -> HTTPAnswer {
        let fault = state.withLock { state in
            state.counters.apiCalls += 1
            return state.strike([.api])
        }
        if let spoiled = spoiledCall(fault) { return .now(spoiled) }
        switch authorized(id, request) {
        case .failure(let refusal): return .now(refusal.response)
        case .success: break
        }
        let time = now()
        settle(until: time)
        let response: HTTPResponse
        do { response = try perform(path, of: id, request, time) } catch { response = error.response }
        sendNotices()
        return answer(response, slowly: fault == .apiSlow)
    }

    private func perform(
        _ path: MarketPath, of id: String, _ request: HTTPRequest, _ time: Int64
    ) throws(Refusal) -> HTTPResponse {
        switch path {
        case .installation: try updateInstallation(id, body(request, MarketShapes.installation))
        case .events: try createEvent(id, body(request, MarketShapes.event))
        case .billing: try submitBilling(id, body(request, MarketShapes.billing), time)
        case .balance: try submitBalance(id, body(request, MarketShapes.balances))
        case .finalize: try finalize(id, time)
        case .invoices: try submitInvoice(id, body(request, MarketShapes.invoice), time)
        case .invoice(let invoice): try getInvoice(invoice, id)
        case .invoiceActions(let invoice): try refund(invoice, id, body(request, MarketShapes.refund), time)
        case .resources: listResources(id)
        case .resource(let resource):
            switch request.method {
            case .put: importResource(resource, id, try body(request, MarketShapes.imported))
            case .patch: try updateResource(resource, id, body(request, MarketShapes.resource))
            case .delete: try deleteResource(resource, id)
            default: try getResource(resource, id)
            }
        case .secrets(let resource): try setSecrets(of: resource, id, body(request, MarketShapes.secrets))
        case .items(let resource): try createItems(of: resource, id, body(request, MarketShapes.newItems))
        case .item(let resource, let item):
            request.method == .delete
                ? try deleteItem(item, of: resource, id)
                : try updateItem(item, of: resource, id, body(request, MarketShapes.changedItem))
        }
    }

    /// The request's body, if it is of this shape.
    func body(_ request: HTTPRequest, _ shape: Shape) throws(Refusal) -> JSONObject {
        let type = (request.headers[.contentType] ?? "").string.prefix { $0 != ";" && $0 != " " }.lowercased()
        guard type == "application/json" else {
            throw Refusal(.badRequest, "bad_request", "The content type should be application/json.")
        }
        guard let body = try? JSONObject(parsing: request.body) else {
            throw Refusal(.badRequest, "bad_request", "Invalid JSON.")
        }
        if let fault = shape.fault(in: .object(body)) {
            throw Refusal(.badRequest, "bad_request", "Invalid request: \(fault)")
        }
        return body
    }

    /// Changes what is known of an installation, or nothing where `change` throws.
    func change<Value>(
        _ id: String, _ change: (inout InstallationMarket) throws(Refusal) -> Value
    ) throws(Refusal) -> Value {
        let result: Result<Value, Refusal> = state.withLock { state in
            guard var market = state.markets[id] else {
                return .failure(Refusal(.notFound, "not_found", "No such installation."))
            }
            do throws(Refusal) {
                let value = try change(&market)
                state.markets[id] = market
                return .success(value)
            } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// `GET /stand-in/openapi.yaml`: what partners' servers may call.
    static let openAPI = HTTPResponse(
        .ok, headers: ["Content-Type": "application/yaml", "X-Content-Type-Options": "nosniff"],
        body: PackageResources.OpenAPI_yaml)

    static let created = HTTPResponse(
        HTTPStatus(rawValue: 201), headers: ["X-Vercel-Id": "stand-in", "Cache-Control": "no-store"])
    static let done = HTTPResponse(.noContent, headers: ["X-Vercel-Id": "stand-in"])

    private func spoiledCall(_ fault: StandInFault) -> HTTPResponse? {
        switch fault {
        case .api401: StandInReply.error(.unauthorized, "forbidden", "The token is not valid.")
        case .api403:
            StandInReply.error(.forbidden, "integration_configuration_disabled", "The installation is disabled.")
        case .api409: StandInReply.error(.conflict, "conflict", "It is there already.")
        case .api410: StandInReply.error(.gone, "gone", "The installation is gone.")
        case .api429: StandInReply.rateLimited(seconds: 1, now: now())
        case .api500: StandInReply.error(.internalServerError, "internal_server_error", "Something broke.")
        case .apiGarbage: StandInReply.garbage
        default: nil
        }
    }
}
