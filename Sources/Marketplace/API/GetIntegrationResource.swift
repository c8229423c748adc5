import HTTP
package import SecretMemory
package import Untrusted

extension Operation {
    /// <https://vercel.com/docs/rest-api/marketplace/get-integration-resource>
    package static let getIntegrationResource = Operation(
        "getIntegrationResource", .get, "/v1/installations/{integrationConfigurationId}/resources/{resourceId}",
        success: 200)
}

extension MarketplaceAPI {
    package func getIntegrationResource(
        _ resource: UntrustedText, of installation: UntrustedText, token: SecretBytes, now: ISOTime
    ) async throws(APIError) -> KnownResource {
        let call = try OperationCall.make(
            .getIntegrationResource, [.integrationConfigurationId: installation, .resourceId: resource])
        return try await answer(call, token: token, now: now)
    }
}
