import JOSE
import SecretMemory
import Testing
import Untrusted

@Suite struct `base64url` {
    /// RFC 4648 section 10, without the padding, and what sets the alphabet apart.
    @Test(
        arguments: [
            ("", []), ("Zg", Array("f".utf8)), ("Zm8", Array("fo".utf8)), ("Zm9v", Array("foo".utf8)),
            ("Zm9vYg", Array("foob".utf8)), ("Zm9vYmE", Array("fooba".utf8)), ("Zm9vYmFy", Array("foobar".utf8)),
            ("-_8", [0xfb, 0xff]), ("AAAA", [0, 0, 0]), ("____", [255, 255, 255]),
        ] as [(String, [UInt8])])
    func `reads and writes`(text: String, bytes: [UInt8]) {
        #expect(Base64URL.encode(bytes) == text)
        #expect(Base64URL.decode(text) == bytes)
        #expect(Base64URL.encode(SecretBytes(bytes)).exposedText?.string == text)
        #expect(Base64URL.decode(SecretBytes(text))?.exposedBytes == bytes)
    }

    @Test(arguments: [
        "A", "AAAAA", "Zg==", "Zg=", "Zm8=", "=", "Z=g", "Zm9v ", " Zm9v", "Zm\n9v", "Zm9v\n", "-+8", "-/8", "+_8",
        "Zm9v.", "Zm9%", "Zm9v\0", "Zé", "Zm9\u{ff}", "Zh", "Zm9vYh", "Zm9", "Zm9vYmF", "-_9", "AB", "AAB", "****",
    ])
    func `refuses what is not canonical`(text: String) {
        #expect(Base64URL.decode(text) == nil)
        #expect(Base64URL.decode(SecretBytes(text)) == nil)
    }

    @Test func `has exactly one spelling for every two bytes`() {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var spellings = 0
        for first in letters {
            for second in letters where Base64URL.decode([first, second]) != nil { spellings += 1 }
        }
        #expect(spellings == 256)
        for byte in UInt8.min...UInt8.max {
            let isLetter = letters.contains(byte)
            for place in 0..<4 {
                var text = Array("AAAA".utf8)
                text[place] = byte
                #expect((Base64URL.decode(text) != nil) == isLetter)
            }
        }
    }

    @Test func `returns every length of random bytes`() {
        var generator = SystemRandomNumberGenerator()
        for count in 0..<200 {
            let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
    }

    /// Long enough for every step, the last ones included.
    @Test(arguments: [16, 30, 46]) func `takes letters alone at every place`(count: Int) {
        let letters = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        for place in 0..<count {
            for byte in UInt8.min...UInt8.max {
                var text = [UInt8](repeating: UInt8(ascii: "A"), count: count)
                text[place] = byte
                let isCanonical = place < count - 1 || count % 4 == 0 || "AQgw".utf8.contains(byte)
                guard let bytes = Base64URL.decode(text) else {
                    #expect(!letters.contains(byte) || !isCanonical, "\(byte) at \(place) of \(count)")
                    continue
                }
                #expect(letters.contains(byte) && isCanonical && Array(Base64URL.encode(bytes).utf8) == text)
            }
        }
    }
}
