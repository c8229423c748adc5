/// An ending by which some frameworks let a client choose the form of an answer, whatever their routes say:
/// `(.:format)` in Rails (<https://guides.rubyonrails.org/routing.html>), which takes anything but a dot and a slash, and the
/// format suffixes of Django REST Framework.
enum PathFormat {
    static let step = "without an ending such as .json"

    /// Nil for a path that has none. A slash behind it may be there or not.
    static func removed(from path: [UInt8]) -> [UInt8]? {
        let name = path.last == UInt8(ascii: "/") ? path.dropLast() : path[...]
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot < name.endIndex - 1,
            !name[dot...].contains(UInt8(ascii: "/"))
        else { return nil }
        return Array(name[..<dot])
    }
}
