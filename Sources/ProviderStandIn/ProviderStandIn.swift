package import HTTP
import JOSE
import OpenSSLCrypto
import SecretMemory
import Synchronization

/// A faithful double of the marketplace's side: it mints codes, exchanges them once, signs id_tokens with keys made at
/// its start, publishes the keys, answers look-ups, and gets things wrong on demand. It knows nothing of who calls it.
package final class ProviderStandIn: HTTPHandler {
    let settings: StandInSettings
    let now: @Sendable () -> Int64
    let state: Mutex<StandInState>

    /// `now` in seconds since 1970. Making the three RSA keys takes a moment.
    package init(settings: StandInSettings, now: @escaping @Sendable () -> Int64) {
        self.settings = settings
        self.now = now
        state = Mutex(
            StandInState(
                keys: [StandInState.makeKey(), StandInState.makeKey()], retired: StandInState.makeKey()))
    }

    package func answer(_ request: HTTPRequest) -> HTTPAnswer {
        switch (request.method, request.target.path) {
        case (.get, "/"): return .now(dashboard(request))
        case (.get, "/api/marketplace/sso"): return .now(startByTeam(request))
        case (.post, "/v1/integrations/sso/token"), (.post, "/api/v1/integrations/sso/token"): return exchange(request)
        case (.get, "/.well-known/jwks"), (.get, "/.well-known/jwks.json"): return keySet()
        case (.get, "/.well-known/openid-configuration"): return .now(discovery(request))
        default: break
        }
        // Addresses with names in them.
        let parts = request.target.path.split(separator: "/").map(String.init)
        if parts.first == "stand-in" { return .now(control(request, Array(parts.dropFirst()))) }
        if request.method == .get, parts.starts(with: ["sso", "integrations"]), (3...4).contains(parts.count) {
            return .now(start(parts[2], parts.count == 4 ? parts[3] : nil, request))
        }
        if request.method == .get, parts.starts(with: ["v1", "installations"]), parts.count >= 4 {
            if parts[3] == "member", parts.count == 5 { return lookUp(parts[4], parts[2], request) }
            if parts[3] == "account", parts.count == 4 { return .now(account(parts[2], request)) }
        }
        return .now(StandInReply.error(.notFound, "not_found", "There is nothing at this address."))
    }

    /// Now, or after the delay that a slow fault asks for.
    func answer(_ response: HTTPResponse, slowly isSlow: Bool) -> HTTPAnswer {
        guard isSlow else { return .now(response) }
        let delay = state.withLock { $0.delay }
        return .later {
            try? await Task.sleep(for: .milliseconds(delay))
            return response
        }
    }
}
