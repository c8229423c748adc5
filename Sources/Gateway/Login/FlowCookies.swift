import HTTP
import OpenSSLCrypto
import Untrusted

/// Logins that this browser began at `/sso/start`. Each is a sealed cookie: it keeps `rd`, and it proves at the callback
/// that the login began in the same browser.
struct FlowCookies: Sendable {
    /// A login under way in this browser.
    struct Flow: Sendable, Equatable {
        let nonce: [UInt8]
        /// The target after the login; empty where the deep link decides.
        let returnTo: String
    }

    static let maximumCount = 5
    /// In seconds.
    static let lifetime: Int64 = 600

    private let sealer: Sealer
    let cookies: GatewayCookies
    private let origin: String

    init(ring: KeyRing, cookies: GatewayCookies, origin: WebOrigin) {
        sealer = Sealer(ring, for: .flow)
        self.cookies = cookies
        self.origin = origin.description
    }

    /// The `Set-Cookie` values that begin a flow, those included that drop the oldest beyond the limit. Browsers send
    /// older cookies first (RFC 6265 section 5.4).
    func begin(_ flow: Flow, integration: String, _ context: RequestContext) -> [String] {
        var writer = SealedFieldWriter()
        writer.put(flow.nonce)
        writer.put(flow.returnTo)
        writer.put(context.now)
        let name = self.name(of: flow.nonce.hexadecimal)
        let value = sealer.seal(writer.bytes, authenticating: associatedData(name, integration))
        let present = CookieHeader(context.request.headers).names(withPrefix: cookies.flowPrefix)
        // The response's head must stay small enough for the proxy; the next login drops more.
        return present.dropLast(Self.maximumCount - 1).prefix(Self.maximumCount * 2).map { cookies.cookie($0).clearing }
            + [cookies.cookie(name).setting(value, maxAge: Self.lifetime)]
    }

    /// The flow that `parameter` names, if this browser has its cookie, for this integration, and it has not expired.
    func find(_ parameter: String?, integration: String, _ context: RequestContext) -> Flow? {
        guard let parameter, let name = cookieName(for: parameter),
            let plaintext = CookieHeader(context.request.headers)[name].flatMap({
                sealer.open($0, authenticating: associatedData(name, integration))
            })
        else { return nil }
        var reader = SealedFieldReader(plaintext)
        guard let nonce = reader.field(), let returnTo = reader.text(), let began = reader.time(), reader.isAtEnd,
            constantTimeEqual(Array(nonce.hexadecimal.utf8), Array(parameter.utf8)),
            context.now < began + Self.lifetime
        else { return nil }
        return Flow(nonce: Array(nonce), returnTo: returnTo)
    }

    /// The `Set-Cookie` that removes the flow.
    func end(_ parameter: String?) -> String? {
        parameter.flatMap(cookieName).map { cookies.cookie($0).clearing }
    }

    private func cookieName(for parameter: String) -> String? {
        guard parameter.utf8.count == 32,
            parameter.utf8.allSatisfy(Hexadecimal.isLowerCaseDigit)
        else { return nil }
        return name(of: parameter)
    }

    private func name(of nonce: String) -> String { cookies.flowPrefix + nonce.prefix(8) }

    private func associatedData(_ name: String, _ integration: String) -> [UInt8] {
        SessionSeal.context([name, integration, origin])
    }
}
