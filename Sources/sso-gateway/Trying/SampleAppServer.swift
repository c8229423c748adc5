import HTTP

/// The sample app behind a real proxy, which has written the identity headers into the request.
struct SampleAppServer: HTTPHandler {
    let app: SampleApp

    func answer(_ request: HTTPRequest) -> HTTPAnswer {
        let identity = HTTPHeaders(request.headers.fields.filter { $0.name.hasPrefix("X-") })
        guard request.method == .post else { return .now(app.answer(request, identity: identity)) }
        return .later { await app.submit(request, identity: identity) }
    }

    func answer(malformed request: MalformedRequest) -> HTTPResponse { HTTPResponse(.badRequest) }
}
