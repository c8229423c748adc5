package import HTTP
package import SecretMemory

/// `POST /v1/installations/{id}/credentials/revoke`: revokes a token while another one is live.
///
/// <https://vercel.com/docs/rest-api/marketplace>
package struct CredentialRevocation: Sendable {
    /// Why a token was not revoked: the reasons of a grant, and 409 for the last live token.
    package enum Failure: Error, Sendable, Equatable {
        case lastLiveToken
        case other(GrantedToken.Failure)

        package var reason: String {
            switch self {
            case .lastLiveToken: "last_live_token"
            case .other(let failure): failure.reason
            }
        }
    }

    private let call: CredentialCall

    package init(
        apiURL: String, clientID: String, clientSecret: SecretBytes, timeout: Duration = .seconds(8),
        client: any HTTPClient
    ) {
        call = CredentialCall(
            apiURL: apiURL, clientID: clientID, clientSecret: clientSecret, timeout: timeout, client: client)
    }

    /// `bearer` is another live token of the installation.
    package func revoke(
        _ token: SecretBytes, bearing bearer: SecretBytes, installation: String
    ) async throws(Failure) {
        let response: HTTPClientResponse
        do { response = try await call.send("revoke", token: token, bearing: bearer, installation: installation) } catch
        { throw .other(GrantedToken.failure(error)) }
        switch response.status.rawValue {
        // The status of success is not documented.
        case 200...204: return
        case 409: throw .lastLiveToken
        case 404, 410: throw .other(.installationGone(status: response.status.rawValue))
        case 429: throw .other(.unavailable("rate_limited"))
        case 400...499: throw .other(.refused(status: response.status.rawValue))
        default: throw .other(.unavailable("status"))
        }
    }
}
