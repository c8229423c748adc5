import Testing
import Untrusted

@testable import Gateway

/// What members and installations are found by in memory.
@Suite struct IndexKeyTests {
    /// The first of the reference implementation's `vectors_sip128`: key 00…0f, input 00, 01, 02, ….
    @Test(arguments: [
        (0, "a3817f04ba25a8e66df67214c7550293"), (1, "da87c1d86b99af44347659119b22fc45"),
        (2, "8177228da4a45dc7fca38bdef60affe4"), (3, "9c70b60c5267a94e5f33b6b02985ed51"),
    ])
    func `the hash is SipHash-2-4 with 128 bits`(_ count: Int, _ expected: String) {
        var hash = SipHash(key: (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908))
        for byte in 0..<count { hash.combine(UInt8(byte)) }
        let (first, second) = hash.finish()
        let bytes = [first, second].flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> (8 * $0)) } }
        #expect(bytes.hexadecimal == expected)
    }

    /// RT-51, RT-57: no byte can move from one part to the next.
    @Test func `RT-51 RT-57 keys differ however the same text is cut`() {
        var keys: [String] = []
        let text = Array("live1icfg1user1")
        for first in 0...text.count {
            for second in first...text.count {
                let parts = [text[..<first], text[first..<second], text[second...]].map { String($0) }
                let member = MemberKey(integration: parts[0], installationID: parts[1], userID: parts[2])
                let (ofMember, ofInstallation) = IndexKey.of(member)
                keys.append("\(ofMember)")
                if second == text.count { keys.append("\(ofInstallation)") }
                #expect(IndexKey(member) == ofMember && IndexKey(member.installation) == ofInstallation)
            }
        }
        #expect(Set(keys).count == keys.count)
    }
}
