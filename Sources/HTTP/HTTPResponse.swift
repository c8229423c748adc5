/// What one of our listeners sends back. The server adds `Date`, `Content-Length` and `Connection`, nothing else.
package struct HTTPResponse: Sendable {
    // Changed, it is another response.
    package var status: HTTPStatus { didSet { form = nil } }
    package var headers: HTTPHeaders { didSet { form = nil } }
    package var body: [UInt8] { didSet { form = nil } }
    /// What the server made of a response that goes out many times.
    package private(set) var form: ServerForm?

    package init(_ status: HTTPStatus, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package init(_ status: HTTPStatus, headers: HTTPHeaders = [:], text: String) {
        self.init(status, headers: headers, body: Array(text.utf8))
    }

    /// The same response, for whoever keeps it and sends it again.
    package func kept() -> HTTPResponse {
        var kept = self
        kept.form = ServerForm()
        return kept
    }
}
