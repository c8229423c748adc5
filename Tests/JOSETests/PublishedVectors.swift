import Foundation
import JOSE
import Testing
import Untrusted

/// Test data of others, from the folder that GATEWAY_VECTORS names.
enum PublishedVectors {
    static let folder = ProcessInfo.processInfo.environment["GATEWAY_VECTORS"]

    static var isPresent: Bool { folder != nil }

    /// By a file handle, because `Data(contentsOf:)` leaks on empty files, which Address Sanitizer counts as ours.
    static func read(_ path: String) throws -> [UInt8] {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: try #require(folder) + "/" + path))
        defer { try? file.close() }
        return Array(try file.readToEnd() ?? Data())
    }

    static func names(in path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: try #require(folder) + "/" + path).sorted()
    }
}

extension JSONValue {
    /// For reading vectors: null where there is no such member.
    subscript(name: UntrustedText) -> JSONValue {
        if case .object(let members) = self { members[name] ?? .null } else { .null }
    }

    var elements: [JSONValue] {
        if case .array(let values) = self { values } else { [] }
    }
}
