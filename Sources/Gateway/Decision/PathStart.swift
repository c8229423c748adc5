/// What an application makes of a path before it decodes it. The removed part can contain what would end a reading that
/// decodes first: Tomcat reads `/;%2f%3f/admin` as `/admin`.
struct PathStart {
    let path: ArraySlice<UInt8>
    let steps: [String]

    /// All of them but the path itself, in either order; empty for nearly every path.
    static func all(of raw: ArraySlice<UInt8>, once: [UInt8]) -> [Self] {
        // A proxy may forward the decoded path.
        let paths = [Self(path: raw, steps: []), Self(path: once[...], steps: ["decoded once"])]
        let withoutHost = paths.compactMap(\.withoutHost)
        let withoutParameters = (paths + withoutHost).compactMap(\.withoutParameters)
        var known: Set<ArraySlice<UInt8>> = [raw]
        return (withoutHost + withoutParameters + withoutParameters.compactMap(\.withoutHost)).filter {
            known.insert($0.path).inserted
        }
    }

    /// `//x/admin` is the path `/admin` of the host `x` to everything that reads a request's target as a URL: `new URL` and
    /// `url.parse` of Node, with which Express reads some targets, and `parse_url` of PHP. Any number of slashes may stand
    /// before the host (<https://url.spec.whatwg.org/#special-authority-ignore-slashes-state>).
    private var withoutHost: Self? {
        guard Self.hasHost(path) else { return nil }
        let rest = path.drop { $0 == Self.slash }.drop { $0 != Self.slash }
        return Self(path: rest.isEmpty ? [Self.slash] : rest, steps: steps + ["// and what follows as a host"])
    }

    private static func hasHost(_ path: ArraySlice<UInt8>) -> Bool { path.starts(with: [slash, slash]) }

    private var withoutParameters: Self? {
        guard path.contains(Self.semicolon) else { return nil }
        var isParameter = false
        var rest: [UInt8] = []
        for byte in path {
            isParameter = byte == Self.semicolon || isParameter && byte != Self.slash
            // Three slashes have no other readings than two.
            if !isParameter,
                byte != Self.slash || rest.count < 2 || rest[rest.count - 1] != byte || rest[rest.count - 2] != byte
            {
                rest.append(byte)
            }
        }
        return Self(path: rest[...], steps: steps + ["without ;… parameters"])
    }

    private static let slash = UInt8(ascii: "/")
    private static let semicolon = UInt8(ascii: ";")
}
