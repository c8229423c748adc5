import HTML
import HTTP
import SecretMemory
import Synchronization

/// A page that looks like a marketplace's dashboard: an installation, its resources, and a button for each way into the
/// partner's app. `?user=` chooses whose dashboard it is.
extension ProviderStandIn {
    func dashboard(_ request: HTTPRequest) -> HTTPResponse {
        var chosen: String?
        if let query = try? FormParameters(request.target.query), case .one(let user) = query.lookUp("user") {
            chosen = user.exposedText
        }
        let fault = state.withLock { $0.fault }
        let sections = settings.integrations.flatMap { integration in
            integration.installations.map { Self.section(integration, $0, chosen: chosen) }
        }
        let page: HTML = """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>Marketplace stand-in</title>
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <style>\(DashboardStyle.css)</style></head>
            <body>
            <header><span class="logo">◆</span> Marketplace <span class="tag">stand-in</span></header>
            <main>
            \(sections)
            \(Self.faultPanel(fault))
            </main>
            </body></html>

            """
        return HTTPResponse(
            .ok,
            headers: [
                "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store",
                "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
            ], body: page.bytes)
    }

    private static func section(
        _ integration: StandInSettings.Integration, _ installation: StandInSettings.Installation, chosen: String?
    ) -> HTML {
        let member = installation.members.first { $0.userID == chosen } ?? installation.members.first
        guard let member else { return "" }
        let login = Login(path: "/sso/integrations/\(integration.slug)/\(installation.id)", user: member.userID)
        let people = installation.members.map { person -> HTML in
            let state = person.userID == member.userID ? "person current" : "person"
            return """
                <a class="\(state)" href="/?user=\(person.userID)"><b>\(person.name)</b>\
                <small>\(person.role == "ADMIN" ? "Administrator" : "Read-only")</small></a>
                """
        }
        let resources = installation.resources.map { resource -> HTML in
            let named = [("resource_id", resource.id)]
            return """
                <li><div><b>\(resource.name)</b><small>\(resource.product) · \(resource.id)</small></div>
                <nav>\(login.link("Open", named))\(login.link("Project", named + [("project_id", "prj_website")]))\
                \(login.link("Check", named + [("check_id", "chk_latency")]))\
                \(login.link("Secrets", named + [("path", "secrets")]))\
                \(login.link("Support", named + [("support", "true")]))</nav></li>
                """
        }
        return """
            <section class="head"><div><p class="eyebrow">\(installation.accountName) / Integrations</p><h1>Acme</h1>
            <p class="soft">Installed as <code>\(installation.id)</code></p></div>
            \(login.link("Open in Provider ↗", [], style: "open"))</section>
            <section><h2>You are</h2><div class="people">\(people)</div></section>
            <section><h2>Resources</h2><ul>\(resources)</ul></section>
            <section><h2>Go straight to</h2><nav class="all">
            \(login.link("Billing", [("path", "billing")]))\(login.link("Usage", [("path", "usage")]))\
            \(login.link("Onboarding", [("path", "onboarding")]))\
            \(login.link("Invoice", [("invoice_id", "inv_2026_11")]))\
            \(login.link("Flag", [("experimentation_item_id", "flag_dark_mode")]))\
            \(login.link("Pull request", [("pr", "https://git.example/acme/site/pull/7")]))\
            \(login.link("A path of the app", [("url", "/reports/today?unit=ms")]))\
            \(login.link("A foreign address", [("url", "https://evil.example/")]))</nav></section>
            """
    }

    private struct Login {
        let path: String
        let user: String

        func link(_ label: String, _ query: [(name: String, value: String)], style: String = "") -> HTML {
            let pairs = query + [("user", user)]
            let text = pairs.map { "\($0.name)=\(PercentEncoding.encode($0.value))" }.joined(separator: "&")
            return #"<a class="\#(style)" href="\#(path)?\#(text)" target="_blank" rel="noopener">\#(label)</a>"#
        }
    }

    private static func faultPanel(_ current: StandInFault) -> HTML {
        let options = StandInFault.allCases.map { fault -> HTML in
            fault == current
                ? "<option selected>\(fault.rawValue)</option>" : "<option>\(fault.rawValue)</option>"
        }
        return """
            <section class="faults"><h2>What should go wrong?</h2>
            <p class="soft">The next logins meet this fault until it is set back to <code>none</code>.</p>
            <div><form method="post" action="/stand-in/faults"><select name="fault" aria-label="Fault">\(options)</select>
            <button>Set</button></form>
            <form method="post" action="/stand-in/keys/rotate"><button>Rotate the signing keys</button></form></div></section>
            """
    }
}
