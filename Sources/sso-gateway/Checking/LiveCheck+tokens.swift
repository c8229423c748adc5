import Gateway
import HTTP
import Marketplace
import SecretMemory
import Storage

/// The token endpoint, the installations' tokens and the login address.
extension LiveCheck {
    /// What live and sandbox integrations are confused by.
    func noteAudience(_ integration: IntegrationSettings, _ note: Note) {
        let expected = "tokens need aud \(integration.clientID) and iss \(integration.issuer)"
        let twins = configuration.gateway.integrations.filter {
            $0.name != integration.name && $0.slug == integration.slug
        }
        if !integration.clientID.hasPrefix("oac_") {
            note("audience", .warning, "client_id does not begin with oac_; \(expected)")
        } else if let twin = twins.first {
            note("audience", .warning, "\(twin.name) has the same slug; live and sandbox have one each; \(expected)")
        } else if Self.host(integration.issuer) != Self.host(integration.jwksURL) {
            note(
                "audience", .warning, "the keys come from \(Self.host(integration.jwksURL)), another host; \(expected)")
        } else {
            note("audience", .ok, expected)
        }
    }

    func checkTokenEndpoint(_ integration: IntegrationSettings, _ note: Note) async {
        let url = integration.apiURL + "/v1/integrations/sso/token"
        guard await reach("api_url", url, note) != nil, triesCredentials else { return }
        let watched = WatchedClient(client)
        let exchange = TokenExchange(
            apiURL: integration.apiURL, clientID: integration.clientID, clientSecret: integration.clientSecret,
            timeout: Self.timeout, client: watched)
        let hint = "are they those of this integration, live or sandbox?"
        do throws(ExchangeFailure) {
            _ = try await exchange.exchange(code: SecretBytes("sso-gateway-check"), state: nil)
            note("credentials", .failed, "a made-up code was accepted: is this the marketplace?")
        } catch {
            switch error {
            case .codeRefused(let status, _):
                note("credentials", .ok, "the made-up code was refused (\(status)), not the client")
            case .clientRefused(let status, _):
                note("credentials", .failed, "client_id or client_secret was refused (\(status)): \(hint)")
            default: note("credentials", .failed, "no answer about them: \(error.reason)")
            }
        }
    }

    func checkInstallationToken(_ integration: IntegrationSettings, _ note: Note) async {
        let check = "installation_token"
        switch integration.installationToken {
        case .none: return
        case .configured(let tokens):
            note(check, tokens.isEmpty ? .failed : .ok, "static: \(tokens.count) in the configuration")
        case .file(let file):
            if let trouble = file.entry(of: "").trouble { return note(check, .failed, trouble) }
            note(check, .ok, "file: \(file.path) is readable")
        case .store: await checkStore(integration, check, note)
        case .clientCredentials(let url, let parameters): await checkGrant(integration, url, parameters, check, note)
        }
    }

    private func checkStore(_ integration: IntegrationSettings, _ check: String, _ note: Note) async {
        do {
            let ours = try await installations(of: integration)
            let count = ours.count { !$0.sealedToken.isEmpty }
            note(check, .ok, "store: readable, \(count) of \(ours.count) installations have a token")
        } catch { note(check, .failed, "store: \(configuration.store): \(error)") }
    }

    private func installations(of integration: IntegrationSettings) async throws -> [Installation] {
        let store = try configuration.store.openIfThere()
        let all: [Installation]
        do { all = try await store.installations() } catch {
            await store.close()
            throw error
        }
        await store.close()
        return all.filter { $0.key.integration == integration.name && $0.status == .active }
    }

    /// The grant itself. It gives a token that expires unused.
    private func checkGrant(
        _ integration: IntegrationSettings, _ url: String, _ parameters: [(name: String, value: String)],
        _ check: String, _ note: Note
    ) async {
        var installation = ""
        if parameters.contains(where: { $0.value.contains(ClientCredentialsGrant.placeholder) }) {
            guard let known = try? await installations(of: integration).first else {
                note(check, .warning, "client_credentials: not tried, no installation is stored yet")
                return
            }
            installation = known.key.installationID
        }
        let watched = WatchedClient(client)
        let grant = ClientCredentialsGrant(
            url: url, clientID: integration.clientID, clientSecret: integration.clientSecret, parameters: parameters,
            timeout: Self.timeout, client: watched)
        do throws(GrantedToken.Failure) {
            let granted = try await grant.token(installation: installation)
            let lifetime = granted.expiresIn.map { ", valid for \($0) s" } ?? ""
            note(check, .ok, "client_credentials: \(Self.host(url)) granted a token\(lifetime)")
        } catch {
            let detail = watched.last.failure.map { $0.detail } ?? watched.last.status.map { "status \($0)" } ?? ""
            note(check, .failed, "client_credentials: \(Self.host(url)): \(error.reason) (\(detail))")
        }
    }

    func checkLoginAddress(_ integration: IntegrationSettings, _ note: Note) async {
        let status = await reach("sso_url", "\(integration.ssoURL)/\(integration.slug)", note)
        guard status == 404 else { return }
        note("slug", .warning, "sso_url answers 404 for \(integration.slug): is it the slug of live, or of sandbox?")
    }
}
