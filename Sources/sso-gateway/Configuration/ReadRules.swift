import Gateway
import HTTP
import Marketplace
import Yams

/// The `rules` list, and the `default` for requests that no rule matches.
enum ReadRules {
    static func table(_ root: MappingReader) -> RuleTable {
        let fallback = root.value("default", "`allow` (any signed-in member) or `deny`", RuleTable.Default.init)
        guard let node = root.take("rules") else { return RuleTable(default: fallback ?? .anyMember) }
        guard let sequence = node.sequence else {
            root.list.add(node, "rules", "must be a list of rules")
            return RuleTable()
        }
        var rules: [RuleTable.Rule] = []
        var coverage = RuleCoverage()
        for (index, item) in sequence.enumerated() {
            let key = "rules[\(index + 1)]"
            let reader = MappingReader(item, key: key, list: root.list, environment: root.environment)
            guard let rule = rule(reader) else { continue }
            if coverage.covers(rule) {
                root.list.add(item, key, "is never reached: the rules before it match all that it matches")
            }
            coverage.insert(rule)
            rules.append(rule)
        }
        return RuleTable(rules, default: fallback ?? .anyMember)
    }

    private static func rule(_ reader: MappingReader) -> RuleTable.Rule? {
        let host = reader.value("host", "a host name", OriginalRequest.canonical)
        let path = reader.value("path", "a plain path such as /admin/") { text in
            (try? RequestPath(target: text)).flatMap { $0.isPlain && $0.text == text ? text : nil }
        }
        let methods = reader.values("methods", "methods in capitals, such as GET") { text in
            !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) } ? text : nil
        }
        if methods?.isEmpty == true { reader.missing("methods", "must name at least one method, or be left out") }
        let roles = reader.values("roles", "ADMIN and USER", MemberRole.init)
        let allow = reader.value("allow", "`anyone`") { $0 == "anyone" ? $0 : nil }
        let app = reader.value("app", "a name of letters, digits and . _ ~ - for the assertion's audience") { text in
            (1...64).contains(text.utf8.count) && text.utf8.allSatisfy(PercentEncoding.isUnreserved) ? text : nil
        }
        reader.finish()
        let verdict: RuleTable.Rule.Verdict
        switch (roles, allow) {
        case (let roles?, nil):
            if roles.isEmpty { reader.missing("roles", "must name at least one role") }
            verdict = .roles(Set(roles))
        case (nil, _?): verdict = .anyone
        default:
            reader.missing("roles", "a rule has either `roles: […]` or `allow: anyone`")
            return nil
        }
        return RuleTable.Rule(host: host, path: path, methods: methods.map(Set.init), verdict: verdict, app: app)
    }
}
