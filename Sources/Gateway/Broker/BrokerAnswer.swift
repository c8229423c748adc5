import HTTP
import SecretMemory
import Untrusted

/// What of the marketplace's answer goes on to the client.
enum BrokerAnswer {
    /// Nothing else of the marketplace's headers is passed on.
    static let headers = [
        "Content-Type", "Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-Vercel-Id",
    ]

    /// The answer, or a refusal that has nothing of it: a redirect, a coding that nobody asked for and that hides the content,
    /// or the token itself.
    static func forward(_ answer: HTTPClientResponse, hiding tokens: [SecretBytes]) throws(BrokerRefusal)
        -> HTTPResponse
    {
        switch answer.status.rawValue {
        case 200..<300, 304, 400..<600: break
        default:
            throw BrokerRefusal(502, "redirect", "The marketplace answered with a redirect, which is not followed.")
        }
        guard !answer.headers.has(.contentEncoding) else {
            throw BrokerRefusal(502, "content_coding", "The marketplace's answer has a content coding.")
        }
        let body = answer.body.exposedBytes
        guard !tokens.contains(where: { holds(body, $0) || holds(answer.headers.bytes, $0) }) else {
            throw BrokerRefusal(
                502, "token_in_answer", "The marketplace's answer holds the token and is not passed on.")
        }
        // Compressed or in wide letters, a body would hide what is in it.
        guard !body.contains(0), String(validating: body, as: UTF8.self) != nil else {
            throw BrokerRefusal(502, "content_coding", "The marketplace's answer is not text in UTF-8.")
        }
        var response = HTTPResponse(answer.status)
        for name in headers {
            if let value = answer.headers[name], value.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) {
                response.headers.append(name, value)
            }
        }
        let hasBody = answer.status != .noContent && answer.status.rawValue != 304
        if hasBody { response.body = body }
        return response
    }

    /// Whether the token is there as it is, or as JSON or an address may write it, or one inside the other.
    static func holds(_ bytes: [UInt8], _ token: SecretBytes) -> Bool {
        let token = token.exposedBytes
        var forms = [bytes]
        for _ in 0..<3 {
            if forms.contains(where: { contains($0, token) }) { return true }
            forms = forms.flatMap { form in
                (form.contains(UInt8(ascii: "\\")) ? [withoutEscapes(form)] : [])
                    + (form.contains(UInt8(ascii: "%")) ? [withoutPercents(form)] : [])
            }
        }
        return forms.contains { contains($0, token) }
    }

    private static func contains(_ bytes: [UInt8], _ token: [UInt8]) -> Bool {
        guard let first = token.first, bytes.count >= token.count else { return false }
        for start in 0...bytes.count - token.count where bytes[start] == first {
            if bytes[start..<start + token.count].elementsEqual(token) { return true }
        }
        return false
    }

    /// `\u0061` as `a`, `\/` as `/`; other escapes are no part of a token.
    private static func withoutEscapes(_ bytes: [UInt8]) -> [UInt8] {
        replacing(bytes, UInt8(ascii: "\\")) { rest in
            guard rest.first == UInt8(ascii: "u") else { return rest.first.map { ($0, 1) } }
            guard rest.count >= 5, let high = hexadecimal(rest.dropFirst(1).prefix(2)), high == 0,
                let low = hexadecimal(rest.dropFirst(3).prefix(2))
            else { return nil }
            return (low, 5)
        }
    }

    private static func withoutPercents(_ bytes: [UInt8]) -> [UInt8] {
        replacing(bytes, UInt8(ascii: "%")) { rest in hexadecimal(rest.prefix(2)).map { ($0, 2) } }
    }

    /// Each `mark` with what stands behind it as one byte; `read` says which, and how much that takes.
    private static func replacing(
        _ bytes: [UInt8], _ mark: UInt8, _ read: (ArraySlice<UInt8>) -> (byte: UInt8, count: Int)?
    ) -> [UInt8] {
        var plain: [UInt8] = []
        var position = 0
        while position < bytes.count {
            if bytes[position] == mark, let (byte, count) = read(bytes[(position + 1)...]) {
                plain.append(byte)
                position += 1 + count
            } else {
                plain.append(bytes[position])
                position += 1
            }
        }
        return plain
    }

    private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt8? {
        guard digits.count == 2, let high = digits.first.flatMap(Hexadecimal.value),
            let low = digits.last.flatMap(Hexadecimal.value)
        else { return nil }
        return high << 4 | low
    }
}
