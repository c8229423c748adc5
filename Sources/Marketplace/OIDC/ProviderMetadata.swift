import HTTP
import JOSE
package import SecretMemory
package import Untrusted

/// What an issuer publishes about itself, as far as a login needs it (OpenID Connect Discovery 1.0 section 3).
package struct ProviderMetadata: Sendable, Equatable {
    /// Why a document is refused, in the order of the checks.
    package enum Refusal: Error, Sendable, Equatable {
        case notJSON
        /// Another issuer's document (section 4.3).
        case issuer(presented: UntrustedText?)
        /// Missing, or neither `https://` nor at the address of an issuer on this machine.
        case endpoint(String)
        /// None of the ways to send the client secret is one of ours.
        case clientAuthentication

        /// A stable word for logs and metrics.
        package var reason: String {
            switch self {
            case .notJSON: "not_json"
            case .issuer: "issuer"
            case .endpoint(let name): name
            case .clientAuthentication: "client_authentication"
            }
        }
    }

    /// How the client secret is sent (OpenID Connect Core 1.0 section 9).
    package enum ClientAuthentication: String, Sendable {
        case basic = "client_secret_basic"
        case post = "client_secret_post"
    }

    package let authorizationEndpoint: String
    package let tokenEndpoint: String
    package let clientAuthentication: ClientAuthentication
    /// Whether every answer of the authorization endpoint has `iss` (RFC 9207 section 3).
    package let answersNameIssuer: Bool
    /// For `check` only: logins fetch the keys from the configured address.
    package let keySetURL: UntrustedText?

    package static func address(of issuer: String) -> String { issuer + "/.well-known/openid-configuration" }

    /// `issuer`: whose document was requested.
    package init(parsing body: SecretBytes, issuer: String) throws(Refusal) {
        let document: JSONObject
        do { document = try JSONObject(parsing: body) } catch { throw .notJSON }
        guard document["issuer"]?.isText(issuer) ?? false else {
            throw .issuer(presented: document["issuer"]?.text)
        }
        authorizationEndpoint = try Self.endpoint("authorization_endpoint", document, issuer)
        tokenEndpoint = try Self.endpoint("token_endpoint", document, issuer)
        clientAuthentication = try Self.authentication(document["token_endpoint_auth_methods_supported"])
        answersNameIssuer = document["authorization_response_iss_parameter_supported"] == .bool(true)
        keySetURL = document["jwks_uri"]?.text
    }

    private static let authority = ByteSet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.:[]")

    /// Endpoints may be on other hosts than the issuer. A browser is sent to one and the client secret to the other, so the
    /// address must have one reading only.
    private static func endpoint(_ name: String, _ document: JSONObject, _ issuer: String) throws(Refusal) -> String {
        guard let text = document[UntrustedText(name)]?.text, text.count <= 1024,
            text.bytes.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "#") && $0 != UInt8(ascii: "\\") })
        else { throw .endpoint(name) }
        if let rest = text.dropping(prefix: "https://") {
            let host = rest.bytes.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
            guard !host.isEmpty, authority.containsAll(host) else { throw .endpoint(name) }
        } else {
            // Only an issuer on this machine has an `http://` address.
            guard issuer.hasPrefix("http://"), text.hasPrefix(issuer + "/") else { throw .endpoint(name) }
        }
        return text.string
    }

    /// Without a list, `client_secret_basic` is meant. `client_secret_post` comes first where it is offered: servers differ in
    /// how they decode the other.
    private static func authentication(_ offered: JSONValue?) throws(Refusal) -> ClientAuthentication {
        guard case .array(let methods)? = offered else { return .basic }
        for method in [ClientAuthentication.post, .basic] where methods.contains(where: { $0.isText(method.rawValue) })
        {
            return method
        }
        throw .clientAuthentication
    }
}
