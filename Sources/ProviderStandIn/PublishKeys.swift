import HTTP
import JOSE
import Locking
import Untrusted

/// The issuer's side: keys and discovery.
extension ProviderStandIn {
    func keySet() -> HTTPAnswer {
        let (fault, keys) = state.withLock { state in
            state.counters.keyFetches += 1
            return (state.strike([.keys]), state.keys)
        }
        switch fault {
        case .jwks500:
            return .now(StandInReply.error(.internalServerError, "internal_server_error", "Something broke."))
        case .jwksGarbage: return .now(StandInReply.garbage)
        default: break
        }
        let published =
            fault == .jwksEmpty ? [] : keys.map { SignJWS.publicJWK($0.key, keyID: $0.id, for: settings.algorithm) }
        let response = StandInReply.json(
            .ok, SignJWS.keySet(published), headers: ["Cache-Control": "public, max-age=600"])
        return answer(response, slowly: fault == .jwksSlow)
    }

    func discovery(_ request: HTTPRequest) -> HTTPResponse {
        StandInReply.json(
            .ok,
            [
                "issuer": .string(settings.issuer),
                "jwks_uri": .string(baseURL(request) + "/.well-known/jwks"),
                "token_endpoint": .string(baseURL(request) + "/v1/integrations/sso/token"),
                "id_token_signing_alg_values_supported": .array([.string(settings.algorithm.name)]),
                "subject_types_supported": .array([.string("public")]),
                "response_types_supported": .array([.string("code")]),
            ], headers: ["Cache-Control": "public, max-age=600"])
    }

    /// The stand-in's address, from the settings or else from the request's `Host`.
    func baseURL(_ request: HTTPRequest) -> String {
        settings.baseURL ?? "http://\(request.headers[.host] ?? "localhost")"
    }

    /// The second key signs from now on, a new one is published beside it, and the first is not published any more. Takes
    /// about 0.1 s.
    package func rotateKeys() {
        let fresh = Self.makeKey(random, settings.algorithm)
        state.withLock { state in
            state.retired = state.keys[0]
            state.keys = [state.keys[1], fresh]
        }
    }
}
