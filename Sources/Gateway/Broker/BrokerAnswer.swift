import HTTP
import SecretMemory
import Untrusted

/// What of the marketplace's answer goes on to the client.
enum BrokerAnswer {
    /// No other header of the marketplace's goes on.
    static let headers = [
        "Content-Type", "Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-Vercel-Id",
    ]

    /// The answer, or a refusal that has nothing of it: a redirect, a coding that was not asked for and that hides the
    /// content, or the token itself.
    static func forward(_ answer: HTTPClientResponse, hiding tokens: [SecretBytes]) throws(BrokerRefusal)
        -> HTTPResponse
    {
        switch answer.status.rawValue {
        case 200..<300, 304, 400..<600: break
        default:
            throw BrokerRefusal(502, "redirect", "The marketplace answered with a redirect, which is not followed.")
        }
        guard !answer.headers.has(.contentEncoding) else {
            throw BrokerRefusal(502, "content_coding", "The marketplace's answer has a content coding.")
        }
        let body = answer.body.exposedBytes
        guard
            !tokens.map(TokenSearch.init).contains(where: { $0.finds(in: body) || $0.finds(in: answer.headers.bytes) })
        else {
            throw BrokerRefusal(
                502, "token_in_answer", "The marketplace's answer holds the token and is not passed on.")
        }
        // Compressed or in UTF-16, a body would hide its content.
        guard !body.contains(0), String(validating: body, as: UTF8.self) != nil else {
            throw BrokerRefusal(502, "content_coding", "The marketplace's answer is not text in UTF-8.")
        }
        var response = HTTPResponse(answer.status)
        for name in headers {
            if let value = answer.headers[name], value.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) {
                response.headers.append(name, value)
            }
        }
        let hasBody = answer.status != .noContent && answer.status.rawValue != 304
        if hasBody { response.body = body }
        return response
    }
}
