import HTTP
import JOSE
import SecretMemory
import Synchronization

/// The switches, for tests and for the dashboard's own forms: `/stand-in/…`.
extension ProviderStandIn {
    func control(_ request: HTTPRequest, _ path: [String]) -> HTTPResponse {
        switch (request.method, path) {
        case (.get, ["faults"]):
            let current = state.withLock { $0.fault.rawValue }
            let all = StandInFault.allCases.map { JSONValue.string($0.rawValue) }
            return StandInReply.json(.ok, ["current": .string(current), "faults": .array(all)])
        case (.post, ["faults"]): return setFault(request)
        case (.post, ["keys", "rotate"]):
            rotateKeys()
            return done(request)
        case (.post, ["codes"]): return mintForScript(request)
        case (.get, ["counters"]): return counters()
        default: return StandInReply.error(.notFound, "not_found", "There is nothing at this address.")
        }
    }

    /// Form or JSON: `fault`, and optionally `times` and `delay_ms`.
    private func setFault(_ request: HTTPRequest) -> HTTPResponse {
        guard let fields = ReadFields.read(request), let fault = fields["fault"].flatMap(StandInFault.init) else {
            return StandInReply.error(
                .badRequest, "bad_request", "fault is missing or unknown; GET /stand-in/faults lists them.")
        }
        let times = fields["times"].flatMap(Int.init)
        let delay = fields["delay_ms"].flatMap(Int.init)
        guard (fields["times"] == nil || times.map { $0 > 0 } == true),
            (fields["delay_ms"] == nil || delay.map { (0...60_000).contains($0) } == true)
        else { return StandInReply.error(.badRequest, "bad_request", "times or delay_ms is no usable number.") }
        state.withLock { state in
            state.fault = fault
            state.faultTimes = times
            if let delay { state.delay = delay }
        }
        return done(request)
    }

    /// Form or JSON: `integration` (its slug), and optionally `installation` and `user`.
    private func mintForScript(_ request: HTTPRequest) -> HTTPResponse {
        guard let fields = ReadFields.read(request),
            let integration = settings.integrations.first(where: { $0.slug == fields["integration"] }),
            let (code, opaque) = mint(integration, fields["installation"], user: fields["user"])
        else { return StandInReply.error(.badRequest, "bad_request", "integration, installation or user is unknown.") }
        return StandInReply.json(.ok, ["code": .string(code), "state": .string(opaque)])
    }

    private func counters() -> HTTPResponse {
        let counters = state.withLock { $0.counters }
        return StandInReply.json(
            .ok,
            [
                "codes": .integer(Int64(counters.codes)), "exchanges": .integer(Int64(counters.exchanges)),
                "jwks": .integer(Int64(counters.keyFetches)), "members": .integer(Int64(counters.memberLookups)),
                "accounts": .integer(Int64(counters.accountLookups)),
            ])
    }

    /// A browser goes back to the dashboard, a program gets nothing.
    private func done(_ request: HTTPRequest) -> HTTPResponse {
        request.headers["Accept"]?.contains("text/html") == true
            ? HTTPResponse(.seeOther, headers: ["Location": "/"]) : HTTPResponse(.noContent)
    }
}
