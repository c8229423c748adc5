import HTTP
package import SecretMemory
package import Untrusted

extension APIOperation {
    /// <https://vercel.com/docs/rest-api/marketplace/delete-an-existing-experimentation-item>
    package static let deleteInstallationIntegrationConfiguration = APIOperation(
        "deleteInstallationIntegrationConfiguration", .delete,
        "/v1/installations/{integrationConfigurationId}/resources/{resourceId}/experimentation/items/{itemId}",
        success: 204)
}

extension MarketplaceAPI {
    package func deleteExperimentationItem(
        _ id: UntrustedText, of resource: UntrustedText, in installation: UntrustedText, token: SecretBytes,
        now: ISOTime
    ) async throws(APIError) {
        let call = try APICall.make(
            .deleteInstallationIntegrationConfiguration,
            [.integrationConfigurationId: installation, .resourceId: resource, .itemId: id])
        try await perform(call, token: token, now: now)
    }
}
