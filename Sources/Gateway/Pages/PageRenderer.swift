import HTML
import HTTP

/// Makes pages of data: the one place that applies the reader's language, the branding and a template. A class, because every
/// login's replies hold it.
final class PageRenderer: Sendable {
    let assets: Assets
    private let branding: Branding

    init(_ branding: Branding) {
        self.branding = branding
        assets = Assets(branding)
    }

    /// The page must not be cached, run scripts, be framed or send a referrer. `formTargets`: origins that the response to a
    /// form may redirect to, beside our own.
    func response(_ page: Page, _ context: RequestContext, cookies: [String] = [], formTargets: [String] = [])
        -> HTTPResponse
    {
        let language = PageLanguage(preferredBy: context.request.headers)
        return response(page, context.id, language, cookies: cookies, formTargets: formTargets)
    }

    /// For a request whose headers are not known.
    func response(
        _ page: Page, _ request: RequestID, _ language: PageLanguage, cookies: [String] = [],
        formTargets: [String] = []
    ) -> HTTPResponse {
        let hasForm = page.actions.contains(where: \.isForm)
        var headers = Self.headers(formTargets: hasForm ? ["'self'"] + formTargets : ["'none'"], language)
        for cookie in cookies { headers.append("Set-Cookie", cookie) }
        let content = PageContent(
            page: page, request: request, texts: .of(language), branding: branding, assets: assets)
        let html = branding.templates.template(of: page.name, in: language)?.filled(content.value) ?? content.document
        return HTTPResponse(page.status, headers: headers, body: html.bytes)
    }

    private static func headers(formTargets: [String], _ language: PageLanguage) -> HTTPHeaders {
        [
            "Content-Type": "text/html; charset=utf-8",
            "Content-Language": language.rawValue,
            "Vary": "Accept-Language",
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy":
                "default-src 'none'; style-src 'self'; img-src 'self'; form-action \(formTargets.joined(separator: " "));"
                + " base-uri 'none'; frame-ancestors 'none'",
        ]
    }
}
