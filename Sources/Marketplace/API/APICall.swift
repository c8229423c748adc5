package import HTTP
package import SecretMemory
package import Untrusted

/// One operation with everything that a request for it needs but the token.
package struct APICall: Sendable {
    package let operation: APIOperation
    package let parameters: PathParameters
    package let query: QueryParameters
    package let body: (any RequestBody)?
    private let path: String

    /// The body must be of the operation's type.
    package init(
        _ operation: APIOperation, _ parameters: PathParameters, query: QueryParameters = QueryParameters(),
        body: (any RequestBody)? = nil
    ) throws(FieldError) {
        precondition(body.map { ObjectIdentifier(type(of: $0)) } == operation.body.map { ObjectIdentifier($0) })
        path = try operation.path.fill(parameters)
        self.operation = operation
        self.parameters = parameters
        self.query = query
        self.body = body
    }

    /// Refuses what the marketplace would refuse; see `LocalRules`.
    package func check(_ rules: LocalRules, now: ISOTime) throws(FieldError) { try body?.check(rules, now: now) }

    /// Whether the same call may be sent again after no answer or a 5xx: a look-up, and an invoice with an `externalId`, of
    /// which the marketplace accepts one only.
    package var isRepeatable: Bool { operation.method == .get || body?.isRepeatable ?? false }

    /// `apiURL` without a slash at its end.
    package func request(apiURL: String, token: SecretBytes, timeout: Duration) -> HTTPClientRequest {
        var headers: HTTPHeaders = [
            "Accept": "application/json", "Authorization": "Bearer " + (token.exposedText?.string ?? ""),
        ]
        if body != nil { headers.append("Content-Type", "application/json") }
        return HTTPClientRequest(
            operation.method, apiURL + path + query.encoded, headers: headers, body: body?.encoded, timeout: timeout)
    }
}
