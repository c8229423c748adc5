/// Why bytes are not a well-formed signed token, in the order of the checks.
package enum JWSRefusal: Error, Sendable, Hashable {
    /// Above `UnverifiedJWS.maximumCount` bytes.
    case tooLarge(bytes: Int)
    /// Not exactly three parts, for instance the five of an encrypted token (RFC 7516).
    case partCount
    case emptyPart
    case headerNotBase64URL
    case header(JSONRefusal)
    /// `crit`, `b64` or `zip`: extensions that change the meaning of the signature. None is supported.
    case extensionNotSupported(name: String)
    /// `alg` is absent or not a string.
    case algorithmMissing
    /// `kid` is not a string of 1 to 256 bytes.
    case keyIDMalformed
    case payloadNotBase64URL
    case signatureNotBase64URL

    /// A stable name for logs and metrics.
    package var reason: String {
        switch self {
        case .tooLarge: "token_too_large"
        case .partCount: "token_part_count"
        case .emptyPart: "token_empty_part"
        case .headerNotBase64URL: "token_header_not_base64url"
        case .header(let refusal): "token_header_\(refusal.reason)"
        case .extensionNotSupported: "token_extension_not_supported"
        case .algorithmMissing: "token_algorithm_missing"
        case .keyIDMalformed: "token_key_id_malformed"
        case .payloadNotBase64URL: "token_payload_not_base64url"
        case .signatureNotBase64URL: "token_signature_not_base64url"
        }
    }
}

extension JWSRefusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLarge(let bytes):
            "The token has \(bytes) bytes; at most \(UnverifiedJWS.maximumCount) are allowed."
        case .partCount: "The token does not consist of exactly three parts between dots."
        case .emptyPart: "A part of the token is empty."
        case .headerNotBase64URL: "The token's header is not canonical base64url."
        case .header(let refusal): "The token's header is not acceptable. \(refusal)"
        case .extensionNotSupported(let name): "The token's header requires \"\(name)\", which is not supported."
        case .algorithmMissing: "The token's header does not name its algorithm."
        case .keyIDMalformed: "The token's key id is not a string of 1 to \(UnverifiedJWS.maximumKeyIDCount) bytes."
        case .payloadNotBase64URL: "The token's payload is not canonical base64url."
        case .signatureNotBase64URL: "The token's signature is not canonical base64url."
        }
    }
}
