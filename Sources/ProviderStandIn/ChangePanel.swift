import HTML

/// Buttons on the dashboard that change something and report it to the partner, by webhooks and calls.
struct ChangePanel {
    let integration: StandInSettings.Integration
    let installation: StandInSettings.Installation
    /// Changed roles by user id; `NONE` for a removed member.
    let roles: [String: String]
    /// The user id of the dashboard to return to.
    let user: String
    /// The partner's last answer.
    let lastAnswer: String?

    private typealias Fields = [(name: String, value: String)]

    var html: HTML {
        let last: HTML = lastAnswer.map { "<p class=\"soft counts\" role=\"status\">\($0)</p>" } ?? ""
        return """
            <section id="changes"><h2>Change something and tell the partner</h2>
            <dl>\(installation.members.map(row))\(installationRow)</dl>\(last)</section>
            """
    }

    private func row(_ member: StandInSettings.Member) -> HTML {
        let role = roles[member.userID] ?? member.role
        let buttons = [("ADMIN", "Administrator"), ("USER", "Read-only"), ("NONE", "Remove")].map { value, label in
            webhook(label, [("type", "marketplace.member.changed"), ("user", member.userID), ("role", value)])
        }
        return """
            <div><dt>\(member.name) <code>\(role)</code></dt><dd><nav aria-label="\(member.name)">\(buttons)</nav></dd></div>
            """
    }

    private var installationRow: HTML {
        let calls = [("PUT", "Install"), ("PATCH", "Change the plan"), ("DELETE", "Uninstall")].map { method, label in
            form("/stand-in/installations", label, [("method", method)])
        }
        let events = [("removed", "Removed for good"), ("transferred", "Transferred")].map { name, label in
            webhook(label, [("type", "integration-configuration.\(name)")])
        }
        return """
            <div><dt>Installation</dt><dd><nav aria-label="Installation">\(integration.partnerURL == nil ? [] : calls)\(events)\
            </nav></dd></div>
            """
    }

    private func webhook(_ label: String, _ fields: Fields) -> HTML {
        integration.webhookURL == nil ? "" : form("/stand-in/webhooks", label, fields)
    }

    private func form(_ action: String, _ label: String, _ fields: Fields) -> HTML {
        let own = [("integration", integration.clientID), ("installation", installation.id), ("back", user)]
        let hidden = (fields + own).map { name, value -> HTML in
            #"<input type="hidden" name="\#(name)" value="\#(value)">"#
        }
        return #"<form method="post" action="\#(action)">\#(hidden)<button>\#(label)</button></form>"#
    }
}
