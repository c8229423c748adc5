import HTTP

/// One row of the table of addresses: a feature says where it answers, and the composition root puts the rows together.
struct Route: Sendable {
    let methods: [HTTPMethod]
    let answer: @Sendable (HTTPRequest, RequestID) -> HTTPAnswer

    /// `HEAD` is answered as `GET`.
    func permits(_ method: HTTPMethod) -> Bool { methods.contains(method == .head ? .get : method) }

    func otherMethod(_ id: RequestID) -> HTTPResponse { Self.otherMethod(than: methods, id) }

    static func otherMethod(than methods: [HTTPMethod], _ id: RequestID) -> HTTPResponse {
        var response = JSONReply.error(.methodNotAllowed, "method", "This address takes other methods.", id)
        let allowed = methods + (methods.contains(.get) ? [.head] : [])
        response.headers.append("Allow", allowed.map(\.rawValue).joined(separator: ", "))
        return response
    }
}
