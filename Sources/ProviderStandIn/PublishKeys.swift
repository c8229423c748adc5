import HTTP
import JOSE
import Synchronization

/// The issuer's side: keys and discovery.
extension ProviderStandIn {
    func keySet() -> HTTPAnswer {
        let (fault, keys) = state.withLock { state in
            state.counters.keyFetches += 1
            return (state.strike([.jwks500, .jwksSlow, .jwksGarbage, .jwksEmpty]), state.keys)
        }
        let published = fault == .jwksEmpty ? [] : keys.map { SignJWS.publicJWK($0.key, keyID: $0.id) }
        let response = StandInReply.json(
            .ok, SignJWS.keySet(published), headers: ["Cache-Control": "public, max-age=600"])
        switch fault {
        case .jwks500: return .now(StandInReply.error(.internalServerError, "internal_server_error", "Oops."))
        case .jwksGarbage: return .now(StandInReply.garbage)
        default: return answer(response, slowly: fault == .jwksSlow)
        }
    }

    func discovery(_ request: HTTPRequest) -> HTTPResponse {
        let base = "http://\(request.headers["Host"] ?? "localhost")"
        return StandInReply.json(
            .ok,
            [
                "issuer": .string(settings.issuer), "jwks_uri": .string(base + "/.well-known/jwks"),
                "id_token_signing_alg_values_supported": .array([.string("RS256")]),
                "subject_types_supported": .array([.string("public")]),
                "response_types_supported": .array([.string("code")]),
            ])
    }

    /// The second key signs from now on, a new one is published beside it, the old one is gone.
    func rotateKeys() {
        let fresh = StandInState.makeKey()
        state.withLock { state in
            state.retired = state.keys[0]
            state.keys = [state.keys[1], fresh]
        }
    }
}
