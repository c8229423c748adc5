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

    func discovery(_ request: HTTPRequest) -> HTTPAnswer {
        let fault = state.withLock { state in
            state.counters.discoveryFetches += 1
            return state.strike([.discovery])
        }
        switch fault {
        case .discovery500:
            return .now(StandInReply.error(.internalServerError, "internal_server_error", "Something broke."))
        case .discoveryGarbage: return .now(StandInReply.garbage)
        case .discoveryHuge: return .now(StandInReply.huge)
        default: break
        }
        let base = baseURL(request)
        let tokenEndpoint = fault == .discoveryPlainHTTP ? "http://elsewhere.example/token" : base + "/oauth/token"
        let methods = fault == .discoveryNoSecret ? ["private_key_jwt"] : ["client_secret_basic", "client_secret_post"]
        let response = StandInReply.json(
            .ok,
            [
                "issuer": .string(fault == .discoveryOtherIssuer ? "https://elsewhere.example" : settings.issuer),
                "jwks_uri": .string(base + "/.well-known/jwks"),
                "authorization_endpoint": .string(base + "/oauth/authorize"),
                "token_endpoint": .string(tokenEndpoint),
                "token_endpoint_auth_methods_supported": .array(methods.map { .string($0) }),
                "scopes_supported": .array([.string("openid")]),
                "code_challenge_methods_supported": .array([.string("S256")]),
                "authorization_response_iss_parameter_supported": .bool(true),
                "id_token_signing_alg_values_supported": .array([.string(settings.algorithm.name)]),
                "subject_types_supported": .array([.string("public")]),
                "response_types_supported": .array([.string("code")]),
            ], headers: ["Cache-Control": "public, max-age=600"])
        return answer(response, slowly: fault == .discoverySlow)
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
