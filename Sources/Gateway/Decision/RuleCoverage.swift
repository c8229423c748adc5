/// The requests that a list of rules matches, to find a later rule that no request can reach.
///
/// It looks up the prefixes of a path instead of comparing two rules at a time, because a file may have thousands of rules.
package struct RuleCoverage {
    private struct Place: Hashable {
        let host: String?
        let path: [UInt8]
    }

    private enum Methods {
        case all
        case some(Set<String>)
    }

    private var places: [Place: Methods] = [:]

    package init() {}

    package mutating func insert(_ rule: RuleTable.Rule) {
        let place = Place(host: rule.host, path: rule.pathBytes ?? [])
        guard let methods = rule.methods else {
            places[place] = .all
            return
        }
        switch places[place] {
        case .all: break
        case .some(.some(let others)): places[place] = .some(methods.union(others))
        case nil: places[place] = .some(methods)
        }
    }

    /// Whether the inserted rules match every request that `rule` matches.
    package func covers(_ rule: RuleTable.Rule) -> Bool {
        var open = rule.methods
        for host in rule.host == nil ? [nil] : [nil, rule.host] {
            for path in Self.prefixes(rule.pathBytes ?? []) {
                switch places[Place(host: host, path: path)] {
                case .all: return true
                case .some(.some(let methods)): open?.subtract(methods)
                case nil: break
                }
            }
        }
        return open?.isEmpty == true
    }

    /// The path itself, and each part of it that ends before a slash.
    private static func prefixes(_ path: [UInt8]) -> [[UInt8]] {
        path.indices.filter { path[$0] == UInt8(ascii: "/") }.map { Array(path[..<$0]) } + [path]
    }
}
