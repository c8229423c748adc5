package import HTTP
package import SecretMemory
import Untrusted

/// One operation of the marketplace's API, as the reference describes it. The list of all is closed: `APIOperation.all`.
package struct APIOperation: Sendable {
    /// What a call shows who it is.
    package enum Credential: Sendable {
        /// The access token of the installation in the path.
        case installation
        /// The same, and in the body the integration's client secret. Not for a partner's servers: the gateway holds both.
        case clientSecret
        /// A token of a Vercel user or team, which no installation has.
        case account
        /// A token of the other vendor's, whose host is another, too.
        case checkout
    }

    /// The vendor's SDK calls it so.
    package let name: String
    package let method: HTTPMethod
    package let path: PathPattern
    package let query: [QueryParameter]
    /// The type of the body; nil where there is none.
    package let body: (any RequestBody.Type)?
    /// The status of success, and the statuses of documented failures. A 304 and any 5xx may come besides.
    package let success: HTTPStatus
    package let failures: [Int]
    package let credential: Credential
    package let isDeprecated: Bool

    /// Failures of every operation below an installation: the reference, and 410 by the SDK.
    static let usualFailures = [400, 401, 403, 404, 410]

    init(
        _ name: String, _ method: HTTPMethod, _ path: StaticString, query: [QueryParameter] = [],
        body: (any RequestBody.Type)? = nil, success: Int, failures: [Int] = APIOperation.usualFailures,
        alsoFailing: [Int] = [],
        credential: Credential = .installation, isDeprecated: Bool = false
    ) {
        self.name = name
        self.method = method
        self.path = PathPattern(path)
        self.query = query
        self.body = body
        self.success = HTTPStatus(rawValue: success)
        self.failures = (failures + alsoFailing).sorted()
        self.credential = credential
        self.isDeprecated = isDeprecated
    }

    /// Reads what a call sends: its parameters are those of the match, `query` and `body` as they came.
    package func call(
        _ parameters: PathParameters, query: SecretBytes?, body: SecretBytes
    ) throws(FieldError) -> APICall {
        let query = try QueryParameters(query, allowing: self.query)
        guard let type = self.body else {
            // A client that sends `{}` for nothing would have it dropped; better to say so.
            guard body.isEmpty else { throw FieldError("", .rule("must be empty")) }
            return try APICall(self, parameters, query: query)
        }
        guard !body.isEmpty else { throw FieldError("", .missing) }
        return try APICall(self, parameters, query: query, body: type.init(parsing: body))
    }
}

extension APIOperation: Hashable {
    package static func == (left: APIOperation, right: APIOperation) -> Bool { left.name == right.name }

    package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
