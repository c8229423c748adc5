import HTTP
import SecretMemory
import Untrusted

/// `POST /sso/switch`: the person's answer to the confirmation page. Each ticket can be used once.
struct AnswerConfirmation: Sendable {
    static let path = "/sso/switch"

    let integrations: [Integration]
    let tickets: ConfirmationTicket
    let sessions: SessionKeeper
    let ledger: CodeLedger
    let pages: PageRenderer
    let observer: LoginObserver
    let publicOrigin: WebOrigin

    var route: Route { Route(.exactly(Self.path), [.post], answer) }

    private func answer(_ context: RequestContext) -> HTTPAnswer {
        let request = context.request
        guard OwnForm.isSent(request, publicOrigin: publicOrigin), let form = OwnForm.fields(request),
            let ticket = form["ticket"], let answer = form["answer"], let text = form.text("ticket"),
            let content = tickets.open(text, context),
            // The configuration may have changed since the page was shown.
            let integration = integrations.first(where: { $0.name == content.session.member.integration })
        else { return .now(outdated(context)) }
        return .later { await act(on: content, of: integration, ticket, answer.exposedText, context) }
    }

    private func act(
        on content: ConfirmationTicket.Content, of integration: Integration, _ ticket: SecretBytes,
        _ answer: UntrustedText?,
        _ context: RequestContext
    ) async -> HTTPResponse {
        let current = sessions.live(in: context.request, now: context.now)
        // The page named this session as the one to be replaced.
        guard (current?.id.bytes ?? []) == content.replaces else { return outdated(context) }
        do { try await ledger.useUp(ledger.digest(of: ticket), reason: "used", now: context.now) } catch {
            return error.failure == .codeSpent ? outdated(context) : failed(error, integration, content, context)
        }
        switch answer {
        case "switch": return await replace(current, content, integration, context)
        case "stay": return stay(integration, context.id)
        default: return outdated(context)
        }
    }

    private func replace(
        _ current: Session?, _ content: ConfirmationTicket.Content, _ integration: Integration,
        _ context: RequestContext
    ) async -> HTTPResponse {
        if let current {
            do { try await sessions.end(current, now: context.now) } catch {
                return failed(FailedLogin(error), integration, content, context)
            }
        }
        // The idle time begins now, however long the page was open.
        var session = content.session
        session.lastRenewed = context.now
        observer.succeeded(session, context)
        var headers = LoginReplies.headers
        headers.append("Location", content.location)
        headers.append("Set-Cookie", sessions.issue(session, now: context.now))
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
        _ login: FailedLogin, _ integration: Integration, _ content: ConfirmationTicket.Content,
        _ context: RequestContext
    ) -> HTTPResponse {
        observer.failed(login, integration.name, context)
        let page = FailurePages(integration: integration.settings).page(
            for: login.failure, wait: nil, isLoop: false, installation: content.session.member.installationID)
        return pages.response(page, context, cookies: [tickets.clearing])
    }

    private func outdated(_ context: RequestContext) -> HTTPResponse {
        let page = Page(
            name: .confirmationOutdated, status: .badRequest,
            actions: [.link(.text(.signIn), to: SignInAddress.path, isPrimary: true)])
        return pages.response(page, context, cookies: [tickets.clearing])
    }
}
