import HTML
import HTTP
import JOSE
import Untrusted

/// What the partner has sent for one installation, on the dashboard, and the buttons that move time and money.
struct BillingPanel {
    let installation: StandInSettings.Installation
    let market: InstallationMarket
    let payment: StandInInvoice.Payment
    let now: Int64
    /// Whose dashboard to come back to.
    let user: String

    var html: HTML {
        """
        <section id="billing"><h2>Billing of <code>\(installation.id)</code></h2>
        <p class="soft">It is \(ISOTime(seconds: now).text). \(deletion)</p>
        <dl>\(clock)\(payments)</dl>
        \(invoices)
        <details><summary>Received</summary>\(received)</details></section>
        """
    }

    private var deletion: HTML {
        switch market.deletion {
        case .none: ""
        case .pending(_, isFinal: false): "The installation is about to be deleted and waits for final invoices."
        case .pending(_, isFinal: true):
            "The installation is about to be deleted and waits for its invoices to be paid."
        case .done: "The installation is gone."
        }
    }

    private var clock: HTML {
        let buttons = [("An hour", 3600), ("A day", 86_400), ("A month", 2_678_400)].map { label, seconds in
            form("/stand-in/clock", label, ("advance_s", "\(seconds)"))
        }
        return """
            <div><dt>Let time pass</dt><dd><nav aria-label="Time">\(buttons)</nav></dd></div>
            """
    }

    private var payments: HTML {
        let buttons = [("Pay", "paid"), ("Cannot pay", "notpaid"), ("Pay late", "overdue")].map { label, word in
            form("/stand-in/billing", label, ("payments", word))
        }
        return """
            <div><dt>Customers <code>\(payment.rawValue)</code></dt><dd><nav aria-label="Payments">\(buttons)</nav></dd></div>
            """
    }

    private func form(_ action: String, _ label: String, _ field: (name: String, value: String)) -> HTML {
        """
        <form method="post" action="\(action)"><input type="hidden" name="\(field.name)" value="\(field.value)">\
        <input type="hidden" name="user" value="\(user)"><button>\(label)</button></form>
        """
    }

    private var invoices: HTML {
        guard !market.invoices.isEmpty else { return #"<p class="soft">No invoices yet.</p>"# }
        let rows = market.invoices.reversed().map { invoice -> HTML in
            let period =
                (invoice.submitted["period"].flatMap { value -> String? in
                    guard case .object(let period) = value else { return nil }
                    return [period["start"], period["end"]].map { ($0?.text?.string ?? "").prefix(10) }.joined(
                        separator: " to ")
                }) ?? ""
            let refund: HTML = invoice.refundTotal.map { "<small>\($0.text.string) refund requested</small>" } ?? ""
            let external = invoice.submitted["externalId"]?.text?.string ?? "no externalId"
            return """
                <li><div><b>$\(invoice.total.text.string)</b> <small>\(period)\(invoice.isTest ? ", test" : "")</small>\
                <small>\(external) · <code>\(invoice.id)</code></small>\(refund)</div><code>\(invoice.state.rawValue)</code></li>
                """
        }
        return "<ul>\(rows)</ul>"
    }

    private var received: HTML {
        let days = market.days.sorted { $0.key < $1.key }.map { day, data in
            row("Billing data of \(day)", String(decoding: data.body.encoded, as: UTF8.self))
        }
        let events = market.events.map { row("Event", String(decoding: $0.encoded, as: UTF8.self)) }
        let secrets = market.secrets.sorted { $0.key < $1.key }.map { resource, secrets in
            row("Secrets of \(resource)", secrets.compactMap { $0["name"]?.text?.string }.joined(separator: ", "))
        }
        let balance = market.balance.map { row("Balance", String(decoding: $0.body.encoded, as: UTF8.self)) }
        let own =
            market.installation.members.isEmpty
            ? nil : row("Installation", String(decoding: market.installation.encoded, as: UTF8.self))
        return "<table><tbody>\(days)\([balance, own].compactMap { $0 })\(events)\(secrets)</tbody></table>"
    }

    private func row(_ name: String, _ value: String) -> HTML {
        "<tr><th scope=\"row\">\(name)</th><td><code>\(value)</code></td></tr>"
    }
}
