import JOSE

/// Turns an unverified token into a verified one: signature first, by a key of the issuer's current set, then claims.
package struct IDTokenVerifier: Sendable {
    /// A refused token, or no keys to check it with: two different pages and alerts.
    package enum Failure: Error, Sendable {
        case refused(IDTokenRefusal)
        case keysUnavailable(KeySetCache.Unavailable)
    }

    private let rules: IDTokenRules
    private let keys: KeySetCache

    package init(rules: IDTokenRules, keys: KeySetCache) {
        self.rules = rules
        self.keys = keys
    }

    /// `nonce`: of a standard login, which the token must repeat. `now` in seconds since 1970.
    package func verify(_ token: UnverifiedIDToken, _ binding: IDTokenRules.Binding = .none, now: Int64)
        async throws(Failure) -> IDToken
    {
        let verified = try await checkSignature(token.jws, from: .exchange, now: now)
        do { return try rules.check(verified, binding, now: now) } catch { throw .refused(error) }
    }

    /// For a token with which the marketplace calls the partner's API.
    package func verify(_ token: UnverifiedIDToken, as kind: CallToken.Kind, now: Int64) async throws(Failure)
        -> CallToken
    {
        let verified = try await checkSignature(token.jws, from: .call, now: now)
        do { return try rules.check(verified, as: kind, now: now) } catch { throw .refused(error) }
    }

    private func checkSignature(_ jws: UnverifiedJWS, from origin: KeySetCache.Origin, now: Int64)
        async throws(Failure) -> VerifiedJWS
    {
        let current: JWKSet
        do { current = try await keys.current(for: origin, now: now) } catch { throw .keysUnavailable(error) }
        do {
            return try current.verify(jws, algorithms: rules.algorithms)
        } catch .unknownKey {
            // The issuer may sign with a key that it published after the last fetch.
            let newest: JWKSet?
            do { newest = try await keys.refetched(forUnknown: jws.keyID, from: origin, now: now) } catch {
                // Whether the key is the issuer's is not known.
                throw .keysUnavailable(error)
            }
            guard let newest else { throw .refused(.signature(.unknownKey)) }
            do { return try newest.verify(jws, algorithms: rules.algorithms) } catch {
                throw .refused(.signature(error))
            }
        } catch {
            throw .refused(.signature(error))
        }
    }
}
