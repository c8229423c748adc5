import HTTP
import Untrusted

/// What a browser says about why it sends a request (Fetch Metadata, <https://www.w3.org/TR/fetch-metadata/>).
enum Navigation {
    /// Whether a refused request is better answered with a redirect: a browser is about to show the answer, and it is
    /// no program that reads it.
    static func wantsRedirect(_ headers: HTTPHeaders) -> Bool {
        switch headers.lookUp(.secFetchMode) {
        case .one(let mode): return mode == "navigate"
        case .several: return false
        case .absent: break
        }
        // Odd spellings are a program's: no redirect for a doubled header.
        guard !headers.has(.xRequestedWith), !headers.has(.upgrade) else { return false }
        return headers.contains("text/html", in: .accept)
    }

    /// The answer to a request that must change nothing although it is a `GET` of an address that signs people in; nil
    /// for one that may act.
    ///
    /// Browsers fetch links ahead of a click, and any site can have a browser load our addresses as images or frames:
    /// such a request would spend a login code that belongs to the person's own click. Only a page that the person opens
    /// acts. A program or an old browser that sends no fetch metadata acts too.
    static func refusal(of context: RequestContext) -> HTTPResponse? {
        let headers = context.request.headers
        // A doubled header is there as well: `lookUp` tells it from an absent one.
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
