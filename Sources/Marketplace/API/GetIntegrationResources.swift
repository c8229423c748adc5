import HTTP
package import JOSE
package import SecretMemory
package import Untrusted

extension APIOperation {
    /// <https://vercel.com/docs/rest-api/marketplace/get-integration-resources>
    package static let getIntegrationResources = APIOperation(
        "getIntegrationResources", .get, "/v1/installations/{integrationConfigurationId}/resources", success: 200)
}

/// The answer of getIntegrationResources.
package struct ResourceList: FieldObject {
    package var resources: [KnownResource]
}

extension ResourceList {
    package init(_ fields: inout FieldReader) throws(FieldError) { resources = try fields.required("resources") }

    package func write(_ fields: inout FieldWriter) { fields.put("resources", resources) }
}

/// A resource as the marketplace knows it: an element of the list, or the answer of getIntegrationResource.
package struct KnownResource: FieldObject {
    /// Which name the partner's id has: the list says `partnerId`, the single resource `id`.
    package enum IDField: Sendable { case partnerId, id }

    package var idField: IDField
    /// The partner's own id.
    package var resourceId: UntrustedText
    package var internalId: UntrustedText
    package var name: UntrustedText
    package var status: OpenWord<ProvisioningStatus>?
    package var productId: UntrustedText
    /// What the product's protocols need, by protocol.
    package var protocolSettings: JSONObject?
    package var notification: CustomerNotice?
    package var billingPlanId: UntrustedText?
    /// By the product's own schema.
    package var metadata: JSONObject?
}

extension KnownResource {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        idField = fields.has("partnerId") ? .partnerId : .id
        resourceId = try fields.required(idField == .partnerId ? "partnerId" : "id")
        internalId = try fields.required("internalId")
        name = try fields.required("name")
        status = try fields.optional("status")
        productId = try fields.required("productId")
        protocolSettings = try fields.optional("protocolSettings")
        notification = try fields.optional("notification")
        billingPlanId = try fields.optional("billingPlanId")
        metadata = try fields.optional("metadata")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put(idField == .partnerId ? "partnerId" : "id", resourceId)
        fields.put("internalId", internalId)
        fields.put("name", name)
        fields.put("status", status)
        fields.put("productId", productId)
        fields.put("protocolSettings", protocolSettings)
        fields.put("notification", notification)
        fields.put("billingPlanId", billingPlanId)
        fields.put("metadata", metadata)
    }
}

extension MarketplaceAPI {
    package func getIntegrationResources(
        of installation: UntrustedText, token: SecretBytes, now: ISOTime
    ) async throws(APIError) -> ResourceList {
        let call = try APICall.make(.getIntegrationResources, [.integrationConfigurationId: installation])
        return try await answer(call, token: token, now: now)
    }
}
