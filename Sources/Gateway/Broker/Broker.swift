package import HTTP
import Marketplace
import OpenSSLCrypto
import SecretMemory
import Untrusted

/// An integration as the broker knows it.
struct BrokerIntegration: Sendable {
    let name: String
    let api: MarketplaceAPI
}

/// The listener where partners' own servers call the marketplace's API, under its own methods, paths and bodies. It attaches
/// the installation's token, which never leaves it in another direction.
package struct Broker: HTTPHandler {
    /// In bytes.
    package static let maximumBody = 1024 * 1024
    /// Of a request that is refused anyway. In bytes.
    private static let strangersBody = 16 * 1024
    /// In bytes.
    static let maximumAnswer = 1024 * 1024

    private let settings: BrokerSettings
    let integrations: [BrokerIntegration]
    let credits: BrokerCredits
    private let assertions: BrokerAssertions
    let tokens: InstallationTokens
    let observability: Observability
    let calls: CrossedCounter
    let limits: BrokerLimits

    init(
        _ settings: BrokerSettings, integrations: [BrokerIntegration], credits: BrokerCredits,
        assertions: BrokerAssertions, tokens: InstallationTokens, continuing other: Broker?,
        _ observability: Observability
    ) {
        self.settings = settings
        self.integrations = integrations
        self.credits = credits
        self.assertions = assertions
        self.tokens = tokens
        self.observability = observability
        calls = Self.calls(observability.metrics)
        limits = BrokerLimits(settings, continuing: other?.limits)
    }

    package func answer(_ request: HTTPRequest) -> HTTPAnswer {
        TraceContext.follow(request) { answerTraced(request) }
    }

    private func answerTraced(_ request: HTTPRequest) -> HTTPAnswer {
        let context = observability.context(for: request)
        var report = BrokerReport(context.id, began: observability.clock.nanoseconds())
        do throws(BrokerRefusal) {
            let admitted = try admit(context, &report)
            return .later { [report] in
                await limits.underWay.work {
                    await StorePatience.$current.withValue(StorePatience()) { await perform(admitted, context, report) }
                }
            }
        } catch {
            return .now(finish(error, report))
        }
    }

    package func answer(malformed request: MalformedRequest) -> HTTPResponse {
        let id = observability.requestIDs.next()
        observability.metrics.requestsMalformed.count(request.reason.rawValue)
        observability.log.record(.requestMalformed, id, ["reason": request.reason.rawValue])
        let refusal = BrokerRefusal(
            request.status.rawValue, request.reason.rawValue,
            "This request cannot be read or is too large. Nothing was sent.")
        return finish(refusal, BrokerReport(id, began: observability.clock.nanoseconds()))
    }

    package func answer(unavailable reason: Unavailability) -> HTTPResponse {
        let report = BrokerReport(observability.requestIDs.next(), began: observability.clock.nanoseconds())
        switch reason {
        case .busy:
            return finish(BrokerRefusal(503, "overloaded", "Too many calls are under way.", wait: 1), report)
        // What works on the call logs it when it ends.
        case .stopping:
            return BrokerRefusal(
                503, "stopping", "The gateway is stopping. The call may have taken effect.", wait: 1
            ).response(report.id)
        case .abandoned:
            return BrokerRefusal(
                503, "client_gone", "The connection was closed before the answer. The call may have taken effect."
            ).response(report.id)
        }
    }

    /// Also an unknown method is refused as the broker refuses.
    package func takesAnyMethod(_ request: HTTPRequest) -> Bool { true }

    /// Only clients may have bodies that take memory.
    package func bodyLimit(for request: HTTPRequest) -> Int? {
        client(of: request) == nil ? Self.strangersBody : Self.maximumBody
    }
}

/// Whether a call may be made, as far as that is known without waiting.
extension Broker {
    /// A call that may be made once its token is found.
    struct Admitted: Sendable {
        let client: BrokerSettings.Client
        let call: APICall
        /// Whose token it takes.
        let credential: Credential
        let member: BrokerMember?

        enum Credential: Sendable {
            case installation(String)
            case credits(BrokerCredits.Account)
        }
    }

    private func admit(
        _ context: RequestContext, _ report: inout BrokerReport
    ) throws(BrokerRefusal) -> Admitted {
        let request = context.request
        let client = try authenticate(request, now: context.now)
        report.client = client.name
        let (operation, parameters) = try match(request)
        report.operation = operation.name
        report.installation = parameters[.integrationConfigurationId]
        guard client.operations.contains(operation) else {
            throw BrokerRefusal(403, "operation", "This client may not call \(operation.name).")
        }
        let member = try assertions.member(request, now: context.now)
        report.member = member?.userID
        if let member { try permit(member, operation, parameters) }
        try limitRate(of: client, report.installation)
        let credential = try credential(for: operation, report.installation)
        try Self.checkContent(request, operation)
        let call: APICall
        do {
            call = try operation.call(parameters, query: request.target.query, body: request.body)
            try call.check(credits.rules, now: ISOTime(seconds: context.now))
        } catch { throw BrokerRefusal(error) }
        return Admitted(client: client, call: call, credential: credential, member: member)
    }

    private func limitRate(of client: BrokerSettings.Client, _ installation: String?) throws(BrokerRefusal) {
        let now = observability.clock.nanoseconds()
        let one = BrokerRates.Key(client: client.name, installation: installation)
        if let wait = limits.rates.admit(one, now: now) {
            throw BrokerRefusal(429, "rate", "This client calls too often for this installation.", wait: wait)
        }
        if let wait = limits.clientRates.admit(BrokerRates.Key(client: client.name), now: now) {
            throw BrokerRefusal(429, "client_rate", "This client calls too often.", wait: wait)
        }
    }

    /// A body is read as JSON in UTF-8; one that says it is something else is not.
    private static func checkContent(_ request: HTTPRequest, _ operation: APIOperation) throws(BrokerRefusal) {
        guard !request.headers.has(.contentEncoding) else {
            throw BrokerRefusal(
                415, "content_coding", "Send the body without a content coding.",
                headers: ["Accept-Encoding": "identity"])
        }
        guard operation.body != nil, !request.body.isEmpty else { return }
        let parts = (request.headers[.contentType] ?? "").lowercasedASCII.string.split(
            separator: ";", omittingEmptySubsequences: false
        ).map(withoutBlanksAround)
        guard parts[0] == "application/json",
            parts.dropFirst().allSatisfy({ $0 == "charset=utf-8" || $0 == "charset=\"utf-8\"" })
        else { throw BrokerRefusal(415, "content_type", "Send the body as Content-Type: application/json.") }
    }

    private static func withoutBlanksAround(_ text: Substring) -> String {
        let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var bytes = Array(text.utf8.drop(while: isBlank))
        while let last = bytes.last, isBlank(last) { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func credential(
        for operation: APIOperation, _ installation: String?
    ) throws(BrokerRefusal) -> Admitted.Credential {
        if operation.credential == .installation, let installation { return .installation(installation) }
        if let account = credits[operation] { return .credits(account) }
        throw BrokerRefusal(424, "no_credential", "The configuration has no credential for \(operation.name).")
    }

    private func authenticate(_ request: HTTPRequest, now: Int64) throws(BrokerRefusal) -> BrokerSettings.Client {
        if let client = client(of: request) { return client }
        let challenge: HTTPHeaders = ["WWW-Authenticate": "Bearer"]
        guard request.headers.has(.authorization) else {
            throw BrokerRefusal(401, "client_token", "Send Authorization: Bearer TOKEN.", headers: challenge)
        }
        if let tooMany = limits.guesses.add(request.peer, now: now) {
            var refusal = BrokerRefusal(429, "guesses", "Too many wrong tokens.", wait: tooMany.wait)
            refusal.isLogged = tooMany.isFirst
            throw refusal
        }
        throw BrokerRefusal(401, "client_token", "The token is not that of a client.", headers: challenge)
    }

    /// Without `Authorization` the peer's user decides. Every client's digest is compared, so that the time says nothing
    /// about which one is near.
    private func client(of request: HTTPRequest) -> BrokerSettings.Client? {
        guard request.headers.has(.authorization) else {
            return request.peerUserID.flatMap { user in settings.clients.first { $0.credential == .peerUser(user) } }
        }
        let scheme = "Bearer "
        guard case .one(let value) = request.headers.lookUpBytes(.authorization),
            HTTPHeaders.equal(value.prefix(scheme.utf8.count), scheme)
        else { return nil }
        let digest = SHA256.hash(SecretBytes(value.dropFirst(scheme.utf8.count)))
        var found: BrokerSettings.Client?
        for client in settings.clients {
            guard case .tokenDigest(let known) = client.credential, constantTimeEqual(known, digest) else { continue }
            found = client
        }
        return found
    }

    private func match(_ request: HTTPRequest) throws(BrokerRefusal) -> (APIOperation, PathParameters) {
        switch APIOperation.match(request.method, request.target.rawPath) {
        case .operation(let operation, let parameters): return (operation, parameters)
        case .badParameter(let error): throw BrokerRefusal(error)
        case .otherMethods(let methods):
            throw BrokerRefusal(
                405, "method", "This address takes other methods.",
                headers: ["Allow": methods.map(\.rawValue).joined(separator: ", ")])
        case .none: throw BrokerRefusal(404, "not_found", "This is no operation that the broker knows.")
        }
    }

    private func permit(
        _ member: BrokerMember, _ operation: APIOperation, _ parameters: PathParameters
    ) throws(BrokerRefusal) {
        if let installation = parameters[.integrationConfigurationId] {
            guard installation == member.key.installationID else {
                throw BrokerRefusal(403, "member_installation", "The member belongs to another installation.")
            }
        }
        guard member.role == .admin || !Self.needsAdmin(operation) else {
            throw BrokerRefusal(403, "member_role", "This needs a member with the role ADMIN.")
        }
    }

    /// What a member of role USER may not have done in their name.
    static func needsAdmin(_ operation: APIOperation) -> Bool {
        [.patch, .put, .delete].contains(operation.method) || APIOperation.billing.contains(operation)
            || APIOperation.credits.contains(operation)
    }
}
