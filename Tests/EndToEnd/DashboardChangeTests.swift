import CurlHTTPClient
import HTTP
import Testing

@testable import ProviderStandIn

/// The dashboard's buttons reach the gateway, as a person presses them.
@Suite struct DashboardChangeTests {
    private struct Form {
        let action: String
        let label: String
        let body: String
    }

    private func forms(_ page: String) -> [Form] {
        page.split(separator: "<form ").dropFirst().compactMap { piece in
            let text = String(piece)
            func between(_ start: String, _ end: String, in text: Substring) -> String? {
                guard let from = text.firstRange(of: start)?.upperBound,
                    let to = text[from...].firstRange(of: end)?.lowerBound
                else { return nil }
                return String(text[from..<to])
            }
            guard let action = between("action=\"", "\"", in: text[...]),
                let label = between("<button>", "<", in: text[...])
            else { return nil }
            let fields = text.split(separator: "<input type=\"hidden\" ").dropFirst().compactMap { input -> String? in
                guard let name = between("name=\"", "\"", in: input), let value = between("value=\"", "\"", in: input)
                else { return nil }
                return "\(name)=\(PercentEncoding.encode(value))"
            }
            return Form(action: action, label: label, body: fields.joined(separator: "&"))
        }
    }

    @Test func `every button sends a call to the partner, and the page shows the result`() async throws {
        try await LoginWorld.run { world in
            let ben = world.browser()
            _ = try await ben.callBack(world.standIn.click(LoginWorld.ben))
            let dashboard = world.browser()
            let accept: HTTPHeaders = ["Accept": "text/html"]
            var pressed: [String] = []
            let page = try await dashboard.get(world.standIn.url + "/?user=\(LoginWorld.ada)", headers: accept)
            for form in forms(page.body) where ["/stand-in/webhooks", "/stand-in/installations"].contains(form.action) {
                let isBens = form.body.contains(LoginWorld.ben)
                let answer = try await dashboard.post(world.standIn.url + form.action, form.body, headers: accept)
                #expect(answer.status == 303 && answer.location == "/?user=\(LoginWorld.ada)#changes")
                let shown = try await dashboard.get(world.standIn.url + "/", headers: accept).body
                // Plans of whole installations need a hook.
                let wanted = form.label == "Change the plan" ? "409" : form.label == "Install" ? "204" : "20"
                #expect(shown.contains("the partner answered \(wanted)"), "\(form.label)")
                if isBens, form.label == "Administrator" {
                    #expect(
                        try await ben.get("/authz/nginx", headers: LoginWorld.original).headers["X-SSO-Role"] == "ADMIN"
                    )
                }
                if isBens, form.label == "Remove" {
                    #expect(try await ben.get("/authz/nginx", headers: LoginWorld.original).status == 401)
                }
                pressed.append(form.label)
            }
            #expect(pressed.count == 2 * 3 + 3 + 2)
        }
    }
}
