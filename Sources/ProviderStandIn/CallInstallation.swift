import HTTP
import JOSE
import Locking
import SecretMemory
import Untrusted

/// The marketplace's calls to the partner's API: install, look up, change the plan, uninstall.
extension ProviderStandIn {
    /// The fields of a script's request, form or JSON, all with a default: `method` (PUT), `auth` (who calls, `user` or
    /// `system`; as the method wants it), `integration`, `installation`, `user`, `token` (the access token of a PUT),
    /// `key` (of idempotency), `copies` (the same call more than once), `path` (whose path, if not the token's).
    private struct CallOrder {
        let integration: StandInSettings.Integration
        let installation: StandInSettings.Installation
        let member: StandInSettings.Member
        let method: HTTPMethod
        let isSystem: Bool
        let accessToken: String
        let key: String
        let copies: Int
        let path: String
    }

    /// With the same key, after a 5xx or no answer.
    static let callTries = 3

    /// `POST /stand-in/installations`: answers with the last status and body of each copy; status 0 for no answer. A fault of the token's surface spoils the call's token.
    func callInstallation(_ request: HTTPRequest) -> HTTPAnswer {
        let fields = ReadFields.read(request) ?? [:]
        guard let order = callOrder(fields) else {
            return .now(StandInReply.error(.badRequest, "bad_request", "A field is unknown or no usable number."))
        }
        guard let client, let url = order.integration.partnerURL else {
            return .now(StandInReply.error(.notFound, "not_found", "No Base URL is registered."))
        }
        let fault = state.withLock { $0.strike([.token]) }
        return .later { [self] in
            var answers: [JSONValue] = []
            for _ in 0..<order.copies { answers.append(.object(await call(order, url, fault, client))) }
            var status: JSONValue?
            if case .object(let last)? = answers.last { status = last["status"] }
            return redirect(reporting: "\(order.method.rawValue) of the installation", status, request, fields)
                ?? StandInReply.json(.ok, ["answers": .array(answers)], headers: ["Cache-Control": "no-store"])
        }
    }

    private func callOrder(_ fields: [String: String]) -> CallOrder? {
        guard let (integration, installation, copies) = subject(of: fields),
            let method = HTTPMethod.known.first(where: { $0.rawValue == fields["method"] ?? "PUT" }),
            let member = installation.members.first(where: { (fields["user"] ?? $0.userID) == $0.userID })
        else { return nil }
        let auth = fields["auth"] ?? (method == .get ? "system" : "user")
        guard ["user", "system"].contains(auth) else { return nil }
        return CallOrder(
            integration: integration, installation: installation, member: member, method: method,
            isSystem: auth == "system", accessToken: fields["token"] ?? installation.accessToken,
            key: fields["key"] ?? randomText(16), copies: copies, path: fields["path"] ?? installation.id)
    }

    private func call(_ order: CallOrder, _ url: String, _ fault: StandInFault, _ client: any HTTPClient) async
        -> JSONObject
    {
        var headers: HTTPHeaders = [
            "Accept": "application/json", "Authorization": "Bearer \(callToken(order, fault))",
            "X-Vercel-Auth": order.isSystem ? "system" : "user",
        ]
        if order.method != .get { headers.append("Idempotency-Key", order.key) }
        let body = callBody(order)
        if body != nil { headers.append("Content-Type", "application/json") }
        if order.method == .put { learn(order.accessToken, of: order.installation.id) }
        let request = HTTPClientRequest(
            order.method, "\(url)/v1/installations/\(PercentEncoding.encode(order.path))", headers: headers,
            body: body.map { SecretBytes($0.encoded) }, timeout: .seconds(30))
        var answer: HTTPClientResponse?
        for attempt in 0..<Self.callTries {
            if attempt > 0 { try? await Task.sleep(for: .milliseconds(50 << attempt)) }
            answer = try? await client.send(request)
            if let answer, answer.status.rawValue < 500 { break }
        }
        remember(order, answer)
        let answered = answer.flatMap { try? JSONObject(parsing: $0.body) }
        return [
            "status": .integer(Int64(answer?.status.rawValue ?? 0)), "body": answered.map { .object($0) } ?? .null,
        ]
    }

    /// Records the deletion after an accepted call: a DELETE requests it, at once if the partner's answer says so, and a PUT
    /// cancels it.
    private func remember(_ order: CallOrder, _ answer: HTTPClientResponse?) {
        guard let answer, (200..<300).contains(answer.status.rawValue) else { return }
        let time = now()
        let isFinal = (try? JSONObject(parsing: answer.body))?["finalized"] == .bool(true)
        state.withLock { state in
            switch order.method {
            case .put: state.markets[order.installation.id]?.deletion = .none
            case .delete: state.markets[order.installation.id]?.deletion = .pending(since: time, isFinal: isFinal)
            default: break
            }
        }
    }

    private func callToken(_ order: CallOrder, _ fault: StandInFault) -> String {
        let (key, retired) = state.withLock { ($0.keys[0], $0.retired) }
        let mint = MintToken(
            settings: settings, integration: order.integration, installation: order.installation,
            member: order.member, now: now())
        // The claims of a system token are those of the fault that puts one into a login.
        let spoiled = order.isSystem && fault == .none ? .systemToken : fault
        return spoiled == .none
            ? mint.compact(with: key) : SpoilToken(mint: mint, key: key, retired: retired, fault: spoiled).compact
    }

    private func callBody(_ order: CallOrder) -> JSONObject? {
        let contact: JSONObject = ["email": .string("contact@analytical.example"), "name": .string("Charles Babbage")]
        let credentials: JSONObject = [
            "access_token": .string(order.accessToken), "token_type": .string("Bearer"),
        ]
        let account: JSONObject = [
            "name": .string(order.installation.accountName),
            "url": .string("https://vercel.com/analytical/~/integrations/\(order.installation.id)"),
            "contact": .object(contact),
        ]
        let policies: JSONObject = ["toc": .string("2026-01-01T00:00:00.000Z")]
        return switch order.method {
        case .put:
            [
                "scopes": .array([.string("read:project")]), "acceptedPolicies": .object(policies),
                "credentials": .object(credentials), "account": .object(account),
            ]
        case .patch: ["billingPlanId": .string("plan_pro")]
        case .delete: ["cascadeResourceDeletion": .bool(false), "reason": .string("no longer needed")]
        default: nil
        }
    }

    /// Look-ups accept a token that was sent in a PUT.
    private func learn(_ token: String, of installation: String) {
        state.withLock { state in
            guard state.installationTokens[installation]?.contains(where: { $0.text == token }) != true else { return }
            state.installationTokens[installation, default: []].append(.init(text: token, expires: nil))
        }
    }
}
