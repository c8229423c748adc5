import HTML
import HTTP

/// One HTML page: what happened, what to do next, and the request id to quote.
struct Page: Sendable {
    enum Icon: String, Sendable {
        case notice, confirmation, done
    }

    /// A link, or a form that changes something.
    enum Action: Sendable {
        case link(String, to: String, isPrimary: Bool)
        case button(String, postsTo: String, fields: [(name: String, value: String)], isPrimary: Bool)
    }

    let status: HTTPStatus
    let icon: Icon
    let title: String
    /// Markup, made of escaped values only.
    let content: HTML
    var actions: [Action] = []

    /// The page must not be cached, run scripts, be framed or send a referrer. `formTargets`: origins that the response to a
    /// form may redirect to, beside our own.
    func response(_ request: RequestID, cookies: [String] = [], formTargets: [String] = []) -> HTTPResponse {
        var headers = Self.headers(
            formTargets: actions.contains(where: \.isForm) ? ["'self'"] + formTargets : ["'none'"])
        for cookie in cookies { headers.append("Set-Cookie", cookie) }
        return HTTPResponse(status, headers: headers, body: html(request).bytes)
    }

    private static func headers(formTargets: [String]) -> HTTPHeaders {
        [
            "Content-Type": "text/html; charset=utf-8",
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy":
                "default-src 'none'; style-src 'self'; img-src 'self'; form-action \(formTargets.joined(separator: " "));"
                + " base-uri 'none'; frame-ancestors 'none'",
        ]
    }

    /// With `no-referrer`, browsers send `Origin: null` with a form, as pages of other sites can. With this element they
    /// send our own origin (Fetch standard, "append a request Origin header").
    private var referrer: HTML {
        actions.contains(where: \.isForm) ? "\n<meta name=\"referrer\" content=\"strict-origin\">" : ""
    }

    private func html(_ request: RequestID) -> HTML {
        let assets = Assets.published
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="robots" content="noindex">\(referrer)
            <title>\(title)</title>
            <link rel="stylesheet" href="\(assets.path("gateway.css"))">
            <link rel="icon" href="\(assets.path(icon.rawValue + ".svg"))">
            </head>
            <body>
            <main>
            <img class="icon" src="\(assets.path(icon.rawValue + ".svg"))" alt="" width="40" height="40">
            <h1>\(title)</h1>
            \(content)
            <div class="actions">\(actions.map(\.html))</div>
            <footer>Request <code>\(request.description)</code></footer>
            </main>
            </body>
            </html>

            """
    }
}

extension Page.Action {
    fileprivate var isForm: Bool {
        if case .button = self { true } else { false }
    }

    fileprivate var html: HTML {
        switch self {
        case .link(let label, let target, let isPrimary):
            return #"<a class="\#(Self.style(isPrimary))" href="\#(target)">\#(label)</a>"#
        case .button(let label, let target, let fields, let isPrimary):
            let hidden = fields.map { field -> HTML in
                #"<input type="hidden" name="\#(field.name)" value="\#(field.value)">"#
            }
            let button: HTML = #"<button class="\#(Self.style(isPrimary))">\#(label)</button>"#
            return #"<form method="post" action="\#(target)">\#(hidden)\#(button)</form>"#
        }
    }

    private static func style(_ isPrimary: Bool) -> String { isPrimary ? "button primary" : "button" }
}
