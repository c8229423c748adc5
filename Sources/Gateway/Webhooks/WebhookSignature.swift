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

    /// The secret, and the one before it while a rotation is under way: nobody says which of them signs then.
    init(_ integration: IntegrationSettings) {
        keys = [integration.clientSecret, integration.previousClientSecret].compactMap(\.self).map {
            HMACKey($0, digest: .sha1)
        }
    }

    /// False for a header that is missing, doubled or spelled in any other way than the marketplace's.
    func isGenuine(_ request: HTTPRequest) -> Bool {
        guard case .one(let presented) = request.headers.lookUpBytes(Self.header) else { return false }
        // Every key is tried, so that the time does not tell which one it was.
        var isGenuine = false
        for key in keys where constantTimeEqual(Array(key.code(for: request.body).hexadecimal.utf8), Array(presented)) {
            isGenuine = true
        }
        return isGenuine
    }
}
