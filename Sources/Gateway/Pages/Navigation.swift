import HTTP
import Untrusted

/// Reads from a request's headers why a browser sends it (Fetch Metadata, <https://www.w3.org/TR/fetch-metadata/>).
enum Navigation {
    /// Whether a browser will show the response to a person: a refusal should be a redirect or a page.
    static func isForPerson(_ headers: HTTPHeaders) -> Bool {
        switch headers.lookUp(.secFetchMode) {
        case .one(let mode): return mode == "navigate"
        case .several: return false
        case .absent: break
        }
        // Browsers never repeat these headers.
        guard !headers.has(.xRequestedWith), !headers.has(.upgrade) else { return false }
        return headers.contains("text/html", in: .accept)
    }

    /// The refusal of a request that is no navigation, at an address whose `GET` signs people in; nil for one that may act.
    ///
    /// Browsers fetch links ahead of a click, and any site can make a browser load our addresses as images or frames. Such a
    /// request would spend the login code of the person's own click. Programs and old browsers without fetch metadata may
    /// act.
    static func refusal(of context: RequestContext) -> HTTPResponse? {
        let headers = context.request.headers
        // `lookUp` distinguishes a repeated header from an absent one.
        let isSpeculative = ["Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"].contains { headers.lookUp($0) != .absent }
        if !isSpeculative {
            guard hasFetchMetadata(headers) else { return nil }
            if headers[.secFetchMode] == "navigate", headers[.secFetchDest] == "document" { return nil }
        }
        // Not 204: Chromium 156 keeps any 2xx answer to a speculative request for the click, which then does nothing.
        return JSONReply.error(
            .forbidden, "not_a_navigation", "Open this address in a browser's window. Nothing has changed.", context.id)
    }

    private static func hasFetchMetadata(_ headers: HTTPHeaders) -> Bool {
        let family = "Sec-Fetch-"
        return (0..<headers.count).contains {
            HTTPHeaders.equal(headers.name(at: $0).prefix(family.utf8.count), family)
        }
    }
}
