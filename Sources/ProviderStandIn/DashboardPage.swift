import HTML
import HTTP
import Locking

/// A page like the marketplace's dashboard: installations, their resources, and a button for each link into the partner's
/// app. `?user=` selects the member.
extension ProviderStandIn {
    func dashboard(_ request: HTTPRequest) -> HTTPResponse {
        let chosen = (try? LoginQuery(request.target.query, reading: ["user"]))?["user"]
        let time = now()
        settle(until: time)
        sendNotices()
        let (roles, lastAnswer, markets, payment) = state.withLock {
            ($0.roles, $0.lastAnswer, $0.markets, $0.payment)
        }
        let sections = settings.integrations.flatMap { integration in
            integration.installations.compactMap { installation -> HTML? in
                let member = installation.members.first { $0.userID == chosen } ?? installation.members.first
                guard let member else { return nil }
                let page = DashboardInstallation(integration: integration, installation: installation, member: member)
                let changed = roles.filter { $0.key.installation == installation.id }
                let panel = ChangePanel(
                    integration: integration, installation: installation,
                    roles: Dictionary(uniqueKeysWithValues: changed.map { ($0.key.user, $0.value) }),
                    user: member.userID, lastAnswer: lastAnswer)
                let isReporting = client != nil && (integration.webhookURL ?? integration.partnerURL) != nil
                let billing = markets[installation.id].map {
                    BillingPanel(
                        installation: installation, market: $0, payment: payment, now: time, user: member.userID
                    ).html
                }
                return "\(page.html)\(isReporting ? [panel.html] : [])\(billing.map { [$0] } ?? [])"
            }
        }
        let panel = state.withLock { state in
            FaultPanel(
                fault: state.fault, times: state.faultTimes, delay: state.delay, user: chosen, counters: state.counters)
        }
        let page: HTML = """
            <!doctype html>
            <html lang="en" dir="ltr"><head><meta charset="utf-8"><title>Marketplace (stand-in)</title>
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <link rel="icon" href="data:,">
            <style>\(DashboardStyle.css)</style></head>
            <body>
            <header><span class="logo" aria-hidden="true"></span> Marketplace <span class="tag">stand-in</span></header>
            \(panel.banner)
            <main>
            \(sections)
            \(panel.html)
            </main>
            </body></html>

            """
        return HTTPResponse(
            .ok,
            headers: [
                "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store",
                "Content-Security-Policy":
                    "default-src 'none'; style-src '\(DashboardStyle.hash)'; img-src data:; form-action 'self'; "
                    + "frame-ancestors 'none'; base-uri 'none'",
                "Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff",
            ], body: page.bytes)
    }
}
