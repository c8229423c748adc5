import SecretMemory
import Testing
import Untrusted

@Suite struct SecretBytesTests {
    @Test func `hold what they were made from`() {
        let secret = SecretBytes("geheim")
        #expect(secret.count == 6)
        #expect(secret[0] == 0x67)
        #expect(secret[2..<4].exposedText?.string == "he")
        #expect(secret.exposedBytes == Array("geheim".utf8))
        #expect(SecretBytes("").isEmpty)
    }

    @Test func `printing, interpolating and dumping show the length only`() {
        let secret = SecretBytes("geheim")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in [secret.description, "\(secret)", String(reflecting: secret), dumped] {
            #expect(text.contains("6 secret bytes"))
            #expect(!text.contains("geheim"))
            #expect(!text.contains("103"), "the first byte, as a number")
        }
    }

    @Test func `text that is not valid UTF-8 is no text`() {
        #expect(SecretBytes([0xFF, 0x41]).exposedText?.string == nil)
    }

    @Test func `a part lives on when the whole is gone`() {
        var whole: SecretBytes? = SecretBytes("code-and-more")
        let part = whole.map { $0[0..<4] }
        whole = nil
        #expect(part?.exposedText?.string == "code")
    }

    @Test func `the bytes are overwritten when the last holder lets go`() throws {
        let marker = [UInt8](repeating: 0xA5, count: 4096)
        var address = UInt64(0)
        do {
            let secret = SecretBytes(marker)
            unsafe secret.withUnsafeBytes { address = UInt64(UInt(bitPattern: $0.baseAddress)) }
            #expect(try ProcessMemory.read(at: address, count: 4096) == marker)
        }
        #expect(try !ProcessMemory.holds(0xA5, at: address, count: 4096))
    }

    @Test func `an array cleanses its own storage`() {
        var bytes: [UInt8] = Array("a working copy".utf8)
        bytes.cleanse()
        #expect(bytes.isEmpty)
    }

    @Test func `a part that shares lives on without the whole`() {
        var whole: SecretBytes? = SecretBytes("header.payload.signature")
        let part = whole!.sharing(7..<14)
        let partOfPart = part.sharing(3..<7)
        whole = nil
        #expect(part.exposedText?.string == "payload" && partOfPart.exposedText?.string == "load")
        #expect(part.withSpan { $0.count } == 7 && part[0] == UInt8(ascii: "p"))
        #expect(part.sharing(7..<7).isEmpty)
    }

    @Test func `a byte is found at its place, at the start and behind it`() {
        let bytes = SecretBytes("a.b.")
        let dot = UInt8(ascii: ".")
        #expect(bytes.firstIndex(of: dot) == 1)
        #expect(bytes.firstIndex(of: dot, from: 1) == 1)
        #expect(bytes.firstIndex(of: dot, from: 2) == 3)
        #expect(bytes.firstIndex(of: dot, from: 4) == nil)
        #expect(bytes.firstIndex(of: 0) == nil)
        #expect(SecretBytes("").firstIndex(of: dot) == nil)
        // Beyond a part that shares there may be one; it is not the part's.
        #expect(bytes.sharing(2..<3).firstIndex(of: dot) == nil)
    }

    @Test func `bytes are written through a span`() {
        let bytes = SecretBytes(count: 4) { span in
            for place in 0..<3 { span[place] = UInt8(place + 1) }
        }
        #expect(bytes.exposedBytes == [1, 2, 3, 0])
    }
}
