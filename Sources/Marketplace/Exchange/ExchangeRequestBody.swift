import SecretMemory

/// The JSON body of the token request, written byte by byte so that neither the code nor the client secret becomes a
/// string that nobody can cleanse.
///
/// <https://vercel.com/docs/rest-api/marketplace/sso-token-exchange>
enum ExchangeRequestBody {
    static func encode(clientID: String, clientSecret: SecretBytes, code: SecretBytes, state: SecretBytes?)
        -> SecretBytes
    {
        var body: [UInt8] = []
        // Reserved once for the worst case (six bytes for one), so that growing leaves no stale copy behind.
        body.reserveCapacity(256 + 6 * (clientID.utf8.count + clientSecret.count + code.count + (state?.count ?? 0)))
        defer { body.cleanse() }
        body += #"{"grant_type":"authorization_code","client_id":""#.utf8
        for byte in clientID.utf8 { append(byte, to: &body) }
        member("client_secret", clientSecret, to: &body)
        member("code", code, to: &body)
        if let state { member("state", state, to: &body) }
        body += #""}"#.utf8
        return SecretBytes(body)
    }

    private static func member(_ name: String, _ value: SecretBytes, to body: inout [UInt8]) {
        body += "\",\"\(name)\":\"".utf8
        for position in 0..<value.count { append(value[position], to: &body) }
    }

    /// Escapes what RFC 8259 section 7 demands; other bytes are UTF-8 already and go in as they are.
    private static func append(_ byte: UInt8, to body: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            body.append(UInt8(ascii: "\\"))
            body.append(byte)
        case 0..<0x20:
            body += "\\u00".utf8
            body += [hex(byte >> 4), hex(byte & 15)]
        default: body.append(byte)
        }
    }

    private static func hex(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }
}
