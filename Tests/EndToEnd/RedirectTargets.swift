import HTTP
import JOSE
import TestSupport
import Untrusted

/// Values for the parameters that name a redirect's target: published ones, and a few thousand of our
/// own, a class at a time.
enum RedirectTargets {
    struct Target: Sendable {
        let value: String
        /// Percent-encoded, as it stands in an address.
        let wire: String
        /// Chromium's result, where it is known.
        let isHomeToChromium: Bool?

        /// The address that a browser is sent to where the value is followed: blanks and what is beyond ASCII encoded.
        var followed: String {
            value.utf8.map { byte in
                let digits = String(byte, radix: 16, uppercase: true)
                return byte == 0x20 || byte > 0x7f ? "%" + digits : String(decoding: [byte], as: UTF8.self)
            }.joined()
        }

        private var hasDots: Bool {
            value.split { "/?#".contains($0) }.contains {
                [".", ".."].contains($0.lowercased().replacing("%2e", with: "."))
            }
        }

        /// An unambiguous path of ours, in bytes that a header can carry: has to be
        /// followed to the byte.
        var isPlainPath: Bool {
            value.hasPrefix("/") && !(value.contains("//") && hasDots) && !value.hasPrefix("//")
                && value.utf8.count <= 1024
                && value.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "\\") }
        }
    }

    static func published() throws -> [Target] {
        try Vectors.lines("redirects/redirects.jsonl").map { line in
            let row = try JSONObject(parsing: Array(line.utf8))
            guard let value = row["value"]?.text?.string, let wire = row["wire"]?.text?.string,
                let label = row["label"]?.text?.string
            else {
                throw JSONRefusal.notAnObject
            }
            return Target(value: value, wire: wire, isHomeToChromium: label == "onsite")
        }
    }

    /// So many of each class.
    static func generated(_ count: Int) -> [Target] {
        var generator = SplitMix(state: 2933)
        func pick(_ choices: [String]) -> String { choices.randomElement(using: &generator) ?? "" }
        let evil = [
            "evil.test", "evil.test:443", "3232235777", "[::1]", "EVIL.test", "evil。test", "xn--bcher-kva.test",
        ]
        let blank = ["\t", "\n", "\r", "\u{b}", "\u{c}", " ", "\u{0}", "\u{a0}", "\u{2028}", "\u{feff}", "\u{85}"]
        let slash = ["/", "\\", "//", "/\\", "\\/", "\\\\", "///", "/./", "/.//", "/../", "/%2f", "/%5c", "／", "⁄"]
        let scheme = [
            "https:", "http:", "HTTPS:", "javascript:", "data:text/html,", "vbscript:", "file:", "ftp:", "ws:", "blob:",
            "view-source:", "about:", "x:", "https", ":",
        ]
        let own = [
            "https://app.example.test", "https://app.example.test:443", "http://app.example.test", "//app.example.test",
        ]
        let path = [
            "", "a", "a/b", "a?b=c", "a#b", "%2e%2e/", "..//", ";x", "@", "a%0d%0aSet-Cookie:x=y", "{}\"'<>|^`",
        ]
        var values: [String] = []
        for _ in 0..<count {
            values.append(pick(slash) + pick(slash) + pick(evil) + "/" + pick(path))
            values.append(pick(slash) + pick(blank) + pick(slash) + pick(evil))
            values.append(pick(blank) + pick(scheme) + pick(slash) + pick(evil))
            values.append(pick(scheme) + pick(blank) + pick(slash) + pick(slash) + pick(evil) + pick(path))
            values.append(
                pick(own) + pick(["@", ".", "", ":80", ":", "\\@", "/", "?", "#", "%2f", "%00", "。"]) + pick(evil))
            values.append(pick(own) + pick(slash) + pick(path))
            values.append(
                "https://" + pick(["app.example.test", "u:p", "app"]) + pick(["@", "%40", ":@"]) + pick(evil))
            values.append("/" + pick(path) + pick(slash) + pick(path) + pick(["", pick(blank)]) + pick(path))
            values.append(
                "/" + pick(["a", "a/b", "reports"]) + pick(["?", "?rd=", "?x=%2F"]) + pick(own) + pick(path))
        }
        return values.map { Target(value: $0, wire: PercentEncoding.encode($0), isHomeToChromium: nil) }
    }
}
