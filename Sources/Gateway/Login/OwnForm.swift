import HTTP
import SecretMemory
import Untrusted

/// Distinguishes forms of our own pages from forms that other sites submit to us (cross-site request forgery).
enum OwnForm {
    /// Whether the browser's own headers allow a POST. Browsers that are too old for these headers still send no
    /// `SameSite=Lax` cookie with another site's POST, so callers demand a cookie as well.
    static func isSent(_ request: HTTPRequest, publicOrigin: WebOrigin) -> Bool {
        let origin = request.headers.lookUp(.origin)
        if origin == .absent || origin == .one(UntrustedText(publicOrigin.description)) {
            return [.absent, .one("same-origin")].contains(request.headers.lookUp(.secFetchSite))
        }
        // A page without a referrer sends `Origin: null` even for a form of the same origin. Pages of other sites can do so
        // too, so `Sec-Fetch-Site` must be there.
        return origin == .one("null") && request.headers.lookUp(.secFetchSite) == .one("same-origin")
    }

    /// The fields of an urlencoded body; nil for any other body.
    static func fields(_ request: HTTPRequest) -> FormFields? {
        guard let type = request.headers[.contentType],
            HTTPHeaders.equal(
                type.bytes.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") },
                "application/x-www-form-urlencoded")
        else { return nil }
        return try? FormFields(request.body)
    }
}
