import JOSE
import Marketplace
import SecretMemory
import Untrusted

/// A webhook, read strictly: `{id, type, createdAt, payload}`.
///
/// <https://vercel.com/docs/webhooks/webhooks-api>
struct Webhook: Sendable, Equatable {
    enum Effect: Sendable, Equatable {
        /// Nil for a removed member.
        case memberChanged(userID: String, installationID: String, role: MemberRole?)
        case installationRemoved(String)
        /// It belongs to another account now, with other members.
        case installationTransferred(String, toAccount: String?)
        /// Not about sessions.
        case none
    }

    /// Why a body is refused, in the order of the checks. Its signature was good, so the marketplace has changed its format,
    /// or a secret has leaked.
    enum Refusal: String, Error, Sendable, CaseIterable {
        case json, id, type, created, payload, installation, member, role
    }

    /// Large enough for a removal, which lists every project of a team. In bytes.
    static let maximumSize = 1 << 20

    /// 1 to 256 bytes.
    let id: String
    let type: String
    /// In milliseconds since 1970.
    let createdAt: Int64
    let effect: Effect

    /// Deprecated names have dashes instead of dots.
    private static let memberChanged: [UntrustedText] = ["marketplace.member.changed", "marketplace-member-changed"]
    private static let removed: [UntrustedText] = [
        "integration-configuration.removed", "integration-configuration-removed",
    ]
    private static let transferred: [UntrustedText] = [
        "integration-configuration.transferred", "integration-configuration-transferred",
    ]

    init(_ body: SecretBytes) throws(Refusal) {
        guard let object = try? JSONObject(parsing: body) else { throw .json }
        guard let id = object["id"]?.text, (1...256).contains(id.count), !id.bytes.contains(0) else { throw .id }
        guard let type = object["type"]?.text, (1...128).contains(type.count) else { throw .type }
        guard let created = object["createdAt"].flatMap(Self.milliseconds) else { throw .created }
        (self.id, self.type, createdAt) = (id.string, type.string, created)
        guard (Self.memberChanged + Self.removed + Self.transferred).contains(type) else {
            effect = .none
            return
        }
        guard case .object(let payload)? = object["payload"] else { throw .payload }
        let installation = try Self.installation(payload)
        if Self.removed.contains(type) {
            effect = .installationRemoved(installation)
        } else if Self.transferred.contains(type) {
            effect = .installationTransferred(
                installation, toAccount: payload["newAccountId"]?.text.flatMap(MarketplaceIdentifier.read))
        } else {
            effect = try Self.memberChange(payload, installation)
        }
    }

    private static func memberChange(_ payload: JSONObject, _ installation: String) throws(Refusal) -> Effect {
        guard let user = payload["memberId"]?.text.flatMap(MarketplaceIdentifier.read) else { throw .member }
        guard let role = payload["role"]?.text else { throw .role }
        if role == "NONE" { return .memberChanged(userID: user, installationID: installation, role: nil) }
        guard let known = MemberRole(role) else { throw .role }
        return .memberChanged(userID: user, installationID: installation, role: known)
    }

    /// `installationId`, else `configuration.id`; where both are there they must be equal.
    private static func installation(_ payload: JSONObject) throws(Refusal) -> String {
        var named: [String] = []
        if let id = payload["installationId"], id != .null { named.append(try identifier(id)) }
        if case .object(let configuration)? = payload["configuration"], let id = configuration["id"] {
            named.append(try identifier(id))
        }
        // Samples in the documentation show the integration's own id in `installationId`.
        let installations = named.filter { !$0.hasPrefix("oac_") }
        guard let first = installations.first, installations.allSatisfy({ $0 == first }) else { throw .installation }
        return first
    }

    private static func identifier(_ value: JSONValue) throws(Refusal) -> String {
        guard let id = value.text.flatMap(MarketplaceIdentifier.read) else { throw .installation }
        return id
    }

    /// The documentation's samples have a number of milliseconds, its table says a date.
    private static func milliseconds(_ value: JSONValue) -> Int64? {
        switch value {
        case .integer(let number): (0...253_402_300_799_999).contains(number) ? number : nil
        case .string(let text): Timestamp.milliseconds(text)
        default: nil
        }
    }
}

/// A point in time in RFC 3339's format: `2026-11-21T10:43:20.123Z`.
enum Timestamp {
    /// In milliseconds since 1970; nil for any other format. Leap seconds and unknown zones are accepted: the time only
    /// orders webhooks.
    static func milliseconds(_ text: UntrustedText) -> Int64? {
        DateTimeText(text).map { $0.seconds * 1000 + $0.nanoseconds / 1_000_000 }
    }
}
