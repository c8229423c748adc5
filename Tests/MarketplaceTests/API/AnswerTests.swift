import JOSE
import Testing
import Untrusted

@testable import Marketplace

@Suite struct `An answer's body` {
    private func refusal(_ answer: GoldenAnswer, _ json: JSONValue) -> FieldError? {
        do {
            _ = try answer.type.init(json, at: .answer)
            return nil
        } catch { return error }
    }

    private func closedPaths(_ answer: GoldenAnswer) throws -> [JSONTree.Path] {
        try JSONTree.paths(in: answer.json).filter { path in
            let text = JSONTree.text(path)
            return !answer.open.contains { text.hasPrefix("\($0).") || text.hasPrefix("\($0)[") }
        }
    }

    @Test(arguments: GoldenAnswer.all) func `is read whole`(_ answer: GoldenAnswer) throws {
        #expect(JSONTree.text(of: try answer.type.init(answer.json, at: .answer).json) == answer.text)
    }

    @Test(arguments: GoldenAnswer.all) func `may have unknown fields anywhere`(
        _ answer: GoldenAnswer
    ) throws {
        for path in try [[]] + closedPaths(answer) {
            let changed = JSONTree.changing(try answer.json, at: path) { value in
                guard case .object(let object) = value else { return value }
                return .object(JSONObject(object.members + [("zzz", .array([.null]))]))
            }
            #expect(refusal(answer, changed) == nil)
        }
    }

    @Test(arguments: GoldenAnswer.all) func `may leave out or null what is optional`(_ answer: GoldenAnswer) throws {
        for change in [JSONValue.null, nil] {
            var required: Set<String> = []
            for path in try closedPaths(answer) {
                guard case .member = path.last, !answer.open.contains(JSONTree.text(path)) || change == nil else {
                    continue
                }
                let changed = JSONTree.changing(try answer.json, at: path) { _ in change }
                guard let refusal = refusal(answer, changed) else { continue }
                required.insert(JSONTree.text(path))
                #expect(refusal.problem == .missing)
            }
            #expect(required.subtracting(answer.open).isSubset(of: answer.required))
            if change == nil { #expect(answer.required.isSubset(of: required)) }
        }
    }

    @Test func `may have an unknown state`() throws {
        let golden = try GoldenAnswer.all[1].json
        let json = JSONTree.changing(golden, at: [.member("state")]) { _ in .string("disputed") }
        #expect(try KnownInvoice(json, at: .answer).state == .other("disputed"))
        #expect(try KnownInvoice(golden, at: .answer).state == .known(.refundRequested))
    }

    @Test func `of a purchase is one of three kinds`() throws {
        func answer(_ text: String) throws -> CreditPurchaseAnswer {
            try CreditPurchaseAnswer(try JSONValue.parse(Array(text.utf8)), at: .answer)
        }
        guard case .purchaseIntent(let intent) = try answer(GoldenAnswer.all[7].text) else {
            Issue.record("no intent")
            return
        }
        #expect(intent.total == "10" && intent.currency == .known(.usd) && intent.dispute?.reason == .null)
        guard
            case .orbSubscriptionIntent(let subscription) =
                try answer(#"{"orbSubscriptionIntent":\#(GoldenAnswer.all[8].text)}"#)
        else { Issue.record("no subscription"); return }
        #expect(subscription.id == "orbsubint_1" && subscription.purchaseIntentId == "pur_1")
        let error = #expect(throws: FieldError.self) { try answer("{}") }
        #expect(error == FieldError("checkoutSessionId", .missing))
    }
}
