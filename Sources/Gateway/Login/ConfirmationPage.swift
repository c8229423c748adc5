import HTTP

/// Asks the person to confirm a login, because it replaces another member's session or because it is configured.
enum ConfirmationPage {
    static func page(from current: Session?, to new: Session, ticket: String) -> Page {
        Page(
            name: current == nil ? .confirmLogin : .confirmSwitch, status: .ok,
            values: [.person: .text(label(new))],
            people: [current.map { person(.signedIn, $0) }, person(.wantsToSignIn, new)].compactMap(\.self),
            actions: [
                .button(
                    .text(current == nil ? .signIn : .switch), postsTo: AnswerConfirmation.path,
                    fields: [("ticket", ticket), ("answer", "switch")], isPrimary: true),
                .button(
                    .text(current == nil ? .cancel : .stay), postsTo: AnswerConfirmation.path,
                    fields: [("ticket", ticket), ("answer", "stay")], isPrimary: false),
            ])
    }

    private static func person(_ caption: PageText.Caption, _ session: Session) -> Page.Person {
        Page.Person(
            caption: caption, label: label(session), details: [session.email, session.member.installationID])
    }

    static func label(_ session: Session) -> String {
        for text in [session.name, session.email] where !text.isEmpty { return text }
        return session.member.userID
    }
}
