import HTTP
package import SecretMemory
package import Untrusted

extension APIOperation {
    /// <https://vercel.com/docs/rest-api/marketplace/get-integration-resource>
    package static let getIntegrationResource = APIOperation(
        "getIntegrationResource", .get, "/v1/installations/{integrationConfigurationId}/resources/{resourceId}",
        success: 200)
}

extension MarketplaceAPI {
    package func getIntegrationResource(
        _ resource: UntrustedText, of installation: UntrustedText, token: SecretBytes, now: ISOTime
    ) async throws(APIError) -> KnownResource {
        let call = try APICall.make(
            .getIntegrationResource, [.integrationConfigurationId: installation, .resourceId: resource])
        return try await answer(call, token: token, now: now)
    }
}
