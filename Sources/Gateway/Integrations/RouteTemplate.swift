import HTTP

/// The target of a deep link: a root-relative path with `{parameter}` places, each filled with one percent-encoded value.
package struct RouteTemplate: Sendable, Equatable {
    private enum Piece: Sendable, Equatable {
        case literal(String)
        case parameter(String)
    }

    package enum Refusal: Error, Sendable, Equatable {
        /// Not a path with one leading slash in plain ASCII.
        case notAPath
        case unbalancedBrace
        case unknownParameter(String)
    }

    private let pieces: [Piece]

    package init(_ text: String) throws(Refusal) {
        let isPlain = text.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "\\") }
        guard text.hasPrefix("/"), !text.hasPrefix("//"), isPlain else { throw .notAPath }
        var pieces: [Piece] = []
        var rest = Substring(text)
        while let open = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            guard rest[open] == "{", let close = rest[open...].firstIndex(of: "}") else { throw .unbalancedBrace }
            let name = String(rest[rest.index(after: open)..<close])
            guard Self.parameterNames.contains(name) else { throw .unknownParameter(name) }
            pieces += [.literal(String(rest[..<open])), .parameter(name)]
            rest = rest[rest.index(after: close)...]
        }
        self.pieces = pieces + [.literal(String(rest))]
    }

    /// What may stand between braces: the parameters of a deep link that name one thing.
    package static let parameterNames: Set<String> = [
        "product_id", "resource_id", "project_id", "check_id", "experimentation_item_id", "invoice_id",
    ]

    package var hasPlaces: Bool { pieces.count > 1 }

    /// Nil where a value is missing. Values were checked before; encoding them is a second defence against a slash, a
    /// question mark or a hash that would change the address.
    func filled(with values: [String: String]) -> String? {
        var path = ""
        for piece in pieces {
            switch piece {
            case .literal(let text): path += text
            case .parameter(let name):
                guard let value = values[name] else { return nil }
                path += PercentEncoding.encode(value)
            }
        }
        return path
    }
}

extension RouteTemplate: CustomStringConvertible {
    /// As written in the configuration.
    package var description: String {
        pieces.map { piece in
            switch piece {
            case .literal(let text): text
            case .parameter(let name): "{\(name)}"
            }
        }.joined()
    }
}
