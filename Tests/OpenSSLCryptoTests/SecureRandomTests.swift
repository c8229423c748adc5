import OpenSSLCrypto
import TestSupport
import Testing

@Suite struct SecureRandomTests {
    @Test(arguments: [0, 1, 12, 16, 32, 100_000]) func `gives as many bytes as are asked for`(count: Int) {
        #expect(SecureRandom.bytes(count).count == count)
    }

    @Test func `RT-43: processes that were forked from one draw different bytes`() throws {
        let (children, draws) = (16, 20)
        let folder = try TemporaryFolder()
        let pipe = try NamedPipe(folder.path("pipe"))
        let child = try #require(
            ChildProcess(
                [BuiltExecutable.path("ForkedRandom"), "\(children)", "\(draws)"], in: folder.root, output: pipe.path))
        #expect(child.wait())
        let lines = pipe.take().split(separator: "\n")
        #expect(lines.count == draws * (children + 2))
        #expect(lines.allSatisfy { $0.utf8.count == 32 })
        #expect(Set(lines).count == lines.count)
    }

    /// Each of 128 bits is as often set as not: eight standard deviations of leeway.
    @Test func `RT-43: no bit of a state is fixed`() {
        var set = [Int](repeating: 0, count: 128)
        let draws = 10_000
        for _ in 0..<draws {
            for (place, byte) in SecureRandom.bytes(16).enumerated() {
                for bit in 0..<8 where byte >> UInt8(bit) & 1 == 1 { set[place * 8 + bit] += 1 }
            }
        }
        #expect(set.allSatisfy { abs($0 - draws / 2) < 400 }, "\(set)")
    }
}
