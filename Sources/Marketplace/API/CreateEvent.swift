import HTTP
package import SecretMemory
package import Untrusted

extension APIOperation {
    /// Reports a change at the partner's, so that the marketplace reads it again.
    ///
    /// <https://vercel.com/docs/rest-api/marketplace/create-event>
    package static let createEvent = APIOperation(
        "createEvent", .post, "/v1/installations/{integrationConfigurationId}/events", body: PartnerEvent.self,
        success: 201)
}

/// The body of createEvent.
package struct PartnerEvent: RequestBody {
    package enum Event: Sendable, Equatable {
        case installationUpdated(billingPlanId: UntrustedText?)
        /// Both ids are the partner's; `productId` may be a slug.
        case resourceUpdated(resourceId: UntrustedText, productId: UntrustedText?)
    }

    package var event: Event
}

extension PartnerEvent {
    package init(_ fields: inout FieldReader) throws(FieldError) { event = try fields.required("event") }

    package func write(_ fields: inout FieldWriter) { fields.put("event", event) }
}

extension PartnerEvent.Event: FieldObject {
    private enum Kind: String, CaseIterable, FieldValue {
        case installationUpdated = "installation.updated", resourceUpdated = "resource.updated"
    }

    package init(_ fields: inout FieldReader) throws(FieldError) {
        let kind: Kind = try fields.required("type")
        switch kind {
        case .installationUpdated: self = .installationUpdated(billingPlanId: try fields.optional("billingPlanId"))
        case .resourceUpdated:
            self = .resourceUpdated(
                resourceId: try fields.required("resourceId"), productId: try fields.optional("productId"))
        }
    }

    package func write(_ fields: inout FieldWriter) {
        switch self {
        case .installationUpdated(let billingPlanId):
            fields.put("type", Kind.installationUpdated)
            fields.put("billingPlanId", billingPlanId)
        case .resourceUpdated(let resourceId, let productId):
            fields.put("type", Kind.resourceUpdated)
            fields.put("resourceId", resourceId)
            fields.put("productId", productId)
        }
    }
}

extension MarketplaceAPI {
    package func createEvent(
        _ event: PartnerEvent.Event, of installation: UntrustedText, token: SecretBytes, now: ISOTime
    ) async throws(APIError) {
        let body = PartnerEvent(event: event)
        let call = try APICall.make(.createEvent, [.integrationConfigurationId: installation], body: body)
        try await perform(call, token: token, now: now)
    }
}
