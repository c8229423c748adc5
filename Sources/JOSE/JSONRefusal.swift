/// Why bytes are not valid JSON. Positions are byte offsets.
package enum JSONRefusal: Error, Sendable, Hashable {
    case byteOrderMark
    /// The input ends inside a value, or is empty.
    case endsEarly
    /// A byte that the grammar (RFC 8259) does not allow.
    case unexpectedByte(at: Int)
    case notUTF8(at: Int)
    /// A `\u` escape of half a surrogate pair.
    case loneSurrogate(at: Int)
    /// Arrays and objects inside one another beyond `JSONValue.maximumDepth`.
    case tooDeep(at: Int)
    /// Two members of one object have the same name once escapes are resolved.
    case duplicateName(at: Int)
    /// A number that a double does not hold as it is written, where that is required.
    case inexactNumber(at: Int)
    /// Bytes after the value.
    case trailingBytes(at: Int)
    /// A valid value, but an object was needed.
    case notAnObject

    /// In bytes; nil where the fault is not at one position.
    package var offset: Int? {
        switch self {
        case .unexpectedByte(let offset), .notUTF8(let offset), .loneSurrogate(let offset), .tooDeep(let offset),
            .duplicateName(let offset), .inexactNumber(let offset), .trailingBytes(let offset):
            offset
        case .byteOrderMark, .endsEarly, .notAnObject: nil
        }
    }

    /// A stable name for logs and metrics.
    package var reason: String {
        switch self {
        case .byteOrderMark: "json_byte_order_mark"
        case .endsEarly: "json_ends_early"
        case .unexpectedByte: "json_unexpected_byte"
        case .notUTF8: "json_not_utf8"
        case .loneSurrogate: "json_lone_surrogate"
        case .tooDeep: "json_too_deep"
        case .duplicateName: "json_duplicate_name"
        case .inexactNumber: "json_inexact_number"
        case .trailingBytes: "json_trailing_bytes"
        case .notAnObject: "json_not_an_object"
        }
    }
}

extension JSONRefusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .byteOrderMark: "The JSON text begins with a byte order mark."
        case .endsEarly: "The JSON text ends before its value is complete."
        case .unexpectedByte(let position): "The JSON text has an unexpected byte at offset \(position)."
        case .notUTF8(let position): "The JSON string that begins at offset \(position) is not valid UTF-8."
        case .loneSurrogate(let position): "The JSON text escapes half a surrogate pair at offset \(position)."
        case .tooDeep(let position):
            "The JSON text nests deeper than \(JSONValue.maximumDepth) levels at offset \(position)."
        case .duplicateName(let position):
            "The JSON object repeats a name at offset \(position); readers would disagree on which one counts."
        case .inexactNumber(let position):
            "The JSON number at offset \(position) is not a 64-bit floating-point number as it is written."
        case .trailingBytes(let position): "The JSON value is followed by something at offset \(position)."
        case .notAnObject: "The JSON value is not an object."
        }
    }
}
