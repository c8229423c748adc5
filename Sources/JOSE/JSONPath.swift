package import Untrusted

extension JSONValue {
    /// The path to a byte of a document, for errors that name a field: `billing[3].start`; empty for the outermost value.
    /// `offset` must come from a `JSONRefusal` about `bytes`, so that all bytes before it are well-formed.
    package static func path(to offset: Int, in bytes: [UInt8]) -> String {
        var frames: [Frame] = []
        var expectsName = false
        var position = 0
        while position <= offset, position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "{"):
                frames.append(.object(name: nil))
                expectsName = true
            case UInt8(ascii: "["):
                frames.append(.array(index: 0))
                expectsName = false
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                _ = frames.popLast()
                expectsName = false
            case UInt8(ascii: ","):
                switch frames.last {
                case .object:
                    frames[frames.count - 1] = .object(name: nil)
                    expectsName = true
                case .array(let index): frames[frames.count - 1] = .array(index: index + 1)
                case nil: break
                }
            case UInt8(ascii: "\""):
                guard let end = endOfString(at: position, in: bytes) else { return text(frames) }
                if expectsName, case .string(let name)? = try? parse(Array(bytes[position..<end])) {
                    frames[frames.count - 1] = .object(name: name)
                }
                expectsName = false
                position = end - 1
            default: break
            }
            position += 1
        }
        return text(frames)
    }

    private enum Frame {
        case object(name: UntrustedText?)
        case array(index: Int)
    }

    /// The position after the closing quotation mark.
    private static func endOfString(at start: Int, in bytes: [UInt8]) -> Int? {
        var position = start + 1
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""): return position + 1
            case UInt8(ascii: "\\"): position += 2
            default: position += 1
            }
        }
        return nil
    }

    private static func text(_ frames: [Frame]) -> String {
        var path = ""
        for frame in frames {
            switch frame {
            case .object(let name?): path = member(name, of: path)
            case .object(nil): break
            case .array(let index): path += "[\(index)]"
            }
        }
        return path
    }

    /// The path of a member of the object at `path`. A received name goes into logs and answers, so it is cut to 64
    /// characters without invisible ones.
    package static func member(_ name: UntrustedText, of path: String) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in name.string.unicodeScalars where scalar.isVisible {
            guard shown.count < 64 else { break }
            shown.append(scalar)
        }
        return path.isEmpty ? String(shown) : "\(path).\(String(shown))"
    }
}
