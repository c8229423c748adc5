import HTTP
package import JOSE
package import SecretMemory
package import Untrusted

extension APIOperation {
    /// Makes a resource of the partner's known to the marketplace, under the partner's id.
    ///
    /// <https://vercel.com/docs/rest-api/marketplace/import-resource>
    package static let importResource = APIOperation(
        "importResource", .put, "/v1/installations/{integrationConfigurationId}/resources/{resourceId}",
        body: ResourceImport.self, success: 200, alsoFailing: [409, 422, 429])
}

package enum ResourceOwnership: String, CaseIterable, FieldValue {
    /// Made through the marketplace.
    case owned
    /// Was the customer's before ("Import Existing").
    case linked
    case sandbox
}

/// The body of importResource.
package struct ResourceImport: RequestBody {
    package var ownership: ResourceOwnership?
    package var productId: UntrustedText
    package var name: UntrustedText
    package var status: ProvisioningStatus
    /// By the product's own schema.
    package var metadata: JSONObject?
    package var billingPlan: BillingPlan?
    package var notification: CustomerNotice?
    package var extras: JSONObject?
    package var secrets: [ResourceSecret]?

    package func check(_ rules: LocalRules, now: ISOTime) throws(FieldError) {
        try notification?.check(at: "notification", rules)
        try secrets?.check(at: "secrets")
    }
}

extension ResourceImport {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        ownership = try fields.optional("ownership")
        productId = try fields.required("productId")
        name = try fields.required("name")
        status = try fields.required("status")
        metadata = try fields.optional("metadata")
        billingPlan = try fields.optional("billingPlan")
        notification = try fields.optional("notification")
        extras = try fields.optional("extras")
        secrets = try fields.optional("secrets")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("ownership", ownership)
        fields.put("productId", productId)
        fields.put("name", name)
        fields.put("status", status)
        fields.put("metadata", metadata)
        fields.put("billingPlan", billingPlan)
        fields.put("notification", notification)
        fields.put("extras", extras)
        fields.put("secrets", secrets)
    }
}

/// The answer of importResource and of updateResource.
package struct NamedResource: FieldObject {
    package var name: UntrustedText
}

extension NamedResource {
    package init(_ fields: inout FieldReader) throws(FieldError) { name = try fields.required("name") }

    package func write(_ fields: inout FieldWriter) { fields.put("name", name) }
}

extension MarketplaceAPI {
    package func importResource(
        _ resource: ResourceImport, as id: UntrustedText, in installation: UntrustedText, token: SecretBytes,
        now: ISOTime
    ) async throws(APIError) -> NamedResource {
        let call = try APICall.make(
            .importResource, [.integrationConfigurationId: installation, .resourceId: id], body: resource)
        return try await answer(call, token: token, now: now)
    }
}
