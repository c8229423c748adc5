/// A picture for the top of each page.
package struct Logo: Sendable, Equatable {
    package enum Format: String, Sendable {
        case svg, png

        package var mediaType: String { self == .svg ? "image/svg+xml" : "image/png" }
    }

    package enum Refusal: Error, Sendable, Equatable {
        case tooLarge
        /// Neither an SVG nor a PNG file.
        case format
    }

    /// Each person who meets a page fetches it. In bytes.
    package static let maximumSize = 64 * 1024

    package let format: Format
    package let content: [UInt8]

    /// The content decides the format. A picture is shown as `<img>`, where the scripts of an SVG do not run.
    package init(_ content: [UInt8]) throws(Refusal) {
        guard content.count <= Self.maximumSize else { throw .tooLarge }
        if content.starts(with: Self.pngSignature) {
            format = .png
        } else if Self.isSVG(content) {
            format = .svg
        } else {
            throw .format
        }
        self.content = content
    }

    /// PNG specification, section 5.2.
    private static let pngSignature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

    /// UTF-8 whose first element, after a declaration, a document type and comments, is `svg`.
    private static func isSVG(_ content: [UInt8]) -> Bool {
        guard let text = String(validating: content, as: UTF8.self) else { return false }
        var rest = text.drop { $0.isWhitespace || $0 == "\u{feff}" }
        while rest.hasPrefix("<?") || rest.hasPrefix("<!") {
            let end = rest.hasPrefix("<?") ? "?>" : rest.hasPrefix("<!--") ? "-->" : ">"
            guard let close = rest.firstRange(of: end) else { return false }
            rest = rest[close.upperBound...].drop(while: \.isWhitespace)
        }
        return rest.hasPrefix("<svg") && rest.dropFirst(4).first.map { $0.isWhitespace || $0 == ">" } ?? false
    }
}
