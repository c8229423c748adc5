/// An ending by which some frameworks let a client choose the form of an answer, whatever their routes say:
/// `(.:format)` in Rails (<https://guides.rubyonrails.org/routing.html>), the format suffixes of Django REST Framework.
enum PathFormat {
    static let step = "without an ending such as .json"

    /// Nil for a path that has none. A slash behind it may be there or not.
    static func removed(from path: [UInt8]) -> [UInt8]? {
        let name = path.last == UInt8(ascii: "/") ? path.dropLast() : path[...]
        guard let dot = name.lastIndex(where: { !isLetterOrDigit($0) }), name[dot] == UInt8(ascii: "."),
            dot < name.endIndex - 1
        else { return nil }
        return Array(name[..<dot])
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
