import HTTP
package import SecretMemory
package import Untrusted

extension APIOperation {
    /// <https://vercel.com/docs/rest-api/marketplace/delete-integration-resource>
    package static let deleteIntegrationResource = APIOperation(
        "deleteIntegrationResource", .delete, "/v1/installations/{integrationConfigurationId}/resources/{resourceId}",
        success: 204)
}

extension MarketplaceAPI {
    package func deleteIntegrationResource(
        _ resource: UntrustedText, of installation: UntrustedText, token: SecretBytes, now: ISOTime
    ) async throws(APIError) {
        let call = try APICall.make(
            .deleteIntegrationResource, [.integrationConfigurationId: installation, .resourceId: resource])
        try await perform(call, token: token, now: now)
    }
}
