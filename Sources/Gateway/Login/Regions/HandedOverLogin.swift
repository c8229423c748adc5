import HTTP
import Marketplace
import Untrusted

/// A login that another region finishes: the verified member, and where the login leads.
struct HandedOverLogin: Sendable, Equatable {
    /// Of all targets together. The cookie with a login must fit into a request's head. In bytes.
    static let maximumTargets = 512
    private static let maximumAvatar = 256

    let member: VerifiedMember
    /// Of the integration: another one may have the same name in the other region.
    let clientID: String
    let course: LoginCourse

    /// The largest part that fits. `targetsFit`: false where all targets were left out, because a login must not fail because of
    /// them.
    static func fitting(_ member: VerifiedMember, clientID: String, _ course: LoginCourse) -> (
        login: HandedOverLogin, targetsFit: Bool
    ) {
        var course = course
        let size = course.deepLink.values.reduce(course.target.utf8.count) {
            $0 + $1.name.utf8.count + $1.value.utf8.count
        }
        let fit = size <= maximumTargets
        if !fit { (course.target, course.deepLink) = ("", DeepLink([:])) }
        return (HandedOverLogin(member: member, clientID: clientID, course: course), fit)
    }

    func write(to writer: inout SealedFieldWriter) {
        for text in [
            member.key.integration, clientID, member.key.installationID, member.key.userID, member.accountID,
            member.role.rawValue, member.name, member.email,
            member.avatarURL.utf8.count <= Self.maximumAvatar ? member.avatarURL : "", course.flow ?? "", course.target,
        ] { writer.put(text) }
        let values = course.deepLink.values
        writer.put([course.isInitiated ? 1 : 0, UInt8(values.count)])
        for (name, value) in values {
            writer.put(name)
            writer.put(value)
        }
    }

    init?(from reader: inout SealedFieldReader) {
        guard let integration = reader.text(), let clientID = reader.text(), let installation = reader.identifier(),
            let user = reader.identifier(), let account = reader.identifier(),
            let role = reader.text().flatMap(MemberRole.init), let name = reader.text(), let email = reader.text(),
            let avatar = reader.text(), let flow = reader.text(), let target = reader.text(),
            let counts = reader.field(), counts.count == 2
        else { return nil }
        var values: [String: String] = [:]
        for _ in 0..<counts[counts.startIndex + 1] {
            guard let name = reader.text(), let value = reader.text() else { return nil }
            values[name] = value
        }
        member = VerifiedMember(
            key: MemberKey(integration: integration, installationID: installation, userID: user),
            accountID: account, role: role, name: name, email: email, avatarURL: avatar)
        self.clientID = clientID
        course = LoginCourse(
            flow: flow.isEmpty ? nil : flow, deepLink: DeepLink(values), target: target,
            isInitiated: counts[counts.startIndex] == 1)
    }

    private init(member: VerifiedMember, clientID: String, course: LoginCourse) {
        self.member = member
        self.clientID = clientID
        self.course = course
    }
}

extension SealedFieldReader {
    fileprivate mutating func identifier() -> String? {
        text().flatMap { MarketplaceIdentifier.read(UntrustedText($0)) }
    }
}
