import Glibc

/// The directory for what the gateway keeps: the first one of `$STATE_DIRECTORY` (systemd.exec(5)), else the one of the
/// key ring.
struct StateDirectory {
    private let directory: String

    /// `keyRing`: its path as configured; nil where the configuration has a problem there.
    init(_ environment: [String: String], keyRing: String?) {
        if let first = environment["STATE_DIRECTORY"]?.split(separator: ":").first, first.hasPrefix("/") {
            directory = String(first)
            return
        }
        let ring = keyRing ?? ""
        let parent = ring.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        directory = ring.hasPrefix("/") ? parent : Self.absolute(parent)
    }

    func path(of name: String) -> String { "\(directory)/\(name)" }

    private static func absolute(_ path: String) -> String {
        guard let current = unsafe getcwd(nil, 0) else { return path }
        defer { unsafe free(current) }
        let working = unsafe String(cString: current)
        return path.isEmpty ? working : "\(working)/\(path)"
    }
}
