import HTTP

extension APIOperation {
    /// Who the team behind an installation is. The gateway's own look-up is `AccountLookup`, which leaves the contact out.
    ///
    /// <https://vercel.com/docs/rest-api/marketplace/get-account-information>
    package static let getAccountInfo = APIOperation(
        "getAccountInfo", .get, "/v1/installations/{integrationConfigurationId}/account", success: 200)
}
