import JOSE
import SecretMemory
import Testing

@Suite(.enabled(if: PublishedVectors.isPresent, "GATEWAY_VECTORS is not set."))
struct `Published JSON texts` {
    private static let folder = "json/test_parsing"

    /// RFC 8259 section 4 leaves duplicate names to the reader; we refuse them.
    private static let refusedOnPurpose = ["y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"]

    @Test func `are judged as published`() throws {
        let names = try PublishedVectors.names(in: Self.folder).filter { $0.hasSuffix(".json") }
        #expect(names.count > 300)
        for name in names {
            let text = try PublishedVectors.read("\(Self.folder)/\(name)")
            let isTaken = (try? JSONValue.parse(text)) != nil
            if name.hasPrefix("y_") { #expect(isTaken != Self.refusedOnPurpose.contains(name), "\(name)") }
            if name.hasPrefix("n_") { #expect(!isTaken, "\(name)") }
        }
    }

    @Test func `are no key sets and no token headers`() throws {
        for name in try PublishedVectors.names(in: Self.folder) where name.hasSuffix(".json") {
            let text = try PublishedVectors.read("\(Self.folder)/\(name)")
            #expect(throws: JWKSetRefusal.self) { try JWKSet(parsing: SecretBytes(text)) }
            let token = Base64URL.encode(text) + "." + RFC7515Example.payload + "." + RFC7515Example.signature
            #expect(throws: JWSRefusal.self) { try UnverifiedJWS(SecretBytes(token)) }
        }
    }
}
