import HTTP
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

    private let sealed: SealedFlows
    let cookies: GatewayCookies

    init(ring: KeyRing, cookies: GatewayCookies, origin: WebOrigin) {
        sealed = SealedFlows(Sealer(ring, for: .flow), prefix: cookies.flowPrefix, cookies: cookies, origin: origin)
        self.cookies = cookies
    }

    /// The `Set-Cookie` values that begin a flow.
    func begin(_ flow: Flow, integration: String, _ context: RequestContext) -> [String] {
        sealed.begin(flow.nonce, integration: integration, context) { $0.put(flow.returnTo) }
    }

    /// The flow that `parameter` names, if this browser has its cookie, for this integration, and it has not expired.
    func find(_ parameter: String?, integration: String, _ context: RequestContext) -> Flow? {
        sealed.find(parameter, integration: integration, context) { nonce, reader in
            reader.text().map { Flow(nonce: nonce, returnTo: $0) }
        }
    }

    /// The `Set-Cookie` that removes the flow.
    func end(_ parameter: String?) -> String? { sealed.end(parameter) }
}
