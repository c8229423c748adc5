import Foundation

/// Test data that others published. It is not part of this project: the folder is named by `GATEWAY_VECTORS`, and
/// tests that need it are skipped where that is not set.
package enum Vectors {
    package static let folder: String? = ProcessInfo.processInfo.environment["GATEWAY_VECTORS"]

    package static var isThere: Bool { folder != nil }

    /// A file's lines, without empty ones.
    package static func lines(_ path: String) throws -> [String] {
        guard let folder else { throw CocoaError(.fileNoSuchFile) }
        let text = try String(decoding: Data(contentsOf: URL(filePath: folder + "/" + path)), as: UTF8.self)
        return text.split(separator: "\n").map(String.init)
    }

    /// A file with one JSON object a line.
    package static func objects<Row: Decodable>(_ path: String, as type: Row.Type) throws -> [Row] {
        try lines(path).map { try JSONDecoder().decode(type, from: Data($0.utf8)) }
    }
}
