import HTTP
import Locking

/// Third-party-initiated logins (OpenID Connect Core 1.0 section 4): the dashboard sends the browser to the partner without a
/// code, and the partner sends it back to the authorization endpoint.
extension ProviderStandIn {
    /// `login_hint` is opaque to the partner: it stands for the member, the installation and the deep link of one click.
    func initiate(
        at loginURL: String, _ integration: StandInSettings.Integration,
        _ installation: StandInSettings.Installation, _ member: StandInSettings.Member, _ query: LoginQuery
    ) -> HTTPResponse {
        let (hint, time) = (randomText(16), now())
        // The marketplace documents `url` for a pushed code; here the standard has a parameter of its own.
        let target = query.copied.first { $0.hasPrefix("url=") }?.dropFirst("url=".count)
        let grant = StandInState.Grant(
            clientID: integration.clientID, installationID: installation.id, userID: member.userID)
        let click = StandInState.Click(
            grant: grant, deepLink: query.copied.filter { !$0.hasPrefix("url=") }.joined(separator: "&"),
            expires: time + Self.clickLifetime)
        state.withLock { state in
            if state.clicks.count >= StandInState.manyCodes { state.clicks = state.clicks.filter { $1.expires > time } }
            state.clicks[hint] = click
        }
        let parameters =
            ["iss=\(PercentEncoding.encode(settings.issuer))", "login_hint=\(hint)"]
            + [target.map { "target_link_uri=\($0)" }].compactMap(\.self)
        let separator = loginURL.contains("?") ? "&" : "?"
        return StandInReply.redirect(loginURL + separator + parameters.joined(separator: "&"))
    }

    /// In seconds.
    private static let clickLifetime: Int64 = 600
}
