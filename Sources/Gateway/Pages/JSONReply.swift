import HTTP
import JOSE
import Untrusted

/// JSON responses. Every error has the request id that the log has.
enum JSONReply {
    /// `request`: nil for a response that is not logged, so that its id could not be looked up.
    static func error(_ status: HTTPStatus, _ code: String, _ message: String, _ request: RequestID?) -> HTTPResponse {
        let error: JSONObject = ["code": .string(code), "message": .string(message)]
        guard let request else { return ok(["error": .object(error)], status) }
        return ok(["error": .object(error), "request_id": .string(request.description)], status)
    }

    static func ok(_ body: JSONObject, _ status: HTTPStatus = .ok) -> HTTPResponse {
        HTTPResponse(status, headers: headers, body: body.encoded + [UInt8(ascii: "\n")])
    }

    /// A status without a body.
    static func nothing(_ status: HTTPStatus) -> HTTPResponse {
        HTTPResponse(status, headers: ["Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"])
    }

    private static let headers: HTTPHeaders = [
        "Content-Type": "application/json; charset=utf-8",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    ]
}
