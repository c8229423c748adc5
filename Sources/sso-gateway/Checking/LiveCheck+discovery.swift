import Gateway
import Marketplace
import Untrusted

/// The issuer's metadata, for standard logins.
extension LiveCheck {
    func checkDiscovery(_ integration: IntegrationSettings, _ note: Note) async {
        guard integration.oidcPath != nil else { return }
        let watched = WatchedClient(client)
        let answer = await ProviderMetadataSource(
            issuer: integration.issuer, client: watched, timeout: Self.timeout
        ).fetch()
        let url = ProviderMetadata.address(of: integration.issuer)
        guard Self.noteReached("issuer", url, watched.last, note) != nil else { return }
        switch answer {
        case .success(let (metadata, _)):
            let endpoints =
                "logins go to \(Self.host(metadata.authorizationEndpoint)), codes to \(Self.host(metadata.tokenEndpoint))"
            guard let keys = metadata.keySetURL, !keys.equals(integration.jwksURL) else {
                return note("discovery", .ok, endpoints)
            }
            note("discovery", .warning, "\(endpoints); its jwks_uri is not jwks_url but \(Self.shown(keys))")
        case .failure(let failure): note("discovery", .failed, Self.words(failure, integration))
        }
    }

    private static func words(
        _ failure: ProviderMetadataCache.Unavailable, _ integration: IntegrationSettings
    ) -> String {
        switch failure {
        case .status(let status): "the answer has the status \(status)"
        case .refused(.notJSON): "the answer is not a JSON object"
        case .refused(.issuer(let presented)):
            "it is the document of \(presented.map(shown) ?? "no issuer"), not of \(integration.issuer)"
        case .refused(.endpoint(let name)): "\(name) is missing or no https:// address"
        case .refused(.clientAuthentication):
            "the token endpoint takes neither client_secret_post nor client_secret_basic"
        case .client, .heldBack: failure.reason
        }
    }

    private static func shown(_ text: UntrustedText) -> String { String(text.string.prefix(200)) }
}
