/// Headers that are looked up often. A received field's name is compared with them once; a look-up then compares numbers.
/// Their names have letters and hyphens, and 24 bytes at most.
package enum KnownHeader: UInt8, CaseIterable, Sendable {
    case accept, authorization, connection, contentEncoding, contentLength, contentType, cookie, expect, host
    case idempotencyKey, origin, secFetchDest, secFetchMode, secFetchSite, traceparent, transferEncoding, upgrade,
        userAgent, xForwardedFor
    case xForwardedHost, xForwardedMethod, xForwardedProto, xForwardedURI, xOriginalMethod, xOriginalURI, xOriginalURL,
        xRequestedWith
    case xRewriteURL, xVercelAuth, xVercelSignature

    package var name: String {
        switch self {
        case .accept: "Accept"
        case .authorization: "Authorization"
        case .connection: "Connection"
        case .contentEncoding: "Content-Encoding"
        case .contentLength: "Content-Length"
        case .contentType: "Content-Type"
        case .cookie: "Cookie"
        case .expect: "Expect"
        case .host: "Host"
        case .idempotencyKey: "Idempotency-Key"
        case .origin: "Origin"
        case .secFetchDest: "Sec-Fetch-Dest"
        case .secFetchMode: "Sec-Fetch-Mode"
        case .secFetchSite: "Sec-Fetch-Site"
        case .traceparent: "traceparent"
        case .transferEncoding: "Transfer-Encoding"
        case .upgrade: "Upgrade"
        case .userAgent: "User-Agent"
        case .xForwardedFor: "X-Forwarded-For"
        case .xForwardedHost: "X-Forwarded-Host"
        case .xForwardedMethod: "X-Forwarded-Method"
        case .xForwardedProto: "X-Forwarded-Proto"
        case .xForwardedURI: "X-Forwarded-Uri"
        case .xOriginalMethod: "X-Original-Method"
        case .xOriginalURI: "X-Original-URI"
        case .xOriginalURL: "X-Original-URL"
        case .xRequestedWith: "X-Requested-With"
        case .xRewriteURL: "X-Rewrite-URL"
        case .xVercelAuth: "X-Vercel-Auth"
        case .xVercelSignature: "X-Vercel-Signature"
        }
    }

    /// With lower-case names, by the length of the name.
    private static let byLength = (0...24).map { count in
        allCases.filter { $0.name.utf8.count == count }.map { (header: $0, name: Array($0.name.lowercased().utf8)) }
    }

    package init?(_ name: Span<UInt8>) {
        guard name.count < Self.byLength.count else { return nil }
        for candidate in Self.byLength[name.count] where Self.isSpelled(name, candidate.name) {
            self = candidate.header
            return
        }
        return nil
    }

    private static func isSpelled(_ name: Span<UInt8>, _ lowered: [UInt8]) -> Bool {
        for position in lowered.indices where HTTPHeaders.lowered(name[position]) != lowered[position] { return false }
        return true
    }
}

/// A set of known headers.
package struct KnownHeaders: Sendable {
    private var bits: UInt64 = 0

    package init(_ headers: KnownHeader...) {
        for header in headers { insert(header) }
    }

    func contains(_ header: KnownHeader) -> Bool { bits & Self.bit(header) != 0 }
    mutating func insert(_ header: KnownHeader) { bits |= Self.bit(header) }
    func isDisjoint(with other: KnownHeaders) -> Bool { bits & other.bits == 0 }

    private static func bit(_ header: KnownHeader) -> UInt64 { 1 &<< UInt64(header.rawValue) }
}
