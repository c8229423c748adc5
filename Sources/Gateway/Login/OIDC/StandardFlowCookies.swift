import HTTP
import Marketplace

/// Standard logins that this browser began. Each is a sealed cookie: it proves at the callback that the login began in the same
/// browser, and it keeps what the answer is compared with.
struct StandardFlowCookies: Sendable {
    struct Flow: Sendable, Equatable {
        /// 16 random bytes, as the next one.
        let state: [UInt8]
        let nonce: [UInt8]
        /// A reload may change the integration's issuer while the browser is away.
        let issuer: String
        /// 32 random bytes.
        let verifier: [UInt8]
        /// An accepted target; empty for none.
        let target: String
        /// Names the flow that began at `/sso/start`; empty for none.
        let startedBy: String
    }

    private let sealed: SealedFlows
    let cookies: GatewayCookies

    init(ring: KeyRing, cookies: GatewayCookies, origin: WebOrigin) {
        sealed = SealedFlows(
            Sealer(ring, for: .standardFlow), prefix: cookies.standardFlowPrefix, cookies: cookies, origin: origin)
        self.cookies = cookies
    }

    /// The `Set-Cookie` values that begin a flow.
    func begin(_ flow: Flow, integration: String, _ context: RequestContext) -> [String] {
        sealed.begin(flow.state, integration: integration, context) { writer in
            writer.put(flow.nonce)
            writer.put(flow.issuer)
            writer.put(flow.verifier)
            writer.put(flow.target)
            writer.put(flow.startedBy)
        }
    }

    /// The flow of an answer's `state`, if this browser has its cookie, for this integration, and it has not expired.
    func find(_ state: String, integration: String, _ context: RequestContext) -> Flow? {
        sealed.find(state, integration: integration, context) { id, reader in
            guard let nonce = reader.field(), let issuer = reader.text(), let verifier = reader.field(),
                verifier.count == 32,
                let target = reader.text(), let startedBy = reader.text()
            else { return nil }
            return Flow(
                state: id, nonce: Array(nonce), issuer: issuer, verifier: Array(verifier), target: target,
                startedBy: startedBy)
        }
    }

    /// The `Set-Cookie` that removes the flow.
    func end(_ state: String) -> String? { sealed.end(state) }
}
