import HTTP

/// How one kind of proxy tells about the original request: its four headers, and nobody else's.
package struct ProxyDialect: Sendable {
    let method: String
    let target: String
    let host = "X-Forwarded-Host"
    let scheme = "X-Forwarded-Proto"

    /// `auth_request` with the headers that our snippet sets.
    static let nginx = ProxyDialect(method: "X-Original-Method", target: "X-Original-URI")

    /// Headers by which some proxy or framework names the original request. Whichever of them the dialect does not use
    /// can only come from the client, and a program behind might believe it.
    private static let family = [
        "x-original-method", "x-original-uri", "x-original-url", "x-rewrite-url", "x-forwarded-method",
        "x-forwarded-uri", "x-forwarded-host", "x-forwarded-proto",
    ]

    func read(_ headers: HTTPHeaders) throws(OriginalRequest.Refusal) -> OriginalRequest {
        for field in headers.fields where field.name.utf8.count >= 13 {
            if isForeign(field.name) { throw .foreign(field.name) }
        }
        return try OriginalRequest(
            method: one(method, headers), scheme: one(scheme, headers), host: one(host, headers),
            target: one(target, headers))
    }

    private func one(_ name: String, _ headers: HTTPHeaders) throws(OriginalRequest.Refusal) -> String {
        switch headers.lookUp(name) {
        case .absent: throw .missing(name)
        case .several: throw .doubled(name)
        case .one(let value): return value
        }
    }

    /// True for a family member that is not ours, and for any spelling with `_` or `.` where ours has `-`.
    private func isForeign(_ name: String) -> Bool {
        guard let first = name.utf8.first, first | 0x20 == UInt8(ascii: "x") else { return false }
        let folded = String(
            decoding: name.lowercased().utf8.map {
                $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") ? UInt8(ascii: "-") : $0
            }, as: UTF8.self)
        guard Self.family.contains(folded) else { return false }
        return ![method, target, host, scheme].contains { HTTPHeaders.equal($0, name) }
    }
}
