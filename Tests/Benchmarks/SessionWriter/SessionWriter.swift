import Gateway
import Glibc
import JOSE
import OpenSSLCrypto
import SecretMemory

/// Writes session cookies that differ in nothing but the session's id, a line each: a million logins take minutes, a
/// million seals two seconds. Whether they are what the gateway takes for a session is for the gateway to say: a
/// benchmark that is refused fails.
///
///     SessionWriter ORIGIN INTEGRATION NAME=VALUE COUNT <KEY-RING
///
/// `NAME=VALUE` is the cookie of a real login at that origin.
@main enum SessionWriter {
    private static let idLength = 16

    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 5, let count = Int(arguments[4]) else { fail("five arguments") }
        let cookie = arguments[3].split(separator: "=", maxSplits: 1)
        var document = ""
        while let line = readLine(strippingNewline: false) { document += line }
        guard let ring = (try? KeyRingFile(parsing: SecretBytes(document)))?.ring, cookie.count == 2 else {
            fail("a key ring on standard input and a cookie as an argument")
        }
        // The label and the bound names are those of `SessionSeal`.
        let key = SealingKey(
            HKDF.derive(from: ring.keys[0].secret, label: "sso-gateway session v1", count: SealingKey.count))
        let context = fields([String(cookie[0]), arguments[2], arguments[1]])
        guard let dot = cookie[1].firstIndex(of: "."),
            let sealed = Base64URL.decode(String(cookie[1][cookie[1].index(after: dot)...])),
            var session = key.open(sealed, authenticating: context)
        else { fail("a cookie of this ring, origin and integration") }
        for _ in 0..<count {
            // The id comes first, behind the two bytes of its length.
            session.replaceSubrange(2..<2 + idLength, with: SessionID(.secure).bytes)
            print("\(cookie[0])=\(ring.keys[0].id).\(Base64URL.encode(key.seal(session, authenticating: context)))")
        }
    }

    private static func fields(_ texts: [String]) -> [UInt8] {
        texts.flatMap { text in [UInt8(text.utf8.count >> 8), UInt8(text.utf8.count & 0xff)] + Array(text.utf8) }
    }

    private static func fail(_ expected: String) -> Never {
        print("SessionWriter needs \(expected).")
        exit(64)
    }
}
