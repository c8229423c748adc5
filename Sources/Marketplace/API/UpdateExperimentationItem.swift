import HTTP
package import SecretMemory
package import Untrusted

extension APIOperation {
    /// <https://vercel.com/docs/rest-api/marketplace/patch-an-existing-experimentation-item>
    package static let updateInstallationIntegrationConfiguration = APIOperation(
        "updateInstallationIntegrationConfiguration", .patch,
        "/v1/installations/{integrationConfigurationId}/resources/{resourceId}/experimentation/items/{itemId}",
        body: ExperimentationItem.self, success: 204)
}

/// The body of updateInstallationIntegrationConfiguration. Although it is a PATCH, `slug` and `origin` are required.
extension ExperimentationItem: RequestBody {
    package func check(_ rules: LocalRules, now: ISOTime) throws(FieldError) { try check(at: "") }
}

extension MarketplaceAPI {
    package func updateExperimentationItem(
        _ item: ExperimentationItem, _ id: UntrustedText, of resource: UntrustedText, in installation: UntrustedText,
        token: SecretBytes, now: ISOTime
    ) async throws(APIError) {
        let call = try APICall.make(
            .updateInstallationIntegrationConfiguration,
            [.integrationConfigurationId: installation, .resourceId: resource, .itemId: id], body: item)
        try await perform(call, token: token, now: now)
    }
}
