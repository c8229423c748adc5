/// A response. The server adds `Date`, `Content-Length` and `Connection`, nothing else.
package struct HTTPResponse: Sendable {
    private var parts: Parts

    /// Immutable: a changed response gets another object, and with it another form.
    private final class Parts: Sendable {
        let status: HTTPStatus
        let headers: HTTPHeaders
        let body: [UInt8]
        let form: ServerForm?

        init(_ status: HTTPStatus, _ headers: HTTPHeaders, _ body: [UInt8], form: ServerForm? = nil) {
            self.status = status
            self.headers = headers
            self.body = body
            self.form = form
        }
    }

    package init(_ status: HTTPStatus, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        parts = Parts(status, headers, body)
    }

    package init(_ status: HTTPStatus, headers: HTTPHeaders = [:], text: String) {
        self.init(status, headers: headers, body: Array(text.utf8))
    }

    package var status: HTTPStatus {
        get { parts.status }
        set { parts = Parts(newValue, headers, body) }
    }

    package var headers: HTTPHeaders {
        get { parts.headers }
        set { parts = Parts(status, newValue, body) }
    }

    package var body: [UInt8] {
        get { parts.body }
        set { parts = Parts(status, headers, newValue) }
    }

    /// Set for a response that is sent many times.
    package var form: ServerForm? { parts.form }

    /// The response with a `ServerForm`: for a caller that keeps it and sends it again.
    package func kept() -> HTTPResponse {
        var kept = self
        kept.parts = Parts(status, headers, body, form: ServerForm())
        return kept
    }
}
