import HTTP
package import Marketplace

extension RuleTable {
    /// One row of the table. A class, because copying its parts for each comparison would cost more than comparing.
    package final class Rule: Sendable {
        /// Who is allowed.
        package enum Verdict: Sendable, Equatable {
            /// With or without a session.
            case anyone
            case roles(Set<MemberRole>)
        }

        /// Canonical form; nil for every host.
        package let host: String?
        /// Without its trailing slash: matches itself and every path below it. Nil for every path.
        package let path: String?
        /// Nil for every method.
        package let methods: Set<String>?
        package let verdict: Verdict
        /// The assertion's audience; nil for the request's host.
        package let app: String?

        // As bytes, for comparing with requests.
        private let hostBytes: [UInt8]?
        let pathBytes: [UInt8]?
        private let foldedPath: [UInt8]?
        let appBytes: ArraySlice<UInt8>?

        package init(host: String?, path: String?, methods: Set<String>?, verdict: Verdict, app: String? = nil) {
            self.host = host
            self.path = path.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
            self.methods = methods
            self.verdict = verdict
            self.app = app
            hostBytes = host.map { Array($0.utf8) }
            pathBytes = self.path.map { Array($0.utf8) }
            foldedPath = pathBytes.map(LetterCase.folded)
            appBytes = app.map { Array($0.utf8)[...] }
        }

        /// Why a rule is not the deciding one, in the order of the checks.
        package enum Mismatch: String, Sendable {
            case host, method, path
        }

        /// A reading in lower case is compared with the rule's path in lower case.
        func mismatch(_ request: OriginalRequest, _ reading: Reading) -> Mismatch? {
            if let hostBytes, !request.isFor(host: hostBytes) { return .host }
            if let methods, !methods.contains(reading.method) { return .method }
            let path = verdict == .anyone ? reading.path : reading.pathWithoutFormat ?? reading.path
            return Self.covers(reading.isFolded ? foldedPath : pathBytes, path) ? nil : .path
        }

        /// On a segment boundary: `/admin` is not `/administrators`.
        private static func covers(_ path: [UInt8]?, _ requested: [UInt8]) -> Bool {
            guard let path else { return true }
            guard requested.starts(with: path) else { return false }
            return requested.count == path.count || requested[path.count] == UInt8(ascii: "/")
        }
    }
}
