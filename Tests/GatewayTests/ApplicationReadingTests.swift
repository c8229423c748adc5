import HTTP
import Marketplace
import TestSupport
import Testing

@testable import Gateway

/// Compares decisions about short paths with models of real servers and frameworks: a path that one of them serves as
/// `/admin` must be decided by the rule for `/admin`.
@Suite struct ApplicationReadingTests {
    /// Of bytes, because a path need not be text.
    private typealias Path = [UInt8]

    private static let slash = UInt8(ascii: "/")

    private static func decoded(_ path: Path) -> Path { PercentEncoding.decodeWherePossible(path) }

    private static func segments(_ path: Path, _ change: (ArraySlice<UInt8>) -> ArraySlice<UInt8>) -> Path {
        Path(path.split(separator: slash, omittingEmptySubsequences: false).map(change).joined(separator: [slash]))
    }

    private static func withoutParameters(_ path: Path) -> Path {
        segments(path) { $0.prefix { $0 != UInt8(ascii: ";") } }
    }

    private static func merged(_ path: Path) -> Path {
        path.reduce(into: []) { if $1 != slash || $0.last != slash { $0.append($1) } }
    }

    private static func trimmed(_ path: Path) -> Path {
        segments(path) { segment in
            let end = segment.lastIndex { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: ".") }
            return segment[..<(end.map { $0 + 1 } ?? segment.startIndex)]
        }
    }

    private static func cut(_ path: Path) -> Path {
        Path(path.prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "?") })
    }

    /// `new URL(target, base)` and, for a name with an `@`, `url.parse` of Node.
    private static func withoutHost(_ path: Path) -> Path {
        guard path.starts(with: [slash, slash]) else { return path }
        return Path(path.drop { $0 == slash }.drop { $0 != slash })
    }

    /// `urlsplit` of Python and `parse_url` of PHP: two slashes and no more.
    private static func withoutAuthority(_ path: Path) -> Path {
        guard path.starts(with: [slash, slash]) else { return path }
        return Path(path.dropFirst(2).drop { $0 != slash })
    }

    private static let applications: [(name: String, read: @Sendable (Path) -> Path)] = [
        ("Tomcat", { merged(decoded(withoutParameters($0))) }),
        ("Tomcat behind a proxy that decodes", { merged(decoded(withoutParameters(decoded($0)))) }),
        ("Django", { decoded($0) }), ("nginx", { merged(decoded($0)) }), ("Rails", { merged($0) }),
        ("Express", { $0 }), ("a proxy that decodes", { cut(decoded($0)) }),
        ("a proxy without parameters", { cut(merged(decoded(withoutParameters($0)))) }),
        ("parameters alone", { withoutParameters($0) }), ("IIS", { trimmed(decoded($0)) }),
        ("IIS with merged slashes", { merged(trimmed(decoded($0))) }), ("new URL", { withoutHost($0) }),
        ("new URL, decoded", { decoded(withoutHost($0)) }), ("new URL, merged", { merged(withoutHost($0)) }),
        ("new URL behind a proxy that decodes", { withoutHost(decoded($0)) }),
        ("new URL, parameters", { merged(decoded(withoutParameters(withoutHost($0)))) }),
        ("parameters, new URL", { decoded(withoutHost(withoutParameters($0))) }),
        ("parse_url", { withoutAuthority($0) }), ("parse_url, decoded", { decoded(withoutAuthority($0)) }),
        ("parse_url, merged", { merged(decoded(withoutAuthority($0))) }),
    ]

    private static let pieces = [
        "/", ";", "%20", "%2f", "%252f", "%3f", "%3b", "x", "a@b", "admin", "%61dmin", ".", "%253b", "%2561dmin",
        "ADMIN",
        "//", "/;",
    ]

    private static func isAdmin(_ path: Path) -> Bool {
        // Most paths end here: to fold one takes longer than all the rest. What is not ASCII may fold to an `a`.
        guard path.count > 1, path[1] | 0x20 == UInt8(ascii: "a") || path[1] > 0x7f else { return false }
        let path = LetterCase.folded(path)
        let admin = Path("/admin".utf8)
        return path.starts(with: admin) && (path.count == admin.count || path[admin.count] == slash)
    }

    private static let table = RuleTable([
        RuleTable.Rule(host: nil, path: "/admin/", methods: nil, verdict: .roles([.admin])),
        RuleTable.Rule(host: nil, path: nil, methods: nil, verdict: .anyone),
    ])

    /// Whether the path was decided at all.
    private static func check(_ target: String) -> Bool {
        guard let request = try? OriginalRequest(method: "GET", host: "app.example.test", target: target) else {
            return false
        }
        guard table.decide(request, role: nil).permission == .allow else { return true }
        let path = Path(target.utf8)
        for application in applications where isAdmin(application.read(path)) {
            Issue.record("\(application.name) serves /admin for \(target)")
        }
        return true
    }

    @Test func `RT-109 RT-136: no path of four pieces is /admin to an application and allowed for anyone`() {
        var decided = 0
        for length in 1...4 {
            var places = Array(repeating: 0, count: length)
            while true {
                let pieces = places.map { Self.pieces[$0] }
                if pieces.contains(where: { $0.lowercased().contains("dmin") }), Self.check("/" + pieces.joined()) {
                    decided += 1
                }
                guard let next = places.lastIndex(where: { $0 + 1 < Self.pieces.count }) else { break }
                places[next] += 1
                for place in places.indices where place > next { places[place] = 0 }
            }
        }
        #expect(decided > 20_000)
    }

    @Test func `RT-109 RT-136: nor one of up to nine pieces`() {
        var generator = SplitMix(state: 136)
        var decided = 0
        for _ in 0..<40_000 {
            let pieces = (0..<Int.random(in: 5...9, using: &generator)).map { _ in
                Self.pieces.randomElement(using: &generator) ?? "/"
            }
            if Self.check("/" + pieces.joined()) { decided += 1 }
        }
        #expect(decided > 10_000)
    }

    @Test(arguments: [
        "//x/admin/users", "//a@b/admin/users", "///x/admin", "//x:80/admin", "//x//admin", "/;%2f%3f/%61dmin/users",
        "/;%20%2Fx/%61dmin/users", "//x%2f%20/%61dmin", "/%2fx/admin", "//x;%2f%3f/%61dmin", "//x/;%2f%3f/%61dmin",
    ])
    func `RT-136: what was passed once is not any more`(target: String) throws {
        let request = try OriginalRequest(method: "GET", host: "app.example.test", target: target)
        #expect(Self.table.decide(request, role: nil).permission == .signIn)
        #expect(Self.table.decide(request, role: .user).permission == .forbid)
        #expect(Self.table.decide(request, role: .admin).permission == .allow)
    }
}
