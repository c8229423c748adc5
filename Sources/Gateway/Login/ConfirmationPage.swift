import HTML
import HTTP

/// Asks the person to confirm a login, because it replaces another member's session or because it is configured.
enum ConfirmationPage {
    static func page(from current: Session?, to new: Session, ticket: String) -> Page {
        let rows = [current.map { row("Signed in now", $0) }, row("Wants to sign in", new)].compactMap(\.self)
        let lead: HTML =
            current == nil
            ? "<p>The marketplace sent you here as the person below. Go on only if you came to sign in.</p>"
            : "<p>Somebody else is signed in on this browser. Nothing changes until you choose.</p>"
        return Page(
            status: .ok, icon: .confirmation,
            title: current == nil ? "Sign in as \(label(new))?" : "Switch to \(label(new))?",
            content: "\(lead)<ul class=\"people\">\(rows)</ul>",
            actions: [
                .button(
                    current == nil ? "Sign in" : "Switch", postsTo: AnswerConfirmation.path,
                    fields: [("ticket", ticket), ("answer", "switch")], isPrimary: true),
                .button(
                    current == nil ? "Cancel" : "Stay", postsTo: AnswerConfirmation.path,
                    fields: [("ticket", ticket), ("answer", "stay")], isPrimary: false),
            ])
    }

    private static func row(_ caption: String, _ session: Session) -> HTML {
        "<li><small>\(caption)</small>\(label(session))<br><span>\(session.email)<br>\(session.member.installationID)</span></li>"
    }

    private static func label(_ session: Session) -> String {
        for text in [session.name, session.email] where !text.isEmpty { return text }
        return session.member.userID
    }
}
