import SecretMemory
import Testing

@Suite struct SecretBufferTests {
    private static func text(_ buffer: SecretBuffer) -> String {
        buffer.withSpan { span in String(decoding: span.indices.map { span[$0] }, as: UTF8.self) }
    }

    private static func fill(_ buffer: SecretBuffer, _ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe buffer.fill($0) }
    }

    @Test func `holds what came last, however long what came before`() {
        let buffer = SecretBuffer()
        #expect(buffer.count == 0 && Self.text(buffer).isEmpty)
        for length in [3, 2000, 0, 1024, 1, 1025, 5] {
            let text = String(repeating: "x", count: length)
            Self.fill(buffer, Array(text.utf8))
            #expect(buffer.count == length && Self.text(buffer) == text)
        }
        buffer.cleanse()
        #expect(buffer.count == 0 && Self.text(buffer).isEmpty)
    }

    @Test(arguments: [700, 4096], [false, true])
    func `what it held is overwritten, when it is cleansed and when it is gone`(length: Int, isGone: Bool) throws {
        var buffer: SecretBuffer? = SecretBuffer()
        var address = UInt64(0)
        if let buffer {
            Self.fill(buffer, Array(repeating: 0xA5, count: length))
            address = buffer.withSpan { unsafe $0.withUnsafeBytes { UInt64(UInt(bitPattern: $0.baseAddress)) } }
            #expect(try ProcessMemory.read(at: address, count: length).allSatisfy { $0 == 0xA5 })
            if !isGone { buffer.cleanse() }
        }
        if isGone { buffer = nil }
        #expect(try !ProcessMemory.holds(0xA5, at: address, count: length))
    }

    @Test func `printing and dumping show the length only`() {
        let buffer = SecretBuffer()
        Self.fill(buffer, Array("geheim".utf8))
        var dumped = ""
        dump(buffer, to: &dumped)
        for text in ["\(buffer)", String(reflecting: buffer), dumped] {
            #expect(text.contains("6 secret bytes") && !text.contains("103"))
        }
    }
}
