import HTTP
import JOSE
import Locking
import Untrusted

/// Controls for tests and for the dashboard's forms: `/stand-in/…`.
extension ProviderStandIn {
    func control(_ request: HTTPRequest, _ control: StandInControl) -> HTTPAnswer {
        if let reason = ControlAccess.refusal(of: request) {
            return .now(StandInReply.error(.forbidden, "forbidden", reason))
        }
        switch control {
        case .faults: return .now(request.method == .post ? setFault(request) : listFaults())
        case .counters: return .now(counters())
        case .codes: return .now(mintForScript(request))
        case .webhooks: return sendWebhook(request)
        case .installations: return callInstallation(request)
        case .clock: return controlClock(request)
        case .billing: return controlBilling(request)
        case .openAPI: return .now(Self.openAPI)
        case .rotateKeys:
            let done = done(request, ReadFields.read(request) ?? [:])
            // Making a key takes longer than an event loop should wait.
            return .later { [self] in
                rotateKeys()
                return done
            }
        }
    }

    /// Sets the fault, for `times` times or until the next call. `delay`: in milliseconds; nil leaves it unchanged.
    package func fail(_ fault: StandInFault, times: Int? = nil, delay: Int? = nil) {
        state.withLock { state in
            state.fault = fault
            state.faultTimes = times
            if let delay { state.delay = delay }
        }
    }

    private func listFaults() -> HTTPResponse {
        let (current, times, delay) = state.withLock { ($0.fault, $0.faultTimes, $0.delay) }
        let all = StandInFault.allCases.map { fault -> JSONValue in
            .object([
                "name": .string(fault.rawValue), "surface": .string(fault.surface.rawValue),
                "explanation": .string(fault.explanation),
            ])
        }
        return StandInReply.json(
            .ok,
            [
                "current": .string(current.rawValue), "times": times.map { .integer(Int64($0)) } ?? .null,
                "delay_ms": .integer(Int64(delay)), "faults": .array(all),
            ], headers: ["Cache-Control": "no-store"])
    }

    /// Form or JSON: `fault`, and optionally `times` and `delay_ms`. An empty field counts as absent, because the dashboard's
    /// form sends empty fields.
    private func setFault(_ request: HTTPRequest) -> HTTPResponse {
        guard let read = ReadFields.read(request) else {
            return StandInReply.error(.badRequest, "bad_request", "The body cannot be read.")
        }
        let fields = read.filter { !$0.value.isEmpty }
        guard let fault = fields["fault"].flatMap(StandInFault.init) else {
            return StandInReply.error(
                .badRequest, "bad_request", "fault is missing or unknown; GET /stand-in/faults lists them.")
        }
        let times = fields["times"].flatMap(Int.init)
        let delay = fields["delay_ms"].flatMap(Int.init)
        guard fields["times"] == nil || times.map({ $0 > 0 }) == true,
            fields["delay_ms"] == nil || delay.map({ (0...60_000).contains($0) }) == true
        else { return StandInReply.error(.badRequest, "bad_request", "times or delay_ms is no usable number.") }
        fail(fault, times: times, delay: delay)
        return done(request, fields)
    }

    /// Form or JSON: `integration` (its slug or client id), and optionally `installation` and `user`.
    private func mintForScript(_ request: HTTPRequest) -> HTTPResponse {
        guard let fields = ReadFields.read(request), let name = fields["integration"],
            let integration = settings.integrations.first(where: { $0.isNamed(name) }),
            let (code, opaque) = mint(integration, fields["installation"], user: fields["user"])
        else { return StandInReply.error(.badRequest, "bad_request", "integration, installation or user is unknown.") }
        return StandInReply.json(
            .ok, ["code": .string(code), "state": .string(opaque)], headers: ["Cache-Control": "no-store"])
    }

    private func counters() -> HTTPResponse {
        let counters = state.withLock { $0.counters }
        return StandInReply.json(
            .ok,
            [
                "codes": .integer(Int64(counters.codes)), "exchanges": .integer(Int64(counters.exchanges)),
                "jwks": .integer(Int64(counters.keyFetches)), "members": .integer(Int64(counters.memberLookups)),
                "accounts": .integer(Int64(counters.accountLookups)), "api": .integer(Int64(counters.apiCalls)),
            ], headers: ["Cache-Control": "no-store"])
    }

    /// For a browser, the redirect to the dashboard, which shows the partner's answer; nil for a program.
    func redirect(reporting what: String, _ status: JSONValue?, _ request: HTTPRequest, _ fields: [String: String])
        -> HTTPResponse?
    {
        guard request.headers.contains("text/html", in: .accept) else { return nil }
        var answer = "nothing"
        if case .integer(let number)? = status, number > 0 { answer = "\(number)" }
        state.withLock { $0.lastAnswer = "\(what): the partner answered \(answer)." }
        let user = PercentEncoding.encode(fields["back"] ?? "")
        return HTTPResponse(.seeOther, headers: ["Location": "/?user=\(user)#changes", "Cache-Control": "no-store"])
    }

    /// For a browser, the redirect to its dashboard; 204 for a program.
    private func done(_ request: HTTPRequest, _ fields: [String: String]) -> HTTPResponse {
        backToDashboard(request, fields, "faults") ?? HTTPResponse(.noContent)
    }

    /// For a browser, the redirect to a part of its dashboard; nil for a program.
    func backToDashboard(_ request: HTTPRequest, _ fields: [String: String], _ part: String) -> HTTPResponse? {
        guard request.headers.contains("text/html", in: .accept) else { return nil }
        let user = fields["user"].map { "?user=\(PercentEncoding.encode($0))" } ?? ""
        return HTTPResponse(.seeOther, headers: ["Location": "/\(user)#\(part)", "Cache-Control": "no-store"])
    }
}
