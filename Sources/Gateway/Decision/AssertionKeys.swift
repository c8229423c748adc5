import HTTP
import JOSE
import Untrusted

/// `GET /.well-known/jwks.json`: the public halves of the ring's assertion keys, as a key set (RFC 7517 section 5).
package struct AssertionKeys: Sendable {
    package static let path = "/.well-known/jwks.json"

    private let response: HTTPResponse

    init(_ ring: KeyRing) {
        let keys = ring.keys.map { key in
            JSONValue.object(SignJWS.publicJWK(.ec(key.assertionKey), keyID: key.id, for: .es256))
        }
        let headers: HTTPHeaders = [
            // A key is published before it signs, so that apps can cache the set.
            "Content-Type": "application/jwk-set+json", "Cache-Control": "public, max-age=300",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        ]
        response = HTTPResponse(.ok, headers: headers, body: (["keys": .array(keys)] as JSONObject).encoded)
    }

    var route: Route { Route(.exactly(Self.path), [.get], answer) }

    private func answer(_ context: RequestContext) -> HTTPAnswer { .now(response) }
}
