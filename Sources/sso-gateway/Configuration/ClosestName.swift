/// Suggests the known name for a misspelt one.
enum ClosestName {
    /// The closest of `names`, if it differs from `name` in at most two letters and in fewer than half of them.
    static func to(_ name: String, among names: some Collection<String>) -> String? {
        let rows = names.map { (name: $0, distance: distance(name, $0)) }
        let closest = rows.min { ($0.distance, $0.name) < ($1.distance, $1.name) }
        return closest.flatMap { $0.distance <= 2 && $0.distance * 2 < name.count ? $0.name : nil }
    }

    /// The number of insertions, deletions, substitutions and swaps of neighbours (optimal string alignment distance).
    private static func distance(_ one: String, _ other: String) -> Int {
        let (one, other) = (Array(one.lowercased()), Array(other.lowercased()))
        var rows = [Array(0...other.count)]
        for i in one.indices {
            var row = [i + 1]
            for j in other.indices {
                var best = min(
                    rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (one[i] == other[j] ? 0 : 1))
                if i > 0, j > 0, one[i] == other[j - 1], one[i - 1] == other[j] {
                    best = min(best, rows[i - 1][j - 1] + 1)
                }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[one.count][other.count]
    }
}
