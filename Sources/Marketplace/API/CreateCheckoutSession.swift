import HTTP
package import SecretMemory
package import Untrusted

extension APIOperation {
    /// The other vendor's checkout of credits. Its host and its token are its own; only the headings of its failures are
    /// documented, so which statuses it answers with is likely, not certain.
    package static let createCheckoutSession = APIOperation(
        "createCheckoutSession", .post, "/api/v1/org/{org}/credits/checkout", body: CheckoutRequest.self, success: 200,
        failures: [400, 401, 403, 404, 409, 422, 426, 429], credential: .checkout)
}

/// The body of createCheckoutSession.
package struct CheckoutRequest: RequestBody {
    package var cancelURL: UntrustedText
    /// Bundles, 1 to 10.
    package var quantity: Int64
    package var successURL: UntrustedText

    package func check(_ rules: LocalRules, now: ISOTime) throws(FieldError) {
        try Self.check(cancelURL, at: "cancel_url", rules)
        guard (1...10).contains(quantity) else { throw FieldError("quantity", .rule("must be 1 to 10")) }
        try Self.check(successURL, at: "success_url", rules)
    }

    private static let hostBytes = ByteSet(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:[]")

    /// A browser is sent there, so a URL that a browser could read as another origin's is refused.
    private static func check(_ url: UntrustedText, at path: String, _ rules: LocalRules) throws(FieldError) {
        guard url.hasPrefix("https://"), ByteSet.visible.subtracting("\\\"<>^`{|}").containsAll(url.bytes[...]) else {
            throw FieldError(path, .rule("must be an https URL"))
        }
        let host = url.bytes.dropFirst(8).prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
        guard !host.isEmpty, hostBytes.containsAll(host) else {
            throw FieldError(path, .rule("must name a host and nothing before it"))
        }
        guard let origins = rules.checkoutOrigins else { return }
        let origin = "https://" + UntrustedText(checked: Array(host)).lowercasedASCII.string
        guard origins.contains(origin) else { throw FieldError(path, .rule("must be at a configured origin")) }
    }
}

extension CheckoutRequest {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        cancelURL = try fields.required("cancel_url")
        quantity = try fields.required("quantity")
        successURL = try fields.required("success_url")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("cancel_url", cancelURL)
        fields.put("quantity", quantity)
        fields.put("success_url", successURL)
    }
}

/// The answer of createCheckoutSession.
package struct CheckoutSession: FieldObject {
    package var checkoutURL: UntrustedText
    package var sessionID: UntrustedText
}

extension CheckoutSession {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        checkoutURL = try fields.required("checkout_url")
        sessionID = try fields.required("session_id")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("checkout_url", checkoutURL)
        fields.put("session_id", sessionID)
    }
}

extension MarketplaceAPI {
    /// On a client whose base URL is the other vendor's.
    package func createCheckoutSession(
        _ checkout: CheckoutRequest, of organization: UntrustedText, token: SecretBytes, now: ISOTime
    ) async throws(APIError) -> CheckoutSession {
        let call = try APICall.make(.createCheckoutSession, [.org: organization], body: checkout)
        return try await answer(call, token: token, now: now)
    }
}
