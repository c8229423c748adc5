import Gateway
import HTML
import HTTP
import JOSE
import OpenSSLCrypto
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
            "<tr><th scope=\"row\">\(field.name)</th><td>\(field.value.isEmpty ? "(empty)" : field.value)</td></tr>"
        }
        let content: HTML = """
            <p class="eyebrow">Sample app · you are at <code>\(request.target.path.string)</code></p>
            <h1>Hello, \(name)</h1>
            <p><span class="role \(role.lowercased())">\(role)</span></p>
            <nav aria-label="App"><a href="/dashboard">Dashboard</a> <a href="/billing">Billing</a> <a href="/admin/">Admin only</a>
            <a href="/sso/session">Session as JSON</a> <a href="\(marketplace)">Marketplace</a></nav>
            \(billing.map { [$0.html(isAdministrator: role == "ADMIN")] } ?? [])
            <h2 id="headers">Headers that this app received from the proxy</h2>
            <table aria-labelledby="headers">\(rows)</table>
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
                "default-src 'none'; style-src '\(Self.styleHash)'; form-action 'self'; frame-ancestors 'none'; "
                + "base-uri 'none'",
            // With the origin, so that the app knows its own forms.
            "Referrer-Policy": "same-origin",
        ]
        for cookie in cookies { headers.append("Set-Cookie", cookie) }
        let page: HTML = """
            <!doctype html><html lang="en" dir="ltr"><head><meta charset="utf-8"><title>\(title)</title>
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <style>\(Self.style)</style></head><body><main>\(content)</main></body></html>

            """
        return HTTPResponse(status, headers: headers, body: page.bytes)
    }

    /// Allows this one style in the page, without `unsafe-inline` (CSP level 3, section 6.7.3.3).
    private static let styleHash = "sha256-\(Base64URL.encode(SHA256.hash(style.bytes)))="

    private static let style: HTML = """
        :root { color-scheme: light dark; --ink: light-dark(#15181e, #eef1f6); --soft: light-dark(#5b6472, #9aa4b4);
          --line: light-dark(#e1e4ea, #2a2f3a); --paper: light-dark(#fff, #14171d); --accent: light-dark(#1f5eff, #7aa2ff); --on-accent: light-dark(#fff, #0b1020);
          --edge: light-dark(#858d9b, #6d7686); }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
        main { max-width: 46rem; margin: 4rem auto; padding: 0 1.5rem; }
        .eyebrow { color: var(--soft); margin: 0; } h1 { margin: .2rem 0 .6rem; font-size: 2rem; letter-spacing: -.02em; }
        h2 { margin: 2.5rem 0 .6rem; font-size: 1rem; } nav { display: flex; flex-wrap: wrap; gap: 1.1rem; margin: 1.4rem 0; }
        a { color: var(--accent); text-underline-offset: .2em; }
        .role { padding: .15rem .6rem; border-radius: 99px; font-size: .8rem; font-weight: 650; border: 1px solid currentColor;
          color: light-dark(#0b6b35, #5fd896); } .role.user { color: var(--accent); } .ends { color: var(--soft); font-size: .9rem; }
        table { width: 100%; border-collapse: collapse; font: .85rem/1.5 ui-monospace, Menlo, Consolas, monospace; }
        th, td { padding: .45rem 0; border-bottom: 1px solid var(--line); text-align: start; overflow-wrap: anywhere; }
        th { font-weight: 400; color: var(--soft); white-space: nowrap; padding-inline-end: 1.5rem; width: 1%; }
        .forms { display: flex; flex-wrap: wrap; gap: .6rem; margin: .9rem 0; } form { margin: 0; }
        button { padding: .55rem 1.1rem; border: 0; border-radius: 9px; background: var(--accent); color: var(--on-accent);
          font: inherit; font-weight: 600; cursor: pointer; } button:hover { text-decoration: underline; }
        a:focus-visible, button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
        .mark { padding: .1rem .5rem; border-radius: 99px; background: light-dark(#0b7a3b1f, #12a15033);
          color: light-dark(#0b6b35, #5fd896); } .mark.no { background: light-dark(#b421211a, #ff6b6b2e); color: light-dark(#a31515, #ff9a9a); }
        @media (max-width: 40rem) { th, td { display: block; width: auto; white-space: normal; } th { border: 0; padding-bottom: 0; }
          td { padding-top: 0; } }
        .out { display: inline-block; margin-block-start: 1.6rem; padding: .6rem 1.1rem; border: 1px solid var(--edge); border-radius: 9px;
          color: var(--ink); text-decoration: none; font-weight: 550; }
        """
}
