import HTTP
import JOSE
import Untrusted

/// Responses in the marketplace's form.
enum StandInReply {
    static func json(_ status: HTTPStatus, _ body: JSONObject, headers extra: HTTPHeaders = [:]) -> HTTPResponse {
        var headers: HTTPHeaders = ["Content-Type": "application/json; charset=utf-8", "X-Vercel-Id": "stand-in"]
        for field in extra.fields { headers.append(field.name, field.value) }
        return HTTPResponse(status, headers: headers, body: body.encoded)
    }

    /// `{"error":{"code","message"}}`
    static func error(_ status: HTTPStatus, _ code: String, _ message: String, headers: HTTPHeaders = [:])
        -> HTTPResponse
    {
        let error: JSONObject = ["code": .string(code), "message": .string(message)]
        return json(status, ["error": .object(error)], headers: headers)
    }

    /// 429 with the limit in the body and in the headers that the marketplace documents, and `Retry-After`.
    static func rateLimited(seconds: Int64, now: Int64) -> HTTPResponse {
        let reset = now + seconds
        let limit: JSONObject = [
            "remaining": .integer(0), "reset": .integer(reset), "resetMs": .integer(reset * 1000),
            "total": .integer(100),
        ]
        let error: JSONObject = [
            "code": .string("rate_limited"), "message": .string("Too many requests."), "limit": .object(limit),
        ]
        return json(
            .tooManyRequests, ["error": .object(error)],
            headers: [
                "Retry-After": "\(seconds)", "X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "0",
                "X-RateLimit-Reset": "\(reset)",
            ])
    }

    static func redirect(_ location: String) -> HTTPResponse {
        HTTPResponse(.found, headers: ["Location": location, "Cache-Control": "no-store"])
    }

    static let garbage = HTTPResponse(
        .ok, headers: ["Content-Type": "text/html"], text: "<html><body>Something else entirely</body></html>")

    /// Above any reasonable limit: 1 MiB.
    static let huge = HTTPResponse(
        .ok, headers: ["Content-Type": "application/json"],
        body: Array(#"{"padding":""#.utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20) + Array(#""}"#.utf8))
}
