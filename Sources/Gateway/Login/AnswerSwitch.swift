import HTML
import HTTP
import SecretMemory
import Untrusted

/// `POST /sso/switch`: the answer to the question before a switch. Each ticket counts once.
struct AnswerSwitch: Sendable {
    static let path = "/sso/switch"

    let integrations: [Integration]
    let tickets: SwitchTicket
    let sessions: SessionKeeper
    let ledger: CodeLedger
    let observer: LoginObserver
    let clock: Clock
    let publicOrigin: WebOrigin

    func answer(_ request: HTTPRequest, _ id: RequestID) -> HTTPAnswer {
        let now = clock.unixSeconds()
        guard OwnForm.isSent(request, publicOrigin: publicOrigin), let form = OwnForm.fields(request),
            let ticket = form["ticket"], let answer = form["answer"], let text = ticket.exposedText?.string,
            let content = tickets.open(text, request: request, now: now),
            // The configuration may have changed since the question was asked.
            let integration = integrations.first(where: { $0.name == content.session.member.integration })
        else { return .now(outdated(id)) }
        return .later { await act(on: content, of: integration, ticket, answer.exposedText, request, id, now: now) }
    }

    private func act(
        on content: SwitchTicket.Content, of integration: Integration, _ ticket: SecretBytes, _ answer: UntrustedText?,
        _ request: HTTPRequest, _ id: RequestID, now: Int64
    ) async -> HTTPResponse {
        let current = sessions.live(in: request, now: now)
        // What was asked about must still be what is there, and no ticket is answered twice.
        guard (current?.id.bytes ?? []) == content.replaces else { return outdated(id) }
        switch await ledger.enter(ledger.mark(of: ticket), from: nil, now: now) {
        case .first: break
        case .storeUnavailable(let error): return failed(FailedLogin(error), integration, content, id)
        case .full: return failed(FailedLogin(failure: .ledgerUnavailable, reason: "ledger"), integration, content, id)
        case .spent, .usedFor, .unfinished, .shareIsFull: return outdated(id)
        }
        switch answer {
        case "switch": return await replace(current, content, integration, id, now: now)
        case "stay": return stay(integration, id)
        default: return outdated(id)
        }
    }

    private func replace(
        _ current: Session?, _ content: SwitchTicket.Content, _ integration: Integration, _ id: RequestID, now: Int64
    ) async -> HTTPResponse {
        if let current {
            do { try await sessions.end(current, now: now) } catch {
                return failed(FailedLogin(error), integration, content, id)
            }
        }
        // However long the question stood there, the idle time begins now.
        var session = content.session
        session.lastRenewed = now
        observer.succeeded(session, id)
        var headers = LoginReplies.headers
        headers.append("Location", content.location)
        headers.append("Set-Cookie", sessions.issue(session, now: now))
        headers.append("Set-Cookie", tickets.clearing)
        return HTTPResponse(.seeOther, headers: headers)
    }

    private func stay(_ integration: Integration, _ id: RequestID) -> HTTPResponse {
        observer.declined(id)
        var headers = LoginReplies.headers
        headers.append("Location", integration.settings.routes.default.filled(with: [:]) ?? "/")
        headers.append("Set-Cookie", tickets.clearing)
        return HTTPResponse(.seeOther, headers: headers)
    }

    private func failed(
        _ login: FailedLogin, _ integration: Integration, _ content: SwitchTicket.Content, _ id: RequestID
    ) -> HTTPResponse {
        observer.failed(login, integration.name, id)
        return FailurePages(integration: integration.settings).page(
            for: login.failure, wait: nil, isLoop: false, installation: content.session.member.installationID
        ).response(id, cookies: [tickets.clearing])
    }

    private func outdated(_ id: RequestID) -> HTTPResponse {
        Page(
            status: .badRequest, mark: .notice, title: "This question is out of date",
            content:
                "<p>It was answered already, took too long, or belongs to another browser. Nothing has changed.</p>",
            actions: [.link("Sign in", to: SignInAddress.path, isPrimary: true)]
        ).response(id, cookies: [tickets.clearing])
    }
}
