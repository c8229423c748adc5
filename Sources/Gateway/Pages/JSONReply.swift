import HTTP
import JOSE

/// JSON answers to programs. Every error names its request, as the log does.
enum JSONReply {
    /// `request`: nil for an answer of which nothing is logged, so that its name would lead nowhere.
    static func error(_ status: HTTPStatus, _ code: String, _ message: String, _ request: RequestID?) -> HTTPResponse {
        // Put together in one place: interpolation grows a string piece by piece and copies it.
        var body: [UInt8] = []
        body.reserveCapacity(96 + code.utf8.count + message.utf8.count)
        for piece in [
            #"{"error":{"code":"#, quoted(code), #","message":"#, quoted(message), "}",
            request.map { #","request_id":""# + $0.description + "\"" } ?? "", "}\n",
        ] {
            body.append(contentsOf: piece.utf8)
        }
        return HTTPResponse(status, headers: headers, body: body)
    }

    static func ok(_ body: String, _ status: HTTPStatus = .ok) -> HTTPResponse {
        HTTPResponse(status, headers: headers, text: body + "\n")
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

    /// ASCII that stands for itself in JSON and in a page.
    private static let plain = ByteSet(0x20...0x7e).subtracting("\"\\<")

    /// A JSON string (RFC 8259 section 7). The encoder escapes what means something in a page, and what cannot be seen.
    static func quoted(_ text: String) -> String {
        if plain.containsAll(text) { return "\"" + text + "\"" }
        return String(decoding: JSONValue.string(text).encoded, as: UTF8.self)
    }
}
