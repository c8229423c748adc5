import HTTP
package import SecretMemory
package import Untrusted

extension APIOperation {
    /// <https://vercel.com/docs/rest-api/marketplace/update-installation>
    package static let updateInstallation = APIOperation(
        "updateInstallation", .patch, "/v1/installations/{integrationConfigurationId}", body: InstallationUpdate.self,
        success: 204)
}

/// The state of an installation or of a resource.
package enum ProvisioningStatus: String, CaseIterable, FieldValue {
    case ready, pending, onboarding, suspended, resumed, uninstalled, error
}

/// The body of updateInstallation. What is absent stays as it is.
package struct InstallationUpdate: RequestBody {
    package var status: ProvisioningStatus?
    package var externalId: UntrustedText?
    package var billingPlan: BillingPlan?
    /// Null takes the notice away.
    package var notification: Nullable<CustomerNotice>?

    package func check(_ rules: LocalRules, now: ISOTime) throws(FieldError) {
        try notification?.check(at: "notification", rules)
    }
}

extension InstallationUpdate {
    package init(_ fields: inout FieldReader) throws(FieldError) {
        status = try fields.optional("status")
        externalId = try fields.optional("externalId")
        billingPlan = try fields.optional("billingPlan")
        notification = try fields.nullable("notification")
    }

    package func write(_ fields: inout FieldWriter) {
        fields.put("status", status)
        fields.put("externalId", externalId)
        fields.put("billingPlan", billingPlan)
        fields.put("notification", notification)
    }
}

extension MarketplaceAPI {
    package func updateInstallation(
        _ update: InstallationUpdate, of installation: UntrustedText, token: SecretBytes, now: ISOTime
    ) async throws(APIError) {
        let call = try APICall.make(
            .updateInstallation, [.integrationConfigurationId: installation], body: update)
        try await perform(call, token: token, now: now)
    }
}
