extension Row {
    static let signIn = [
        Row("a browser without session is sent to sign in") { visit in
            let response = try await visit.send(
                .init(path: "/reports?year=1843", fields: Visit.navigation, isSignedIn: false))
            let address = "/sso/start?integration=demo&rd=%2Freports%3Fyear%3D1843"
            let location = response.values("location")
            return Cell(
                response.status,
                response.status == 302 && (location == [address] || location == [visit.site.url + address]))
        },
        Row("without session a program or OPTIONS gets 401 as JSON, a form as a page") { visit in
            let requests = [
                Visit.Ask(
                    path: "/api", fields: [["accept", "text/html"], ["sec-fetch-mode", "cors"]], isSignedIn: false),
                .init(method: "POST", path: "/f", fields: Visit.navigation, body: "a=b", isSignedIn: false),
                .init(method: "OPTIONS", path: "/f", fields: Visit.navigation, isSignedIn: false),
            ]
            let responses = try await visit.send(requests)
            let holds = responses.enumerated().allSatisfy { index, response in
                response.status == 401 && response.values("location").isEmpty
                    && response.body.contains(index == 1 ? "<!doctype html>" : #""code":"not_signed_in""#)
            }
            return Cell(holds ? "401" : "\(responses.map(\.status))", holds)
        },
        Row("a rule forbids: path, role and method") { visit in
            let forbidden = [
                Visit.Ask(path: "/admin/users"), .init(path: "/admin", fields: Visit.navigation),
                .init(path: "/%61dmin/users"), .init(path: "/audit/1"), .init(method: "HEAD", path: "/audit/1"),
            ]
            let responses = try await visit.send(forbidden + [.init(method: "POST", path: "/audit/1", body: "")])
            let holds =
                responses.dropLast().allSatisfy { $0.status == 403 } && Visit.received(responses[5])?.method == "POST"
            return Cell(holds ? "403" : "\(responses.map(\.status))", holds)
        },
    ]
}
