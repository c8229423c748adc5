import HTTP
import JOSE
import SecretMemory
import Untrusted

/// An answer of the marketplace's, or of the broker in its place.
struct CallAnswer: Sendable {
    let status: Int
    /// Of the broker itself.
    let isBrokers: Bool
    let body: [UInt8]
    /// What the body is, if it is JSON.
    let json: JSONValue?
    let code: String
    let message: String
    let requestID: String?
    let vercelID: String?
    /// In seconds.
    let retryAfter: Int64?

    init(_ response: HTTPClientResponse) {
        status = response.status.rawValue
        isBrokers = response.headers["X-SSO-Broker"] != nil
        body = response.body.exposedBytes
        json = try? JSONValue.parse(body)
        var object: JSONObject = [:]
        if case .object(let members)? = json { object = members }
        switch object["error"] {
        case .object(let error)?:
            code = Self.text(error["code"])
            message = Self.text(error["message"])
        case .string(let word)?:
            code = word.string.visible
            message = Self.text(object["error_description"])
        // The other vendor's checkout.
        default:
            code = Self.text(object["type"])
            message = Self.text(object["detail"])
        }
        requestID = object["request_id"]?.text?.string.visible
        vercelID = response.headers["X-Vercel-Id"].map(\.visible)
        retryAfter = response.headers["Retry-After"].flatMap { Int64($0) }.flatMap { $0 >= 0 ? $0 : nil }
    }

    var isSuccess: Bool { (200..<300).contains(status) }

    private static func text(_ value: JSONValue?) -> String { value?.text?.string.visible ?? "" }

    var printable: String { Terminal.escaped(body) }
}
