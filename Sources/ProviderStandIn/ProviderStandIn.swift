package import HTTP
import JOSE
import Locking
import OpenSSLCrypto
import Untrusted

/// A stand-in for the marketplace: it makes codes, exchanges each once, signs id_tokens with keys made at its start, publishes
/// the keys, answers look-ups, and fails on demand.
package final class ProviderStandIn: HTTPHandler {
    let settings: StandInSettings
    let clock: @Sendable () -> Int64
    /// Added to the clock by a script. In seconds.
    let clockOffset = Locked<Int64>(0)
    let random: @Sendable (Int) -> [UInt8]
    let state: Locked<StandInState>
    /// For calls to the partner; nil for a stand-in that only answers.
    let client: (any HTTPClient)?

    /// `now` in seconds since 1970; `random` gives that many bytes for codes, states, tokens and key ids. Making the
    /// three keys takes a moment.
    package convenience init(
        settings: StandInSettings, now: @escaping @Sendable () -> Int64,
        random: @escaping @Sendable (Int) -> [UInt8] = { SecureRandom.bytes($0) }, client: (any HTTPClient)? = nil
    ) {
        let keys = (0..<3).map { _ in Self.makeKey(random, settings.algorithm) }
        self.init(
            settings: settings, now: now, random: random, keys: Array(keys[..<2]), retired: keys[2], client: client)
    }

    /// With given keys; the first signs.
    init(
        settings: StandInSettings, now: @escaping @Sendable () -> Int64, random: @escaping @Sendable (Int) -> [UInt8],
        keys: [StandInState.SigningKey], retired: StandInState.SigningKey, client: (any HTTPClient)? = nil
    ) {
        self.settings = settings
        clock = now
        self.random = random
        self.client = client
        var state = StandInState(keys: keys, retired: retired)
        for installation in settings.integrations.flatMap(\.installations) {
            state.installationTokens[installation.id] = [.init(text: installation.accessToken, expires: nil)]
            state.markets[installation.id] = InstallationMarket(installation)
        }
        self.state = Locked(state)
    }

    package func answer(_ request: HTTPRequest) -> HTTPAnswer {
        guard let route = StandInRoute(request.target) else {
            return .now(StandInReply.error(.notFound, "not_found", "There is nothing at this address."))
        }
        guard route.methods.contains(request.method) else {
            let allowed = route.methods.map(\.rawValue).joined(separator: ", ")
            return .now(
                StandInReply.error(
                    .methodNotAllowed, "method_unknown", "This address does not know the method.",
                    headers: ["Allow": allowed]))
        }
        return answer(request, at: route)
    }

    /// As large as the broker's, so that a body that the one takes is not too large for the other.
    package func bodyLimit(for request: HTTPRequest) -> Int? { 1024 * 1024 }

    /// Every address answers 405 to a method that it does not have.
    package func takesAnyMethod(_ request: HTTPRequest) -> Bool { true }

    package func answer(malformed request: MalformedRequest) -> HTTPResponse {
        StandInReply.error(request.status, "bad_request", "The request is malformed: \(request.reason.rawValue).")
    }

    private func answer(_ request: HTTPRequest, at route: StandInRoute) -> HTTPAnswer {
        switch route {
        case .dashboard: .now(dashboard(request))
        case .start(let slug, let installation): .now(start(slug, installation, request))
        case .startByInstallation: .now(startByInstallation(request))
        case .exchange: exchange(request)
        case .authorize: .now(authorize(request))
        case .exchangeAuthorization: exchangeAuthorization(request)
        case .grantCredentials: .now(grantCredentials(request))
        case .keys: keySet()
        case .discovery: discovery(request)
        case .member(let installation, let member): lookUp(member, installation, request)
        case .account(let installation): account(installation, request)
        case .rotateCredentials(let installation): .now(rotateCredentials(installation, request))
        case .revokeCredentials(let installation): .now(revokeCredentials(installation, request))
        case .market(let installation, let path): market(path, of: installation, request)
        case .buyCredits: .now(buyCredits(request))
        case .checkout: .now(checkOut(request))
        case .control(let path): control(request, path)
        }
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

    /// `count` random bytes in lower-case hexadecimal.
    func randomText(_ count: Int) -> String { random(count).hexadecimal }

    static func makeKey(
        _ random: (Int) -> [UInt8], _ algorithm: SignatureAlgorithm
    ) -> StandInState.SigningKey {
        StandInState.SigningKey(id: random(6).hexadecimal, key: .generate(for: algorithm))
    }
}
