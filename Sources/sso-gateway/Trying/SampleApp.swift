import Gateway
import HTML
import HTTP
import Untrusted

/// The partner's app of `try`: a page that shows the identity headers. With `billing` it also calls the marketplace.
struct SampleApp: Sendable {
    let marketplace: String
    var billing: SampleBilling?
    /// `http://localhost:4180`
    var origin = ""

    func answer(_ request: HTTPRequest, identity: HTTPHeaders) -> HTTPResponse {
        guard request.method == .get || request.method == .head else {
            return HTTPResponse(.methodNotAllowed, headers: ["Allow": "GET, HEAD"])
        }
        let name = Self.shown(identity["X-Auth-Request-Preferred-Username"]) ?? "(no name)"
        let role = identity["X-SSO-Role"] ?? ""
        let rows = identity.fields.filter { $0.name.hasPrefix("X-") }.map { field -> HTML in
            "<tr><th>\(field.name)</th><td>\(field.value.isEmpty ? "(empty)" : field.value)</td></tr>"
        }
        let content: HTML = """
            <p class="eyebrow">Sample app · you are at <code>\(request.target.path.string)</code></p>
            <h1>Hello, \(name)</h1>
            <p><span class="role \(role.lowercased())">\(role)</span> <span class="ends" data-session></span></p>
            <nav><a href="/dashboard">Dashboard</a> <a href="/billing">Billing</a> <a href="/admin/">Admin only</a>
            <a href="/sso/session">Session as JSON</a> <a href="\(marketplace)">Marketplace</a></nav>
            \(billing.map { [$0.html(isAdministrator: role == "ADMIN")] } ?? [])
            <h2>Headers that this app received from the proxy</h2>
            <table>\(rows)</table>
            <a class="out" href="/sso/sign_out">Sign out</a>
            """
        return page("Sample app", content, .ok, cookies: identity.all("Set-Cookie"))
    }

    /// The app's own forms. The session cookie is `Lax`, but a browser treats all ports of this machine as one site, so the
    /// form's origin is checked too.
    func submit(_ request: HTTPRequest, identity: HTTPHeaders) async -> HTTPResponse {
        guard let billing, let kind = SampleBilling.Kind.allCases.first(where: { request.target.path.equals($0.path) })
        else { return HTTPResponse(.methodNotAllowed, headers: ["Allow": "GET, HEAD"]) }
        guard [.absent, .one(UntrustedText(origin))].contains(request.headers.lookUp(.origin)),
            [.absent, .one("same-origin")].contains(request.headers.lookUp(.secFetchSite))
        else { return forbidden("This is not the app's own form. Nothing was sent.") }
        await billing.send(kind, for: identity)
        var headers: HTTPHeaders = ["Location": "/billing", "Cache-Control": "no-store"]
        for cookie in identity.all("Set-Cookie") { headers.append("Set-Cookie", cookie) }
        return HTTPResponse(.seeOther, headers: headers)
    }

    func forbidden() -> HTTPResponse {
        forbidden("The rule for this address requires the role ADMIN, so this request did not reach the app.")
    }

    private func forbidden(_ reason: String) -> HTTPResponse {
        page(
            "Not allowed",
            """
            <p class="eyebrow">Sample app</p><h1>Not allowed</h1>
            <p>\(reason)</p>
            <nav><a href="/dashboard">Back to the dashboard</a></nav>
            """, .forbidden, cookies: [])
    }

    /// Identity headers are ASCII, with other characters percent-encoded.
    private static func shown(_ value: String?) -> String? {
        guard let value, !value.isEmpty, let bytes = try? PercentEncoding.decode(Array(value.utf8)) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    private func page(_ title: String, _ content: HTML, _ status: HTTPStatus, cookies: [String]) -> HTTPResponse {
        var headers: HTTPHeaders = [
            "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy":
                "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; "
                + "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
            // With the origin, so that the app knows its own forms.
            "Referrer-Policy": "same-origin",
        ]
        for cookie in cookies { headers.append("Set-Cookie", cookie) }
        let page: HTML = """
            <!doctype html><html lang="en"><head><meta charset="utf-8"><title>\(title)</title>
            <meta name="viewport" content="width=device-width, initial-scale=1">
            \(Self.style)</head><body><main>\(content)</main>\(Self.script)</body></html>

            """
        return HTTPResponse(status, headers: headers, body: page.bytes)
    }

    private static let style: HTML = """
        <style>
        :root { color-scheme: light dark; --ink: light-dark(#15181e, #eef1f6); --soft: light-dark(#5b6472, #9aa4b4);
          --line: light-dark(#e1e4ea, #2a2f3a); --paper: light-dark(#fff, #14171d); --accent: light-dark(#1f5eff, #7aa2ff); }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
        main { max-width: 46rem; margin: 4rem auto; padding: 0 1.5rem; }
        .eyebrow { color: var(--soft); margin: 0; } h1 { margin: .2rem 0 .6rem; font-size: 2rem; letter-spacing: -.02em; }
        h2 { margin: 2.5rem 0 .6rem; font-size: 1rem; } nav { display: flex; flex-wrap: wrap; gap: 1.1rem; margin: 1.4rem 0; }
        a { color: var(--accent); text-underline-offset: .2em; }
        .role { padding: .15rem .6rem; border-radius: 99px; font-size: .8rem; font-weight: 650; background: #12a15022; color: #12a150; }
        .role.user { background: #1f5eff22; color: var(--accent); } .ends { color: var(--soft); font-size: .9rem; }
        table { width: 100%; border-collapse: collapse; font: .85rem/1.5 ui-monospace, Menlo, Consolas, monospace; }
        th, td { padding: .45rem 0; border-bottom: 1px solid var(--line); text-align: left; overflow-wrap: anywhere; }
        th { font-weight: 400; color: var(--soft); white-space: nowrap; padding-right: 1.5rem; width: 1%; }
        .forms { display: flex; flex-wrap: wrap; gap: .6rem; margin: .9rem 0; } form { margin: 0; }
        button { padding: .55rem 1.1rem; border: 0; border-radius: 9px; background: var(--accent); color: var(--paper);
          font: inherit; font-weight: 600; cursor: pointer; } button:hover { filter: brightness(1.08); }
        a:focus-visible, button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
        .mark { padding: .1rem .5rem; border-radius: 99px; background: light-dark(#0b7a3b1f, #12a15033);
          color: light-dark(#0b6b35, #5fd896); } .mark.no { background: light-dark(#b421211a, #ff6b6b2e); color: light-dark(#a31515, #ff9a9a); }
        @media (max-width: 40rem) { th, td { display: block; width: auto; white-space: normal; } th { border: 0; padding-bottom: 0; }
          td { padding-top: 0; } }
        .out { display: inline-block; margin-top: 1.6rem; padding: .6rem 1.1rem; border: 1px solid var(--line); border-radius: 9px;
          color: var(--ink); text-decoration: none; font-weight: 550; }
        </style>
        """

    /// Reads the session's end from the gateway, as an app's front end would.
    private static let script: HTML = """
        <script>
        fetch("/sso/session").then((answer) => answer.ok ? answer.json() : null).then((session) => {
          const place = document.querySelector("[data-session]");
          if (!session || !place) return;
          const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
          place.textContent = `signed in at ${clock(session.issued_at)}, session ends at ${clock(session.expires_at)}`;
        });
        </script>
        """
}
