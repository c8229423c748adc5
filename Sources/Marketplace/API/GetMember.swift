import HTTP

extension APIOperation {
    /// A member's role. The gateway's own look-up is `MemberLookup`.
    ///
    /// <https://vercel.com/docs/rest-api/marketplace/get-member-information>
    package static let getMember = APIOperation(
        "getMember", .get, "/v1/installations/{integrationConfigurationId}/member/{memberId}", success: 200)
}
