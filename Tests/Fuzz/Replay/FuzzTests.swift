import Foundation
import FuzzTargets
import TestSupport
import Testing

/// What libFuzzer is given to begin with, through the same functions: a broken promise there ends this process.
@Suite struct FuzzTests {
    private static let seeds = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Seeds")

    private static func replay(_ folder: URL, _ targets: [FuzzTarget]) throws -> Int {
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        for file in files {
            let handle = try FileHandle(forReadingFrom: file)
            let bytes = Array(try handle.readToEnd() ?? Data())
            try handle.close()
            for target in targets { target.run(bytes) }
        }
        return files.count
    }

    /// RT-54 for cookies.
    @Test(arguments: FuzzTarget.allCases)
    func `RT-54: every target has seeds, and every seed keeps every target's promises`(target: FuzzTarget) throws {
        #expect(try Self.replay(Self.seeds.appending(path: target.rawValue), FuzzTarget.allCases) >= 10)
    }

    @Test func `cut and changed seeds keep the promises of their target`() throws {
        for target in FuzzTarget.allCases {
            let folder = Self.seeds.appending(path: target.rawValue)
            for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
                let handle = try FileHandle(forReadingFrom: folder.appending(path: name))
                let bytes = Array(try handle.readToEnd() ?? Data())
                try handle.close()
                for position in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 16)) {
                    target.run(Array(bytes[..<position]))
                    var changed = bytes
                    changed[position] ^= 1 << UInt8(position % 8)
                    target.run(changed)
                }
            }
        }
    }

    @Test(
        .enabled(if: Vectors.isThere, "GATEWAY_VECTORS is not set."),
        arguments: [
            ("base64", FuzzTarget.base64url), ("json", .json), ("jwt", .jws), ("jwks", .jwks), ("json", .claims),
        ])
    func `published seeds keep the promises`(folder: String, target: FuzzTarget) throws {
        let corpus = URL(filePath: Vectors.folder ?? "").appending(path: "fuzz-seeds/mod_auth_openidc/corpus/\(folder)")
        #expect(try Self.replay(corpus, [target]) > 0)
    }
}
