import Crypto
import Foundation

/// Who sends a request. `id` is unique: the same `user` under another `installation` is another person.
public struct SSOMember: Codable, Sendable {
    public let id, user, integration, installation, role, name, email: String
}

/// Why there is no member. Answer `noKeys` with 503, and every other with 401.
public enum SSORefusal: String, Error {
    case missing, repeated, malformed, algorithm, signature, issuer, audience, expired, claims
    case unknownKey = "unknown_key"
    case notYetValid = "not_yet_valid"
    case noKeys = "no_keys"
}

/// Checks `X-SSO-Assertion`.
public struct SSOCheck: Sendable {
    private static let leeway = 5.0  // seconds, for clocks that differ
    private let issuer, audience: String
    private let keys: SSOKeys

    /// `issuer`: the gateway's `public_url`; `audience`: `app` of the rule, or the host.
    public init(issuer: String, audience: String, keys: SSOKeys) {
        self.issuer = issuer
        self.audience = audience
        self.keys = keys
    }

    private struct Header: Decodable {
        let alg, typ, kid: String
    }

    private struct Claims: Decodable {
        let iss, aud, sub, integration, installationId, role: String
        let name, email: String?
        let iat, exp: Double
        let nbf: Double?
    }

    /// `values`: all values of the header in a request.
    public func member(_ values: [String]) async throws(SSORefusal) -> SSOMember {
        guard !values.joined().isEmpty else { throw .missing }
        guard values.count == 1 else { throw .repeated }
        let parts = values[0].utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard values[0].utf8.count <= 8192, parts.count == 3 else { throw .malformed }
        let bytes = Self.decode(parts[0])
        guard let header = try? JSONDecoder().decode(Header.self, from: bytes) else { throw .malformed }
        let isCritical = (try? JSONSerialization.jsonObject(with: bytes) as? [String: Any])?["crit"] != nil
        guard header.alg == "ES256", header.typ == "JWT", !isCritical else { throw .algorithm }
        // The signature is r and s, 32 bytes each (RFC 7518 section 3.4).
        guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: Self.decode(parts[2])) else {
            throw .malformed
        }
        let key = try await keys.find(header.kid)
        guard key.isValidSignature(signature, for: Data(parts[0]) + [UInt8(ascii: ".")] + parts[1]) else {
            throw .signature
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let claims = try? decoder.decode(Claims.self, from: Self.decode(parts[1])) else { throw .malformed }
        let now = Date().timeIntervalSince1970
        guard claims.iss == issuer else { throw .issuer }
        guard claims.aud == audience else { throw .audience }
        guard now < claims.exp + Self.leeway else { throw .expired }
        guard max(claims.iat, claims.nbf ?? 0) <= now + Self.leeway else { throw .notYetValid }
        let names = [claims.integration, claims.installationId, claims.sub]
        guard !(names + [claims.role]).contains("") else { throw .claims }
        return SSOMember(
            id: names.joined(separator: "/"), user: claims.sub, integration: claims.integration,
            installation: claims.installationId, role: claims.role, name: claims.name ?? "", email: claims.email ?? "")
    }

    static func decode(_ text: some Sequence<UInt8>) -> Data {
        let standard: [UInt8: UInt8] = [UInt8(ascii: "-"): UInt8(ascii: "+"), UInt8(ascii: "_"): UInt8(ascii: "/")]
        let letters = text.map { standard[$0] ?? $0 }
        let padding = [UInt8](repeating: UInt8(ascii: "="), count: (4 - letters.count % 4) % 4)
        return Data(base64Encoded: Data(letters + padding)) ?? Data()
    }
}
