import JOSE
import SecretMemory
import Testing
import Untrusted

@testable import Marketplace

@Suite struct `A request's body` {
    private func read(_ body: GoldenBody, _ text: String) throws -> any RequestBody {
        try #require(body.operation.body).init(parsing: SecretBytes(text))
    }

    private func refusal(_ body: GoldenBody, _ text: String) throws -> FieldError? {
        do {
            _ = try read(body, text)
            return nil
        } catch let error as FieldError { return error }
    }

    @Test func `is tried for every operation that has one`() {
        let tried = Set(GoldenBody.all.map(\.operation))
        #expect(tried == Set(APIOperation.all.filter { $0.body != nil }))
    }

    @Test(arguments: GoldenBody.all) func `is sent as the reference has it`(_ body: GoldenBody) throws {
        #expect(try read(body, body.text).encoded.exposedText?.string == body.text)
    }

    @Test(arguments: GoldenBody.all) func `names each required field that is missing`(_ body: GoldenBody) throws {
        var required: Set<String> = []
        for path in try body.closedPaths {
            guard case .member = path.last else { continue }
            let text = JSONTree.text(of: JSONTree.changing(try body.json, at: path) { _ in nil })
            guard let refusal = try refusal(body, text) else { continue }
            #expect(refusal == FieldError(JSONTree.text(path), .missing))
            required.insert(JSONTree.text(path))
        }
        #expect(required == body.required)
    }

    @Test(arguments: GoldenBody.all) func `names each field of another type`(_ body: GoldenBody) throws {
        for path in try body.closedPaths {
            let text = JSONTree.text(path)
            // Anything may stand for the open plan's other fields.
            guard !body.open.contains(text) || text.hasSuffix("metadata") || text.hasSuffix("extras") else { continue }
            let changed = JSONTree.changing(try body.json, at: path) { value in
                if case .bool = value { .string("true") } else { .bool(true) }
            }
            let refusal = try #require(try refusal(body, JSONTree.text(of: changed)), "\(text)")
            #expect(refusal.path == text && refusal.reason == "wrong_type")
        }
    }

    @Test(arguments: GoldenBody.all) func `has null where the reference has it and nowhere else`(
        _ body: GoldenBody
    ) throws {
        for path in try body.closedPaths {
            let text = JSONTree.text(path)
            let changed = JSONTree.changing(try body.json, at: path) { _ in .null }
            let isNullable = text == "notification" && [.updateInstallation, .updateResource].contains(body.operation)
            if isNullable || text == "billingPlan.maxResources" {
                #expect(try refusal(body, JSONTree.text(of: changed)) == nil)
            } else {
                #expect(try refusal(body, JSONTree.text(of: changed))?.path == text)
            }
        }
    }

    @Test(arguments: GoldenBody.all) func `names each unknown field`(_ body: GoldenBody) throws {
        for path in try [[]] + body.closedPaths {
            let text = JSONTree.text(path)
            guard case .object = JSONTree.value(at: path, in: try body.json), !body.open.contains(text),
                text != "billingPlan"
            else { continue }
            let changed = JSONTree.changing(try body.json, at: path) { value in
                guard case .object(let object) = value else { return value }
                return .object(JSONObject(object.members + [("zzz", .null)]))
            }
            let name = text.isEmpty ? "zzz" : "\(text).zzz"
            #expect(try refusal(body, JSONTree.text(of: changed)) == FieldError(name, .unknown))
        }
    }

    @Test(arguments: GoldenBody.all) func `names each field that is there twice, at any depth`(
        _ body: GoldenBody
    ) throws {
        for path in JSONTree.paths(in: try body.json) {
            guard case .member = path.last else { continue }
            let text = JSONTree.duplicating(try body.json, at: path[...])
            #expect(try refusal(body, text) == FieldError(JSONTree.text(path), .duplicate))
        }
    }

    @Test(arguments: [
        ("", "json_ends_early", ""), ("[]", "wrong_type", ""), ("null", "wrong_type", ""),
        ("{}x", "json_trailing_bytes", ""),
        (#"{"action":"refund",}"#, "json_unexpected_byte", ""), ("\u{feff}{}", "json_byte_order_mark", ""),
        (#"{"action":"\ud800"}"#, "json_lone_surrogate", "action"), (#"{"action":"cancel"}"#, "wrong_type", "action"),
        (#"{"action":"Refund"}"#, "wrong_type", "action"),
        (#"{"action":"refund","reason":"","total":"1e3"}"#, "wrong_type", "total"),
        (#"{"action":"refund","reason":"","total":12.5}"#, "wrong_type", "total"),
        (#"{"action":"refund","reason":"","total":"-1"}"#, "wrong_type", "total"),
    ])
    func `is refused for what is no body at all, too`(_ text: String, _ reason: String, _ path: String) {
        do {
            _ = try Refund(parsing: SecretBytes(text))
            Issue.record("read")
        } catch {
            #expect(error.reason == reason && error.path == path)
        }
    }

    @Test(arguments: ["1e400", "-1e400", "1e-400", "12345678901234567890", "1e99999999999"])
    func `has no number that would be another one when it is sent`(_ number: String) throws {
        let text = #"{"slug":"s","origin":"o","createdAt":\#(number)}"#
        let error = #expect(throws: FieldError.self) { try ExperimentationItem(parsing: SecretBytes(text)) }
        #expect(error?.path == "createdAt" && error?.reason == "rule")
        let inside = #"{"status":"ready","name":"a","productId":"b","metadata":{"a":[0,\#(number)]}}"#
        let other = #expect(throws: FieldError.self) { try ResourceImport(parsing: SecretBytes(inside)) }
        #expect(other?.path == "metadata.a[1]")
    }

    @Test(
        arguments: [("5", 5), ("5.0", 5), ("5e0", 5), ("5.5", nil), ("1e20", nil), ("\"5\"", nil)] as [(String, Int64?)]
    )
    func `takes a whole number however it is written`(_ number: String, _ value: Int64?) {
        let text = #"{"item":{"type":"credits","creditType":"v0","amount":\#(number)}}"#
        let purchase = try? CreditPurchase(parsing: SecretBytes(text))
        #expect(purchase?.item.amount == value)
        #expect(purchase.map { String(decoding: $0.json.encoded, as: UTF8.self).contains(#""amount":5}"#) } ?? true)
    }

    @Test func `does not show secrets when it is printed`() throws {
        let body = try ResourceSecrets(parsing: SecretBytes(#"{"secrets":[\#(GoldenBody.secret)]}"#))
        var dumped = ""
        dump(body, to: &dumped)
        #expect(!"\(body)\(String(reflecting: body))\(dumped)".contains("postgres"))
    }

    @Test func `keeps the name of an unknown field short and visible in the error`() {
        let name = String(repeating: "n", count: 100_000)
        let error = #expect(throws: FieldError.self) {
            try Refund(parsing: SecretBytes(#"{"\u001b\u202e\#(name)":1,"action":"refund","reason":"","total":"1"}"#))
        }
        #expect(error?.path == String(name.prefix(64)))
        #expect(error.map { "\($0)".utf8.count } ?? 1000 < 200)
    }
}
