import Gateway
import HTTP

/// The `credits` section: the credentials with which the broker buys credits, which are no installation's.
enum ReadCredits {
    static func read(_ section: MappingReader, hasBroker: Bool, ownOrigins: [WebOrigin]) -> CreditSettings {
        if section.isPresent, !hasBroker { section.missing("", "is for the broker: give `broker`, too") }
        let settings = CreditSettings(
            marketplace: marketplace(section.mapping("marketplace")),
            checkout: checkout(section.mapping("checkout"), ownOrigins))
        section.finish()
        return settings
    }

    private static func marketplace(_ reader: MappingReader) -> CreditSettings.Marketplace? {
        let token = SecretSetting.read("token", reader, isRequired: reader.isPresent)
        let url = reader.value("api_url", "an https:// address", ReadIntegrations.outboundURL)
        reader.finish()
        guard let token else { return nil }
        return url.map { .init(token: token, apiURL: $0) } ?? .init(token: token)
    }

    private static func checkout(_ reader: MappingReader, _ ownOrigins: [WebOrigin]) -> CreditSettings.Checkout? {
        let token = SecretSetting.read("token", reader, isRequired: reader.isPresent)
        let expected = "the vendor's https:// address"
        let url =
            reader.isPresent
            ? reader.required("url", expected, ReadIntegrations.outboundURL)
            : reader.value("url", expected, ReadIntegrations.outboundURL)
        let origins = reader.values("origins", "origins such as `https://app.partner.example`", WebOrigin.init)
        if origins?.isEmpty == true {
            reader.missing("origins", "must name at least one origin, or be left out for the gateway's own")
        }
        reader.finish()
        guard let token, let url else { return nil }
        return .init(token: token, url: url, origins: Set((origins ?? ownOrigins).map(\.description)))
    }
}
