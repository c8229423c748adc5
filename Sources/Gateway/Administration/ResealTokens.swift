import HTTP
import JOSE
import Untrusted

/// `POST /admin/installations/reseal`: seals every stored token that an older key of the ring opens again under the first key, so
/// that the older keys can be retired.
extension InstallationEndpoints {
    /// Every stored token is in exactly one of the three.
    struct Resealing: Sendable, Equatable {
        var resealed = 0
        /// Sealed under the first key before.
        var current = 0
        /// No key of the ring opens it, or it is another installation's.
        var unreadable = 0
    }

    /// In one transaction, so that other writers do not wait for all tokens.
    private static let batch = 100
    /// Each pass has only tokens that were stored during the one before.
    private static let passes = 10

    func reseal(_ context: RequestContext) -> HTTPAnswer {
        .later {
            await answered(context.id) { () async throws(Refusal) in
                guard context.request.target.query == nil else {
                    throw Refusal(.badRequest, "query", "This address takes no query: all integrations share the ring.")
                }
                let result = try await resealAll()
                log.record(
                    .tokensResealed, context.id,
                    ["resealed": "\(result.resealed)", "unreadable": "\(result.unreadable)"])
                return [
                    "resealed": .integer(Int64(result.resealed)), "current": .integer(Int64(result.current)),
                    "unreadable": .integer(Int64(result.unreadable)), "key": .string(UntrustedText(seal.keyID)),
                ]
            }
        }
    }

    /// Returns when a whole pass found no token under an older key.
    func resealAll() async throws(Refusal) -> Resealing {
        var resealed: Set<InstallationKey> = []
        for _ in 0..<Self.passes {
            let all = try await stored { () async throws(StoreError) in try await access.installations() }
            var (result, writes) = (Resealing(), [StoreWrite]())
            for record in all where !record.sealedToken.isEmpty {
                switch seal.renew(record.sealedToken, for: record.key) {
                case .current where resealed.contains(record.key): result.resealed += 1
                case .current: result.current += 1
                case .resealed(let sealed): writes.append(Self.write(sealed, insteadOf: record))
                case .unreadable: result.unreadable += 1
                }
            }
            if writes.isEmpty { return result }
            for start in stride(from: 0, to: writes.count, by: Self.batch) {
                let part = writes[start..<min(start + Self.batch, writes.count)]
                for change in try await write(Array(part)) {
                    if case .installation(let installation) = change.record { resealed.insert(installation.key) }
                }
            }
        }
        throw Refusal(.conflict, "changed", "Tokens under an older key are still stored: reload all gateways first.")
    }

    /// A token that was stored meanwhile is newer and stays.
    private static func write(_ sealed: String, insteadOf old: Installation) -> StoreWrite {
        .installation(old.key) { current in
            guard var next = current, next.sealedToken == old.sealedToken else { return nil }
            next.sealedToken = sealed
            return next
        }
    }
}
