/// Targets that programs like to read in different ways: whole, encoded, doubly encoded, with odd bytes between.
package enum TargetGenerator {
    private static let odd = [
        "..", ".", "%2e%2e", "%2E.", "%252e%252e", "..;", ";x=1", ".%00", "..%5c", "%c0%ae%c0%ae", "%e0%80%ae", "",
        "%2f", "%5c", "\\", "#", "%23", "%00", "%0a", "%20", "%20", "%3f", "%3Fx", "%20HTTP/1.1", "%", "%zz", "...",
        "%25", "%3b", "a;b", "%c3%a9",
        "..%2f..",
    ]
    private static let separators = ["/", "/", "/", "/", "/", "//", "%2f", "\\", "/./", ";/", "/../"]

    package static func target(words: [String], using generator: inout some RandomNumberGenerator) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            text += separators.randomElement(using: &generator) ?? "/"
            let word = words.randomElement(using: &generator) ?? "a"
            switch Int.random(in: 0..<8, using: &generator) {
            case 0: text += odd.randomElement(using: &generator) ?? ""
            case 1: text += word + (odd.randomElement(using: &generator) ?? "")
            case 2: text += encoded(word, using: &generator)
            case 3: text += encoded(word, using: &generator).replacing("%", with: "%25")
            default: text += word
            }
        }
        if Int.random(in: 0..<4, using: &generator) == 0 { text += "/" }
        if Int.random(in: 0..<4, using: &generator) == 0 { text += "?x=/public/../admin" }
        return text
    }

    private static func encoded(_ word: String, using generator: inout some RandomNumberGenerator) -> String {
        word.utf8.map { byte in
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: "%" + String(byte, radix: 16)
            case 1: "%" + String(byte, radix: 16, uppercase: true)
            default: String(UnicodeScalar(byte))
            }
        }.joined()
    }
}

/// Steele, Lea and Flood's generator, so that every run tries the same cases.
package struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    package init(state: UInt64) { self.state = state }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
