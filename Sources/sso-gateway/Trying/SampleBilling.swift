import HTML
import HTTP
import JOSE
import Locking
import SecretMemory
import Untrusted

/// What the sample app's server does with the broker: it reports usage and sends invoices for the installation of the member who
/// presses the button, with the member's assertion, so that the broker looks at the member's role.
final class SampleBilling: Sendable {
    enum Kind: String, CaseIterable {
        case usage, invoice

        var path: String { "/billing/\(rawValue)" }

        /// Below the installation.
        fileprivate var operation: String { self == .usage ? "billing" : "billing/invoices" }
    }

    private struct Sent {
        let what: String
        let answer: String
        let isAccepted: Bool
    }

    /// So many are shown.
    private static let shown = 5

    private let url: String
    private let token: String
    private let client: any HTTPClient
    private let now: @Sendable () -> Int64
    private let state = Locked((invoices: 0, sent: [Sent]()))

    /// `url`: of the broker, without a slash at its end. `token`: the app's own. `now` in seconds since 1970.
    init(url: String, token: String, client: any HTTPClient, now: @escaping @Sendable () -> Int64) {
        self.url = url
        self.token = token
        self.client = client
        self.now = now
    }

    /// `identity`: the proxy's headers about the member.
    func send(_ kind: Kind, for identity: HTTPHeaders) async {
        let number = state.withLock { state in
            if kind == .invoice { state.invoices += 1 }
            return state.invoices
        }
        let what = kind == .usage ? "Usage of today" : "Invoice sample-\(number)"
        let body = kind == .usage ? usage() : invoice(number)
        let installation = identity["X-SSO-Installation"] ?? ""
        let request = HTTPClientRequest(
            .post, "\(url)/v1/installations/\(installation)/\(kind.operation)",
            headers: [
                "Authorization": "Bearer \(token)", "Content-Type": "application/json",
                "X-SSO-Assertion": identity["X-SSO-Assertion"] ?? "",
            ], body: SecretBytes(body.encoded), timeout: .seconds(10))
        let sent: Sent
        do {
            let response = try await client.send(request)
            sent = Sent(what: what, answer: Self.text(response), isAccepted: response.status.rawValue < 300)
        } catch { sent = Sent(what: what, answer: "the broker gives no answer", isAccepted: false) }
        state.withLock { $0.sent = Array(([sent] + $0.sent).prefix(Self.shown)) }
    }

    private static func text(_ response: HTTPClientResponse) -> String {
        let status = "\(response.status.rawValue)"
        let body = (try? JSONObject(parsing: response.body)) ?? [:]
        if let invoice = body["invoiceId"]?.text?.string { return "\(status), \(invoice)" }
        guard case .object(let error)? = body["error"], let message = error["message"]?.text?.string else {
            return status
        }
        return "\(status) by the \(response.headers["X-SSO-Broker"] == nil ? "marketplace" : "broker"): \(message)"
    }

    private func usage() -> JSONObject {
        let day = now() / 86_400 * 86_400
        let measured: JSONObject = [
            "resourceId": .string("db_engine"), "name": .string("Compute"), "type": .string("interval"),
            "units": .string("hours"), "dayValue": .integer(3), "periodValue": .integer(3),
        ]
        return [
            "timestamp": Self.time(now()), "eod": Self.time(day + 86_399), "period": Self.period(day, day + 86_400),
            "billing": .array([.object(Self.item)]), "usage": .array([.object(measured)]),
        ]
    }

    /// Each for a period of its own, because the marketplace bills a resource once for each.
    private func invoice(_ number: Int) -> JSONObject {
        let now = now()
        let start = now - 3600 - Int64(number)
        return [
            "externalId": .string("sample-\(number)"), "invoiceDate": Self.time(now), "period": Self.period(start, now),
            "items": .array([.object(Self.item)]),
        ]
    }

    private static let item: JSONObject = [
        "billingPlanId": .string("plan_pro"), "resourceId": .string("db_engine"), "name": .string("Compute"),
        "price": .string("0.40"), "quantity": .integer(3), "units": .string("hours"), "total": .string("1.20"),
    ]

    private static func period(_ start: Int64, _ end: Int64) -> JSONValue {
        .object(["start": time(start), "end": time(end)])
    }

    private static func time(_ seconds: Int64) -> JSONValue { .string(ISOTime(seconds: seconds).text) }
}

/// The part of the app's page.
extension SampleBilling {
    func html(isAdministrator: Bool) -> HTML {
        let sent = state.withLock { $0.sent }.map { sent -> HTML in
            """
            <tr><th scope="row">\(sent.what)</th><td><span class="mark\(sent.isAccepted ? "" : " no")">\(sent.isAccepted ? "sent" : "refused")\
            </span> \(sent.answer)</td></tr>
            """
        }
        let list: HTML = sent.isEmpty ? #"<p class="ends">Nothing yet.</p>"# : "<table>\(sent)</table>"
        let note: HTML = isAdministrator ? "" : " Your role is USER, so the broker refuses both."
        return """
            <h2>Send billing to the marketplace</h2>
            <p class="ends">Through the broker, which holds the installation's token; this app holds none.\(note)</p>
            <div class="forms">\(form(.usage, "Report usage"))\(form(.invoice, "Send an invoice"))</div>
            \(list)
            """
    }

    private func form(_ kind: Kind, _ label: String) -> HTML {
        #"<form method="post" action="\#(kind.path)"><button>\#(label)</button></form>"#
    }
}
