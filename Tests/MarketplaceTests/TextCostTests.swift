import HTTP
import JOSE
import SecretMemory
import TestSupport
import Testing
import Untrusted

@testable import Marketplace

/// What a text may cost in whatever the marketplace signs and answers. In the table, `$` is where the text stands.
@Suite struct TextCostTests {
    struct Place: Sendable, CustomTestStringConvertible {
        enum Document: Sendable {
            case header, claims, keys, exchange(HTTPStatus), account, member, cacheControl
            case refund, invoice, failure
        }

        let document: Document
        let template: String
        var testDescription: String { "\(document) \(template)" }
    }

    private static func claims(_ name: UntrustedText) -> String {
        let payload = TokenWorld.payload([name: .string("$")])
        return String(decoding: payload.encoded, as: UTF8.self)
    }

    private static let places: [Place] =
        ([
            "iss", "aud", "sub", "account_id", "installation_id", "user_id", "user_role", "user_name", "user_email",
            "type",
        ] as [UntrustedText]).map { Place(document: .claims, template: claims($0)) } + [
            Place(document: .claims, template: #"{"$":1}"#),
            Place(document: .header, template: #"{"alg":"ES256","kid":"k0","$":1}"#),
            Place(document: .header, template: #"{"alg":"ES256","kid":"$"}"#),
            Place(document: .header, template: #"{"alg":"$","kid":"k0"}"#),
            Place(document: .header, template: #"{"alg":"ES256","kid":"k0","typ":"$"}"#),
            Place(document: .keys, template: #"{"keys":[{"$":1}],"$":1}"#),
            Place(document: .keys, template: #"{"keys":[{"kty":"$"}]}"#),
            Place(document: .keys, template: #"{"keys":[{"kty":"EC","kid":"$","alg":"$","crv":"$","use":"$"}]}"#),
            Place(document: .keys, template: #"{"keys":[{"kty":"EC","crv":"P-256","key_ops":["$","verify","$"]}]}"#),
            Place(document: .exchange(.ok), template: #"{"id_token":"$"}"#),
            Place(document: .exchange(.ok), template: #"{"$":1,"error":"$"}"#),
            Place(document: .exchange(.badRequest), template: #"{"error":{"code":"$"}}"#),
            Place(document: .account, template: #"{"name":"$","url":"$","$":1}"#),
            Place(document: .member, template: #"{"id":"$","$":1}"#),
            Place(document: .member, template: #"{"id":"0123ab","role":"$"}"#),
            Place(document: .refund, template: #"{"$":1,"$":2}"#),
            Place(document: .refund, template: #"{"action":"refund","reason":"$","total":"1"}"#),
            Place(document: .refund, template: #"{"action":"$"}"#),
            Place(document: .refund, template: #"{"action":"refund","reason":"","total":"$"}"#),
            Place(document: .invoice, template: #"{"items":[],"externalId":"$","memo":"$","invoiceDate":"$"}"#),
            Place(document: .failure, template: #"{"error":{"code":"$","message":"$"},"$":1}"#),
            Place(document: .cacheControl, template: "$"),
            Place(document: .cacheControl, template: "max-age=$, no-$"),
        ]

    private static let world = TokenWorld()
    private static let endpoint = KeyEndpoint()

    private static func read(_ document: Place.Document, _ text: String) async {
        let token = SecretBytes("token")
        switch document {
        case .header:
            let header = Base64URL.encode(Array(text.utf8))
            guard let token = try? UnverifiedIDToken(SecretBytes(header + ".e30.c2ln")) else { return }
            _ = await world.judge(token)
        case .claims:
            let signed = SignJWS.compact(
                header: ["alg": .string("ES256"), "kid": .string("k0")], payload: Array(text.utf8),
                with: TokenWorld.keys[0], by: .es256)
            guard let token = try? UnverifiedIDToken(signed) else { return }
            _ = await world.judge(token)
        case .keys: _ = try? JWKSet(parsing: SecretBytes(text))
        case .exchange(let status):
            let response = HTTPClientResponse(status: status, headers: [:], body: SecretBytes(text))
            _ = try? ExchangeResponse.idToken(in: response)
        case .account:
            endpoint.answer(text: text)
            let lookup = AccountLookup(apiURL: "https://api.example.test", client: endpoint)
            _ = await lookup.account(installation: "icfg_1", token: token)
        case .member:
            endpoint.answer(text: text)
            let lookup = MemberLookup(apiURL: "https://api.example.test", client: endpoint)
            _ = await lookup.member("0123ab", installation: "icfg_1", token: token)
        case .refund: _ = try? Refund(parsing: SecretBytes(text))
        case .invoice: _ = try? Invoice(parsing: SecretBytes(text))
        case .failure:
            let response = HTTPClientResponse(status: .conflict, headers: [:], body: SecretBytes(text))
            _ = APIError(response, of: .submitInvoice)
        case .cacheControl: _ = KeySetFreshness(fetchedAt: 0, cacheControl: UntrustedText(text), refreshPercent: 80)
        }
    }

    @Test(arguments: places, [CostlyText.Spelling.raw, .json])
    func `RT-100: text costs at most four times what as many letters cost`(
        place: Place, spelling: CostlyText.Spelling
    ) async {
        Self.world.endpoint.answer(TokenWorld.published([0]))
        let complaints = await CostlyText.complaints(spelling) { text in
            await Self.read(place.document, place.template.replacing("$", with: String(decoding: text, as: UTF8.self)))
        }
        #expect(complaints.isEmpty, "\(complaints.joined(separator: "\n"))")
    }
}
