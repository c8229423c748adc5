import Foundation
import Testing

/// Signatures of Project Wycheproof, from the folder that GATEWAY_VECTORS names.
struct SignatureVectors: Decodable {
    static let folder = ProcessInfo.processInfo.environment["GATEWAY_VECTORS"]

    struct Group: Decodable {
        let publicKey: Key
        let tests: [Case]
    }

    /// RSA has the first two, a curve's point the third, an Edwards curve's the last.
    struct Key: Decodable {
        let modulus: String?
        let publicExponent: String?
        let uncompressed: String?
        let pk: String?
    }

    struct Case: Decodable {
        let tcId: Int
        let comment: String
        let msg: String
        let sig: String
        let result: String
    }

    let testGroups: [Group]

    /// Judges each case of a file by what `judge` makes of a group's key; gives their number and that of the accepted.
    static func judge(
        _ file: String, _ judge: (Key) throws -> (_ signature: [UInt8], _ message: [UInt8], Case) throws -> Void
    ) throws -> Int {
        let url = URL(fileURLWithPath: "\(try #require(folder))/jose/wycheproof/\(file)_test.json")
        let vectors = try JSONDecoder().decode(Self.self, from: Data(contentsOf: url))
        var count = 0
        for group in vectors.testGroups {
            let verify = try judge(group.publicKey)
            for test in group.tests {
                try verify(bytes(test.sig), bytes(test.msg), test)
                count += 1
            }
        }
        return count
    }
}
