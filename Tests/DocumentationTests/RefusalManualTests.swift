import Foundation
import HTTP
import Marketplace
import Testing

@testable import Gateway

/// Compares the manual's page "Why was I refused?" with the reasons in the code. Reasons that are cases of an enum are taken
/// from it, and those that are written at their use from the source text.
@Suite struct RefusalManualTests {
    private static func listed(_ heading: String) throws -> Set<String> {
        let page = try DocumentationTests.read("Sources/Gateway/Gateway.docc/Refusals.md")
        return DocumentationTests.firstColumn(page, under: "## " + heading)
    }

    /// The text of all Swift files in a folder of `Sources`, or of one file.
    private static func source(_ path: String) throws -> String {
        let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/Sources/" + path
        guard !path.hasSuffix(".swift") else { return try String(contentsOfFile: root, encoding: .utf8) }
        let names = try #require(FileManager.default.enumerator(atPath: root)).compactMap { $0 as? String }
        let texts = try names.filter { $0.hasSuffix(".swift") }.sorted().map {
            try String(contentsOfFile: root + "/" + $0, encoding: .utf8)
        }
        return texts.joined()
    }

    /// The words that `expression` captures.
    private static func words(_ expression: Regex<(Substring, Substring)>, in text: String) -> Set<String> {
        Set(text.matches(of: expression).map { String($0.1) })
    }

    /// The words of the property `reason`. A name in one is `…`, as on the page.
    private static func reasons(_ path: String) throws -> Set<String> {
        let lines = try source(path).split(separator: "\n", omittingEmptySubsequences: false)
        let block = lines.drop { !$0.contains("var reason: String {") }
        let indentation = block.first?.prefix { $0 == " " } ?? ""
        let text = block.prefix { $0 != indentation + "}" }.joined(separator: "\n")
        let found = words(#/: "([a-z0-9_]+(?:\\\([^)]*\))?)"/#, in: text).map { $0.replacing(#/\\\(.*\)/#, with: "…") }
        try #require(!found.isEmpty)
        return Set(found)
    }

    @Test func `it lists every outcome of a login with its status`() throws {
        #expect(try Self.listed("The page of a login") == Set(LoginFailure.allCases.map(\.rawValue)))
        let page = try DocumentationTests.read("Sources/Gateway/Gateway.docc/Refusals.md")
        for failure in LoginFailure.allCases {
            #expect(page.contains("\n| `\(failure.rawValue)` | \(failure.status.rawValue) |"), "\(failure)")
        }
    }

    @Test func `it lists every reason of a login`() throws {
        var reasons = try Self.reasons("Gateway/Login/LoginRequest.swift")
        reasons.formUnion(try Self.reasons("Gateway/Login/LoginParameters.swift"))
        // Made of a parameter's name.
        reasons.insert("code_missing")
        reasons.formUnion(try Self.reasons("Marketplace/Exchange/ExchangeFailure.swift"))
        reasons.formUnion(ExchangeFailure.NonsenseKind.allCases.map(\.rawValue))
        reasons.formUnion(Self.words(#/reason: "([a-z_]+)"/#, in: try Self.source("Gateway/Login")))
        reasons.formUnion(["member_removed", "installation_gone"])
        #expect(try Self.listed("Reasons of a login") == reasons)
    }

    @Test func `it lists every reason of a refused token`() throws {
        var reasons = try Self.reasons("Marketplace/IDToken/IDTokenRefusal.swift")
        reasons.formUnion(try Self.reasons("JOSE/JWSRefusal.swift"))
        reasons.formUnion(try Self.reasons("JOSE/SignatureRefusal.swift"))
        #expect(try Self.listed("Reasons of a refused id_token") == reasons)
    }

    @Test func `it names the words of a refused sign-in address`() throws {
        let page = try DocumentationTests.read("Sources/Gateway/Gateway.docc/Refusals.md")
        let start = try Self.source("Gateway/Login/StartLogin.swift")
        let words = Self.words(#/refused\("([a-z]+)"/#, in: start).union(Self.words(#/word: "([a-z]+)"/#, in: start))
        #expect(words.count == 4)
        let row = try #require(page.split(separator: "\n").first { $0.hasPrefix("| This sign-in address") })
        for word in words { #expect(row.contains("`\(word)`"), "\(word)") }
    }

    private static var code: Regex<(Substring, Substring)> {
        #/(?:JSONReply\.error|refused|failed)\(\s*(?:\.\w+, )?\.?\w+, "([a-z_]+)"/#
    }

    @Test func `it lists every code of a decision`() throws {
        #expect(try Self.listed("Decisions") == Self.words(Self.code, in: try Self.source("Gateway/Decision")))
    }

    @Test func `it lists the codes for programs`() throws {
        var codes = Set<String>()
        for path in ["Login", "Pages", "LimitRequests.swift", "Gateway.swift"] {
            codes.formUnion(Self.words(Self.code, in: try Self.source("Gateway/" + path)))
        }
        #expect(try Self.listed("Other codes for programs") == codes)
    }

    @Test func `it lists every code and reason of a refused webhook`() throws {
        let outcomes = Set(ReceiveWebhook.Outcome.allCases).subtracting([.applied, .repeated, .ignored])
        let words = outcomes.map(\.rawValue) + Webhook.Refusal.allCases.map(\.rawValue)
        #expect(try Self.listed("Webhooks") == Set(words))
    }

    @Test func `it lists every code and reason of a refused call about an installation`() throws {
        let source = try Self.source("Gateway/Installations")
        var words = Self.words(Self.code, in: source).union(InstallationCall.Refusal.allCases.map(\.rawValue))
        words.formUnion(Self.words(#/reason: "([a-z_]+)"/#, in: source))
        // `malformed` and `refused` have other codes in an answer.
        words.formUnion(["bad_request", "forbidden", AnswerInstallationCall.Outcome.keysUnavailable.rawValue])
        let isAnswer: Set<AnswerInstallationCall.Outcome> = [.malformed, .refused, .stored, .repeated, .answered]
        words.formUnion(Set(AnswerInstallationCall.Outcome.allCases).subtracting(isAnswer).map(\.rawValue))
        #expect(try Self.listed("Calls about installations") == words)
    }

    @Test func `it lists every code of the broker with its statuses`() throws {
        let source = try Self.source("Gateway/Broker")
        let found = source.matches(of: #/\(\s*([45]\d\d),\s*"([a-z_]+)"/#).map { (String($0.1), String($0.2)) }
        let fields = try Self.reasons("Marketplace/API/Fields/FieldError.swift").union(["json_…"])
        #expect(try Self.listed("The broker") == fields.union(found.map(\.1)))
        let page = try DocumentationTests.read("Sources/Gateway/Gateway.docc/Refusals.md")
        let rows = page.split(separator: "\n").drop { $0 != "## The broker" }.prefix { $0 != "## The admin listener" }
        for (status, code) in found {
            let row = try #require(rows.first { $0.split(separator: "|")[0].contains("`\(code)`") }, "\(code)")
            #expect(row.contains(status), "\(code) \(status)")
        }
    }

    @Test func `it lists every code of the admin listener`() throws {
        let codes = Self.words(
            #/(?:JSONReply\.error|Refusal)\(\s*\.\w+,\s*"([a-z_]+)"/#, in: try Self.source("Gateway/Administration"))
        #expect(try Self.listed("The admin listener") == codes)
    }

    @Test func `it lists every reason of a malformed request`() throws {
        #expect(try Self.listed("Malformed requests") == Set(MalformedRequest.Reason.allCases.map(\.rawValue)))
    }
}
