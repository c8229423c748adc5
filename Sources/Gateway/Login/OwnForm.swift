import HTTP
import SecretMemory
import Untrusted

/// Forms of our own pages, told from forms that other sites point at us.
enum OwnForm {
    /// What the browser itself says about where a POST came from. A browser too old to say anything still sends no
    /// `SameSite=Lax` cookie with another site's POST, so callers demand a cookie as well.
    static func isSent(_ request: HTTPRequest, publicOrigin: WebOrigin) -> Bool {
        let origin = request.headers.lookUp(.origin)
        if origin == .absent || origin == .one(UntrustedText(publicOrigin.description)) {
            return [.absent, .one("same-origin")].contains(request.headers.lookUp(.secFetchSite))
        }
        // An app's own page without a referrer sends `Origin: null` even for a form of the same origin. Any page can, so
        // the browser's word about the site is needed beside it.
        return origin == .one("null") && request.headers.lookUp(.secFetchSite) == .one("same-origin")
    }

    /// The fields of an urlencoded body, each once; nil for anything else.
    static func fields(_ request: HTTPRequest) -> [UntrustedText: SecretBytes]? {
        guard let type = request.headers[.contentType],
            HTTPHeaders.equal(
                type.bytes.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") },
                "application/x-www-form-urlencoded"),
            let parameters = try? FormParameters(request.body)
        else { return nil }
        var fields: [UntrustedText: SecretBytes] = [:]
        for (name, value) in parameters.pairs {
            guard fields.updateValue(value, forKey: name) == nil else { return nil }
        }
        return fields
    }
}
