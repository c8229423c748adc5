import HTTP

/// The address where a login begins, relative to the public origin: `/sso/start?integration=&installation=&rd=`.
enum SignInAddress {
    static let path = "/sso/start"
    /// Five flow cookies with their targets must fit into a request's head. In bytes.
    static let maximumReturnTo = 1024

    static func to(integration: String?, installation: String?, returnTo: String?) -> String {
        let known = returnTo.flatMap { $0.utf8.count <= maximumReturnTo ? $0 : nil }
        let query = [("integration", integration), ("installation", installation), ("rd", known)].compactMap { pair in
            pair.1.map { "\(pair.0)=\(PercentEncoding.encode($0))" }
        }
        return query.isEmpty ? path : "\(path)?\(query.joined(separator: "&"))"
    }
}
