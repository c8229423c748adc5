import HTTP
import SecretMemory

/// The parameters of a login that name what the person wants to open.
///
/// <https://vercel.com/docs/integrations/marketplace-flows#open-in-provider-button-flow>
struct DeepLink: Sendable, Equatable {
    static let identifierNames = RouteTemplate.parameterNames
    static let otherNames: Set<String> = ["path", "support", "url", "pr"]
    static let names = identifierNames.union(otherNames)

    /// The longest value of each parameter. In bytes.
    static let limits: [(name: String, bytes: Int)] =
        identifierNames.map { ($0, 1024) } + otherNames.map { ($0, RedirectPolicy.maximumLength) }

    private(set) var identifiers: [String: String] = [:]
    private(set) var path: String?
    private(set) var wantsSupport = false
    private(set) var url: String?
    /// The number of invalid values. They are ignored, because a login must not fail because of its target.
    private(set) var ignored = 0

    static let maximumIdentifierLength = 256

    /// `tooLong`: how many further parameters had values that were too long.
    init(_ parameters: [String: String], tooLong: Int = 0) {
        ignored = tooLong
        for (name, value) in parameters {
            switch name {
            case _ where Self.identifierNames.contains(name):
                if Self.isValue(value) { identifiers[name] = value } else { ignored += 1 }
            case "path": path = value
            case "support": if value.utf8.elementsEqual("true".utf8) { wantsSupport = true } else { ignored += 1 }
            case "url": url = value
            default: break  // `pr` is data: the address of a pull request is never a target.
            }
        }
    }

    /// The valid parameters, from which an equal link can be made.
    var values: [(name: String, value: String)] {
        identifiers.map { ($0.key, $0.value) }
            + [path.map { ("path", $0) }, wantsSupport ? ("support", "true") : nil, url.map { ("url", $0) }]
            .compactMap(\.self)
    }

    func replacingURL(by change: (String) -> String) -> DeepLink {
        var link = self
        link.url = url.map(change)
        return link
    }

    /// Whether a value may be percent-encoded into a route. An app or a proxy may decode it more than once, so characters
    /// are refused that would then end a path segment, a path or an HTML attribute.
    static func isValue(_ value: String) -> Bool {
        guard (1...maximumIdentifierLength).contains(value.utf8.count) else { return false }
        // Dot segments, also for apps that drop blanks and dots at a segment's end.
        guard !value.utf8.allSatisfy({ $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: " ") }) else { return false }
        let refused = ByteSet("/\\?#%\"'<>")
        return !value.utf8.contains(where: refused.contains)
            && !value.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}

extension DeepLinkRoutes {
    /// The target of `link`: a validated `url` first, then the most specific identifier that has a route whose places can
    /// all be filled, then the area, then the resource or product, then `otherwise`, then the default.
    func target(of link: DeepLink, otherwise: String? = nil, policy: RedirectPolicy) -> (location: String, ignored: Int)
    {
        var ignored = link.ignored
        if let url = link.url {
            if let own = policy.accept(RedirectPolicy.encoded(url)) { return (own, ignored) }
            ignored += 1
        }
        let named = link.path.flatMap(area)
        if link.path != nil, named == nil { ignored += 1 }
        let area = named ?? (link.wantsSupport ? path["support"] : nil)
        let candidates: [(named: String?, route: RouteTemplate?)] = [
            ("invoice_id", invoice), ("check_id", check), ("experimentation_item_id", experimentationItem),
            ("project_id", project), (nil, area), ("resource_id", resource), ("product_id", product),
        ]
        for (name, route) in candidates {
            if let name, link.identifiers[name] == nil { continue }
            if let location = route?.filled(with: link.identifiers) { return (location, ignored) }
        }
        // The default has no places: the configuration is refused otherwise.
        return (otherwise ?? `default`.filled(with: [:]) ?? "/", ignored)
    }

    /// By bytes: hashing a `String` normalizes it, which an attacker can make slow with many combining characters.
    private func area(_ name: String) -> RouteTemplate? {
        path.first { $0.key.utf8.elementsEqual(name.utf8) }?.value
    }
}
