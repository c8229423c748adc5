import HTTP
import Untrusted

/// A path that applications read in different ways, with all its readings.
struct DecodedPath: Sendable {
    /// What some applications do to a path and others do not, in the usual order.
    private enum Step: String, CaseIterable {
        case decode = "decoded once"
        case decodeAgain = "decoded twice"
        case decodeSlash = "%2f as a slash"
        /// Where a proxy forwards the decoded target, it ends there.
        case cut = "up to a blank or question mark"
        case dropParameters = "without ;… parameters"
        case trim = "without a dot or blank at the end of a segment"
        case mergeSlashes = "// as one slash"
    }

    private let raw: ArraySlice<UInt8>
    let once: [UInt8]
    private let twice: [UInt8]
    /// The steps that change this path.
    private let steps: [Step]
    /// The steps that led to this path: see `PathStart`.
    private let before: [String]
    /// The paths that applications make of this one before they decode it, each with all its readings.
    private var others: [DecodedPath] = []

    init(_ raw: ArraySlice<UInt8>) throws(RequestPath.Refusal) {
        for byte in raw where byte < 0x21 || byte == 0x7f { throw .rawByte }
        let once: [UInt8]
        do { once = try PercentEncoding.decode(Array(raw)) } catch { throw .percentEncoding }
        self.init(raw, once: once, before: [])
        try Self.check(once)
        guard Self.padding(twice) <= Self.maximumPadding else { throw .padding }
        if twice.count < once.count { try Self.check(twice) }
        others = PathStart.all(of: raw, once: once).map { start in
            DecodedPath(start.path, once: PercentEncoding.decodeWherePossible(Array(start.path)), before: start.steps)
        }
    }

    private init(_ raw: ArraySlice<UInt8>, once: [UInt8], before: [String]) {
        self.raw = raw
        self.once = once
        self.before = before
        // A path may have 8 KiB, so it is copied only where decoding changes it.
        let isEncodedTwice = once.contains(UInt8(ascii: "%"))
        twice = isEncodedTwice ? PercentEncoding.decodeWherePossible(once) : once
        steps = Self.steps(raw, once, twice)
    }

    /// Real addresses have less, and each reading costs time for it. In bytes.
    private static let maximumPadding = 1024

    /// How many bytes the steps remove: parameters, blanks and dots at ends, slashes after slashes.
    private static func padding(_ path: [UInt8]) -> Int {
        var (padding, trimmed, isEmpty, isParameter) = (0, 0, true, false)
        for byte in path {
            if byte == slash {
                padding += trimmed + (isEmpty ? 1 : 0)
                (trimmed, isEmpty, isParameter) = (0, true, false)
            } else if isParameter || byte == UInt8(ascii: ";") {
                isParameter = true
                padding += 1
            } else if isTrimmed(byte) {
                trimmed += 1
            } else {
                (trimmed, isEmpty) = (0, false)
            }
        }
        return padding + trimmed
    }

    /// Refuses what is dangerous under every reading.
    private static func check(_ path: [UInt8]) throws(RequestPath.Refusal) {
        for byte in path {
            if byte < 0x20 || byte == 0x7f { throw .controlByte }
            if byte == UInt8(ascii: "\\") { throw .backslash }
            if byte == UInt8(ascii: "#") { throw .fragment }
        }
        guard UntrustedText(validating: path) != nil else { throw .notUTF8 }
        // The first byte is a slash.
        for start in path.indices.dropFirst() where isTrimmed(path[start]) && path[start - 1] == slash {
            if isDots(path[start...].prefix { $0 != slash }) { throw .dotSegment }
        }
    }

    /// `.` and `..`, and what some servers read as them: `..;x`, `.. `, `..?`. All of them begin with a dot or a blank.
    private static func isDots(_ segment: ArraySlice<UInt8>) -> Bool {
        let name = segment.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: "?") }
        let dots = name.count { $0 == UInt8(ascii: ".") }
        let blanks = name.count { $0 == UInt8(ascii: " ") }
        guard dots > 0 else { return false }
        if dots + blanks == name.count { return dots <= 2 || blanks > 0 }
        // Cut at a blank.
        let first = name.prefix { $0 != UInt8(ascii: " ") }
        return first.count <= 2 && first.allSatisfy { $0 == UInt8(ascii: ".") } && !first.isEmpty
    }

    /// In one loop, because a path may have 8 KiB.
    private static func steps(_ raw: ArraySlice<UInt8>, _ once: [UInt8], _ twice: [UInt8]) -> [Step] {
        var (slashes, isCut, hasParameters, hasEnds, hasDoubles) = (0, false, false, false, false)
        // The first slash is no second one.
        var last = UInt8(ascii: "x")
        for byte in twice {
            switch byte {
            case slash:
                slashes += 1
                if last == slash { hasDoubles = true }
            case UInt8(ascii: ";"): hasParameters = true
            case UInt8(ascii: " "), UInt8(ascii: "?"): isCut = true
            default:
                last = byte
                continue
            }
            if isTrimmed(last) { hasEnds = true }
            last = byte
        }
        if isTrimmed(last) { hasEnds = true }
        let isDecoded = once.count < raw.count
        let isPresent: [(Step, Bool)] = [
            (.decode, isDecoded), (.decodeAgain, twice.count < once.count),
            (.decodeSlash, isDecoded && slashes > raw.count { $0 == slash }), (.cut, isCut),
            (.dropParameters, hasParameters), (.trim, hasEnds),
            // A segment that becomes empty leaves two slashes.
            (.mergeSlashes, hasParameters || hasEnds || hasDoubles),
        ]
        return isPresent.filter(\.1).map(\.0)
    }

    private static let slash = UInt8(ascii: "/")
    private static let dot = UInt8(ascii: ".")
    private static func isTrimmed(_ byte: UInt8) -> Bool { byte == dot || byte == UInt8(ascii: " ") }
    private static func endsTarget(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "?") }

    /// The path as it is, with all steps, and with all steps but one; then the same for `others`.
    ///
    /// Rules name paths that no step changes. So a reading that omits several steps matches the same rules as the reading
    /// that omits only the one with the first effect in the path: up to there both are equal, and after it no rule matches.
    /// This does not hold for what an application removes before it decodes, because that can hide other steps: see
    /// `PathStart`. A test compares all short paths with applications of many kinds.
    func readings(limit: Int) -> [RequestPath.Reading] {
        let own = [RequestPath.Reading(steps: before, bytes: Array(raw.prefix(limit)))]
        let decoded = ([nil] + steps.map { $0 }).map { omitted in
            let taken = steps.filter { step in
                step != omitted && !(omitted == .decode && (step == .decodeAgain || step == .decodeSlash))
            }
            return RequestPath.Reading(steps: before + taken.map(\.rawValue), bytes: read(taken, limit: limit))
        }
        return others.reduce(own + decoded) { $0 + $1.readings(limit: limit) }
    }

    private func read(_ taken: [Step], limit: Int) -> [UInt8] {
        var path = raw
        if taken.contains(.decode) { path = (taken.contains(.decodeAgain) ? twice : once)[...] }
        if taken.contains(.decode), steps.contains(.decodeSlash), !taken.contains(.decodeSlash) {
            path = decodedKeepingSlashes(twice: taken.contains(.decodeAgain))[...]
        }
        return Self.read(path, taken, limit: limit)
    }

    /// Byte by byte: with a slice for each segment, 8 KiB of slashes cost fifty times as much as an ordinary path.
    private static func read(_ path: ArraySlice<UInt8>, _ taken: [Step], limit: Int) -> [UInt8] {
        let cuts = taken.contains(.cut)
        let dropsParameters = taken.contains(.dropParameters)
        let trims = taken.contains(.trim)
        let merges = taken.contains(.mergeSlashes)
        var read: [UInt8] = []
        // Where the segment begins in `read`.
        var start = 0
        var isParameter = false
        for byte in path {
            if cuts, endsTarget(byte) { break }
            if byte == slash {
                if trims { trim(&read, from: start) }
                if !merges || start == 0 || read.count > start { read.append(slash) }
                start = read.count
                isParameter = false
            } else if dropsParameters, isParameter || byte == UInt8(ascii: ";") {
                isParameter = true
            } else {
                read.append(byte)
            }
            // A byte that may still be trimmed does not count.
            if read.count > limit, let last = read.last, !isTrimmed(last) { break }
        }
        if trims { trim(&read, from: start) }
        return read
    }

    private static func trim(_ read: inout [UInt8], from start: Int) {
        while read.count > start, isTrimmed(read[read.count - 1]) { read.removeLast() }
    }

    /// Leaves an encoded slash as `%2f`, which is no separator.
    private func decodedKeepingSlashes(twice: Bool) -> [UInt8] {
        var kept = Array(raw)
        for _ in 0..<(twice ? 2 : 1) { kept = PercentEncoding.decodeWherePossible(kept, keeping: Self.slash) }
        return kept
    }
}
