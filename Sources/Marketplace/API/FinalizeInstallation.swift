import HTTP
package import SecretMemory
package import Untrusted

extension APIOperation {
    /// Says that no more invoices follow. An uninstallation that is under way ends once all invoices are paid.
    ///
    /// <https://vercel.com/docs/rest-api/marketplace/finalize-installation>
    package static let finalizeInstallation = APIOperation(
        "finalizeInstallation", .post, "/v1/installations/{integrationConfigurationId}/billing/finalize", success: 204)
}

extension MarketplaceAPI {
    package func finalizeInstallation(
        _ installation: UntrustedText, token: SecretBytes, now: ISOTime
    ) async throws(APIError) {
        let call = try APICall.make(.finalizeInstallation, [.integrationConfigurationId: installation])
        try await perform(call, token: token, now: now)
    }
}
