import HTML
import HTTP

/// One installation on the dashboard, as one of its members sees it.
struct DashboardInstallation {
    let integration: StandInSettings.Integration
    let installation: StandInSettings.Installation
    let member: StandInSettings.Member

    private typealias Query = [(name: String, value: String)]

    var html: HTML {
        let name = integration.slug.prefix(1).uppercased() + integration.slug.dropFirst()
        return """
            <section class="head"><div><p class="eyebrow">\(installation.accountName) / Integrations</p>
            <h1>\(name)</h1>
            <p class="soft">Installed as <code>\(installation.id)</code></p></div>
            \(link("Open in Provider ↗", [], style: "open"))</section>
            <section><h2>You are</h2><nav class="people" aria-label="Members">\(installation.members.map(person))</nav></section>
            <section><h2>Resources</h2>\(resources)</section>
            <section><h2>Go straight to</h2><dl>\(groups)</dl></section>
            """
    }

    private func person(_ person: StandInSettings.Member) -> HTML {
        let current: HTML = person.userID == member.userID ? #" aria-current="true""# : ""
        return """
            <a class="person"\(current) href="/?user=\(PercentEncoding.encode(person.userID))">\
            <span class="initial" aria-hidden="true">\(String(person.name.prefix(1)))</span>\
            <span><b>\(person.name)</b><small>\(person.role == "ADMIN" ? "Administrator" : "Read-only")</small></span></a>
            """
    }

    private var resources: HTML {
        guard !installation.resources.isEmpty else { return #"<p class="soft">None yet.</p>"# }
        let rows = installation.resources.map { resource -> HTML in
            let named: Query = [("resource_id", resource.id)]
            return """
                <li><div><b>\(resource.name)</b><small>\(resource.product) · <code>\(resource.id)</code></small></div>
                <nav aria-label="\(resource.name)">\(link("Open", named))\
                \(link("Project", named + [("project_id", "prj_website")]))\
                \(link("Check", named + [("project_id", "prj_website"), ("check_id", "chk_latency")]))\
                \(link("Secrets", named + [("path", "secrets")]))\
                \(link("Support", named + [("support", "true")]))</nav></li>
                """
        }
        return "<ul>\(rows)</ul>"
    }

    private var groups: [HTML] {
        let product = installation.resources.first?.product.lowercased().split(separator: " ").joined(separator: "-")
        let own = integration.redirectLoginURL.split(separator: "/", maxSplits: 3).prefix(2).joined(separator: "//")
        return [
            group("Areas", "path", ["billing", "usage", "onboarding", "secrets", "support"].map { ($0, "path", $0) }),
            group(
                "Things", "…_id",
                [
                    ("product", "product_id", product ?? "product"), ("invoice", "invoice_id", "inv_2026_11"),
                    ("flag", "experimentation_item_id", "flag_dark_mode"), ("project", "project_id", "prj_website"),
                    ("check", "check_id", "chk_latency"),
                ]),
            group(
                "Addresses", "url",
                [
                    ("path of the app", "url", "/reports/today?unit=ms"),
                    ("whole address of the app", "url", own + "/reports/today"),
                    ("foreign address", "url", "https://evil.example/"),
                ]),
            group(
                "Others", "",
                [
                    ("support=true", "support", "true"),
                    ("pull request", "pr", "https://git.example/acme/site/pull/7"),
                    ("unknown path", "path", "no-such-area"), ("unknown parameter", "shoe_size", "43"),
                ]),
        ]
    }

    private func group(_ title: String, _ parameter: String, _ links: [(String, String, String)]) -> HTML {
        let links = links.map { label, name, value in link(label, [(name, value)]) }
        return """
            <div><dt>\(title) <code>\(parameter)</code></dt><dd><nav aria-label="\(title)">\(links)</nav></dd></div>
            """
    }

    private func link(_ label: String, _ query: Query, style: String = "go") -> HTML {
        let pairs = (query + [("user", member.userID)]).map { "\($0.name)=\(PercentEncoding.encode($0.value))" }
        let path =
            "/sso/integrations/\(PercentEncoding.encode(integration.slug))/\(PercentEncoding.encode(installation.id))"
        let address = "\(path)?\(pairs.joined(separator: "&"))"
        return #"<a class="\#(style)" href="\#(address)" target="_blank" rel="noopener">\#(label)</a>"#
    }
}
