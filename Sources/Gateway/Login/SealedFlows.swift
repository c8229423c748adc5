import HTTP
import OpenSSLCrypto
import Untrusted

/// Cookies of logins that are under way in this browser, one for each login and sealed for one purpose. Each is named by the
/// first digits of a random id, which the browser brings back as a parameter.
struct SealedFlows: Sendable {
    /// How many a browser keeps.
    private let maximumCount: Int
    /// In seconds.
    private let lifetime: Int64
    private let sealer: Sealer
    private let prefix: String
    private let cookies: GatewayCookies
    private let origin: String

    /// `prefix`: of the cookies' names.
    init(
        _ sealer: Sealer, prefix: String, cookies: GatewayCookies, origin: WebOrigin, maximumCount: Int = 5,
        lifetime: Int64 = 600
    ) {
        self.sealer = sealer
        self.prefix = prefix
        self.cookies = cookies
        self.maximumCount = maximumCount
        self.lifetime = lifetime
        self.origin = origin.description
    }

    /// The `Set-Cookie` values that begin a flow, those included that drop the oldest beyond the limit. Browsers send
    /// older cookies first (RFC 6265 section 5.4). `id`: 16 bytes; `write` adds what the flow keeps.
    func begin(
        _ id: [UInt8], integration: String, _ context: RequestContext, _ write: (inout SealedFieldWriter) -> Void
    ) -> [String] {
        var writer = SealedFieldWriter()
        writer.put(id)
        write(&writer)
        writer.put(context.now)
        let name = self.name(of: id.hexadecimal)
        let value = sealer.seal(writer.bytes, authenticating: associatedData(name, integration))
        let present = CookieHeader(context.request.headers).names(withPrefix: prefix)
        // The response's head must stay small enough for the proxy; the next login drops more.
        return present.dropLast(maximumCount - 1).prefix(maximumCount * 2).map { cookies.cookie($0).clearing }
            + [cookies.cookie(name).setting(value, maxAge: lifetime)]
    }

    /// What `read` makes of the flow that `parameter` names, if this browser has its cookie, for this integration, and it has
    /// not expired.
    func find<Flow>(
        _ parameter: String?, integration: String, _ context: RequestContext,
        _ read: (_ id: [UInt8], inout SealedFieldReader) -> Flow?
    ) -> Flow? {
        guard let parameter, let name = cookieName(for: parameter),
            let plaintext = CookieHeader(context.request.headers)[name].flatMap({
                sealer.open($0, authenticating: associatedData(name, integration))
            })
        else { return nil }
        var reader = SealedFieldReader(plaintext)
        guard let id = reader.field(), let flow = read(Array(id), &reader), let began = reader.time(), reader.isAtEnd,
            constantTimeEqual(Array(id.hexadecimal.utf8), Array(parameter.utf8)),
            context.now < began + lifetime
        else { return nil }
        return flow
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

    private func name(of id: String) -> String { prefix + id.prefix(8) }

    private func associatedData(_ name: String, _ integration: String) -> [UInt8] {
        SessionSeal.context([name, integration, origin])
    }
}
