import HTTP
import JOSE
import Locking
import Untrusted

/// What `POST /v1/billing/buy` answers with.
enum CreditAnswer: String, CaseIterable {
    case purchaseIntent = "purchase_intent", checkoutSession = "checkout_session"
    case subscriptionIntent = "subscription_intent"
    /// 402.
    case declined
}

/// Credits, of the marketplace and of the other vendor. Neither takes an installation's token.
extension ProviderStandIn {
    func buyCredits(_ request: HTTPRequest) -> HTTPResponse {
        guard request.headers[.authorization]?.equals("Bearer \(settings.accountToken)") == true else {
            return StandInReply.error(.unauthorized, "forbidden", "The token is not one of a team's.")
        }
        let body: JSONObject
        do { body = try self.body(request, MarketShapes.credits) } catch { return error.response }
        guard case .object(let item)? = body["item"], let amount = Self.integer(item["amount"]), amount >= 1 else {
            return Self.invalid("`item.amount` should be at least 1.").response
        }
        let answer = state.withLock { state in
            state.purchases += 1
            return state.creditAnswer
        }
        let time = ISOTime(seconds: now()).text
        switch answer {
        case .declined: return StandInReply.error(.init(rawValue: 402), "payment_required", "The payment failed.")
        case .checkoutSession:
            let id = "cs_" + randomText(8)
            return StandInReply.json(
                .ok,
                [
                    "checkoutSessionId": .string(id),
                    "checkoutSessionUrl": .string("https://checkout.example/\(id)"),
                ])
        case .purchaseIntent:
            let provider: JSONObject = [
                "resourceId": .string("in_" + randomText(8)), "type": .string("stripe_invoice_immediate"),
            ]
            let intent: JSONObject = [
                "id": .string("pur_" + randomText(8)), "configuration": .object(item), "createdAt": .string(time),
                "currency": .string("usd"), "ownerId": .string("team_analytical"), "provider": .object(provider),
                "status": .string("succeeded"), "subtotal": .string("\(amount)"), "tax": .string("0"),
                "total": .string("\(amount)"), "updatedAt": .string(time),
            ]
            return StandInReply.json(.ok, ["purchaseIntent": .object(intent)])
        case .subscriptionIntent:
            let intent: JSONObject = [
                "id": .string("orbsubint_" + randomText(8)), "configuration": .object(item),
                "createdAt": .string(time), "orbSubscriptionId": .string("sub_" + randomText(8)),
                "ownerId": .string("team_analytical"), "status": .string("pending"), "updatedAt": .string(time),
            ]
            return StandInReply.json(.ok, ["orbSubscriptionIntent": .object(intent)])
        }
    }

    /// `POST /api/v1/org/{org}/credits/checkout`
    func checkOut(_ request: HTTPRequest) -> HTTPResponse {
        guard request.headers[.authorization]?.equals("Bearer \(settings.checkoutToken)") == true else {
            return Self.envelope(401, "authentication_error", "The token is not valid.")
        }
        guard let body = try? JSONObject(parsing: request.body) else {
            return Self.envelope(400, "invalid_request_error", "The body is no JSON.")
        }
        if let fault = MarketShapes.checkout.fault(in: .object(body)) {
            return Self.envelope(422, "validation_error", "The request is not valid.", finding: fault)
        }
        guard let quantity = Self.integer(body["quantity"]), (1...10).contains(quantity) else {
            return Self.envelope(
                422, "validation_error", "The request is not valid.", finding: "`quantity` is not 1 to 10.")
        }
        let id = "cs_" + randomText(8)
        return StandInReply.json(
            .ok, ["checkout_url": .string("https://checkout.example/\(id)"), "session_id": .string(id)])
    }

    /// Also of `5.0`, which is an integer by JSON Schema.
    private static func integer(_ value: JSONValue?) -> Int64? {
        switch value {
        case .integer(let integer): integer
        case .number(let number): Int64(exactly: number)
        default: nil
        }
    }

    /// The other vendor's errors. What the list of findings is called is not certain.
    private static func envelope(_ status: Int, _ type: String, _ detail: String, finding: String? = nil)
        -> HTTPResponse
    {
        var members: [(name: UntrustedText, value: JSONValue)] = [
            ("code", .integer(Int64(status))), ("detail", .string(detail)), ("type", .string(type)),
        ]
        if let finding {
            let location = finding.split(separator: "`").first.map(String.init) ?? "body"
            let error: JSONObject = [
                "location": .string("body.\(location)"), "message": .string(finding), "type": .string("invalid"),
            ]
            members.append(("errors", .array([.object(error)])))
        }
        return StandInReply.json(HTTPStatus(rawValue: status), JSONObject(members))
    }
}
