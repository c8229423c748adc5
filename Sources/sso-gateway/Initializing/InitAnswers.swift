import Gateway
import SecretMemory

/// What `init` cannot know. The readers refuse what the configuration's own readers refuse, and what is easily mixed up.
struct InitAnswers {
    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    var clientID: String
    var slug: String
    var clientSecret: SecretBytes
    var publicURL: WebOrigin
    var proxy: ProxyKind

    static func clientID(_ text: String) throws(Refusal) -> String {
        let isPlain = text.utf8.allSatisfy { byte in ReadIntegrations.isName(String(decoding: [byte], as: UTF8.self)) }
        guard text.hasPrefix("oac_"), (5...128).contains(text.utf8.count), isPlain else {
            throw Refusal(description: "an integration's id begins with oac_ and has letters and digits")
        }
        return text
    }

    static func slug(_ text: String) throws(Refusal) -> String {
        guard !text.hasPrefix("oac_") else {
            throw Refusal(description: "this is the integration's id; the slug is the name in its address")
        }
        guard ReadIntegrations.isName(text) else {
            throw Refusal(description: "a slug has 1 to 32 letters, digits, - and _")
        }
        return text
    }

    /// The reason does not show the secret.
    static func clientSecret(_ secret: SecretBytes) throws(Refusal) -> SecretBytes {
        guard SecretSetting.isSecret(secret) else {
            throw Refusal(description: "a client secret has 1 to 4096 printable characters without blanks")
        }
        return secret
    }

    static func publicURL(_ text: String) throws(Refusal) -> WebOrigin {
        guard let origin = WebOrigin(text) else {
            throw Refusal(
                description: "it is https:// and a host in small letters, without a path or a slash at the end")
        }
        guard origin.isSecure || origin.isLoopback else {
            throw Refusal(description: "browsers keep the session for https:// only (http:// is for this machine)")
        }
        return origin
    }

    static func proxy(_ text: String) throws(Refusal) -> ProxyKind {
        if let proxy = ProxyKind(rawValue: text) { return proxy }
        let names = ProxyKind.allCases.map(\.rawValue)
        let hint = ClosestName.to(text, among: names).map { "; did you mean \($0)?" } ?? ""
        throw Refusal(description: "it is one of \(names.joined(separator: ", "))\(hint)")
    }
}
