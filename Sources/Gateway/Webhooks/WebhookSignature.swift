import HTTP
import OpenSSLCrypto
import SecretMemory
import Untrusted

/// `x-vercel-signature`: HMAC-SHA1 of the body's bytes under the client secret, in lower-case hexadecimal.
///
/// <https://vercel.com/docs/webhooks/webhooks-api#securing-webhooks>
struct WebhookSignature: Sendable {
    static let header = KnownHeader.xVercelSignature
    private let keys: [HMACKey]

    /// The secret, and the previous one: during a rotation the marketplace does not say which of them it signs with.
    init(_ integration: IntegrationSettings) {
        keys = [integration.clientSecret, integration.previousClientSecret].compactMap(\.self).map {
            HMACKey($0, digest: .sha1)
        }
    }

    /// False for a header that is missing, repeated or not in the marketplace's format.
    func isGenuine(_ request: HTTPRequest) -> Bool {
        guard case .one(let presented) = request.headers.lookUpBytes(Self.header) else { return false }
        // Every key is tried, so that the time does not reveal which one matched.
        var isGenuine = false
        for key in keys where constantTimeEqual(Array(key.code(for: request.body).hexadecimal.utf8), Array(presented)) {
            isGenuine = true
        }
        return isGenuine
    }
}
