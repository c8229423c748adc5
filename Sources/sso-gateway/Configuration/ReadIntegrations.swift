import Gateway
import JOSE
import Marketplace
import SecretMemory
import Untrusted

/// The `integrations` section: one mapping for each integration that is registered with the marketplace.
enum ReadIntegrations {
    static func all(_ section: MappingReader, publicOrigin: WebOrigin?) -> [IntegrationSettings] {
        let names = section.remainingNames
        guard !names.isEmpty else {
            section.missing("", "is missing: at least one integration")
            return []
        }
        var integrations: [IntegrationSettings] = []
        for name in names {
            let reader = section.mapping(name)
            if !isName(name) { reader.missing("", "must be a name of 1 to 32 letters, digits, `-` and `_`") }
            let integration = one(name, reader)
            reader.finish()
            guard let integration else { continue }
            if integrations.contains(where: { $0.callbackPath == integration.callbackPath }) {
                reader.missing("callback_path", "must differ from the other integrations'")
            }
            if integrations.contains(where: { $0.webhookPath == integration.webhookPath }) {
                reader.missing("webhook_path", "must differ from the other integrations'")
            }
            for (key, path) in [("callback_path", integration.callbackPath), ("webhook_path", integration.webhookPath)]
            where Gateway.isOwnAddress(path) {
                reader.missing(key, "must not be an address of the gateway's own")
            }
            let callbacks = (integrations + [integration]).map(\.callbackPath)
            if callbacks.contains(integration.webhookPath)
                || integrations.contains(where: { $0.webhookPath == integration.callbackPath })
            {
                reader.missing("webhook_path", "must not be a callback_path")
            }
            checkStandardPaths(of: integration, beside: integrations, reader)
            if integrations.contains(where: { $0.clientID == integration.clientID }) {
                reader.missing("client_id", "must differ from the other integrations'")
            }
            integrations.append(integration)
        }
        return integrations
    }

    /// The paths of standard logins, and those of the integrations above against them: no route may hide another one.
    private static func checkStandardPaths(
        of integration: IntegrationSettings, beside others: [IntegrationSettings], _ reader: MappingReader
    ) {
        let standard = [integration.oidcPath, integration.oidcCallbackPath].compactMap(\.self)
        if standard.contains(where: Gateway.isOwnAddress) {
            reader.missing("oidc_path", "must not be an address of the gateway's own")
        }
        let plain = (others + [integration]).flatMap { [$0.callbackPath, $0.webhookPath] }
        let theirs = others.flatMap { [$0.oidcPath, $0.oidcCallbackPath].compactMap(\.self) }
        let own = [integration.callbackPath, integration.webhookPath]
        if standard.contains(where: (plain + theirs).contains) || own.contains(where: theirs.contains) {
            reader.missing(
                "oidc_path",
                "with `/callback` below it, must differ from every callback_path, webhook_path and oidc_path")
        }
    }

    private static func one(_ name: String, _ reader: MappingReader) -> IntegrationSettings? {
        let clientID = reader.required("client_id", "the integration's id, `oac_…`") {
            ReadInstallationToken.isToken($0) ? $0 : nil
        }
        let secret = SecretSetting.read("client_secret", reader)
        let previousSecret = SecretSetting.read("previous_client_secret", reader, isRequired: false)
        let slug = reader.required("slug", "the integration's URL slug") { isName($0) ? $0 : nil }
        let callbackPath = reader.value("callback_path", "a path such as `/sso/callback`", plainPath)
        let webhookPath = reader.value("webhook_path", "a path such as `/sso/webhook`", plainPath)
        let oidcPath = reader.value("oidc_path", "a path such as `/sso/oidc`", plainPath)
        let issuer = reader.value("issuer", "an https:// address", outboundURL)
        let jwksURL = reader.value("jwks_url", "an https:// address", outboundURL)
        let algorithms = algorithms(reader)
        let clockSkew = reader.value("clock_skew", "a duration from `0s` to `5m`") {
            $0 == "0s" ? 0 : Units.seconds(IDTokenRules.clockSkews)($0)
        }
        let apiURL = reader.value("api_url", "an https:// address", outboundURL)
        let ssoURL = reader.value("sso_url", "an https:// address", outboundURL)
        let origins = reader.values("origins", "origins such as `https://app.partner.example`", WebOrigin.init) ?? []
        let (unknown, hook) = installations(reader.mapping("installations"))
        let token = ReadInstallationToken.read(reader.mapping("installation_token"))
        let routes = ReadRoutes.read(reader.mapping("routes"))
        guard let clientID, let secret, let slug, let routes else { return nil }
        var settings = IntegrationSettings(
            name: name, clientID: clientID, clientSecret: secret, slug: slug, origins: origins,
            unknownInstallations: unknown, installationToken: token, routes: routes)
        settings.previousClientSecret = previousSecret
        settings.installationHook = hook
        if let callbackPath { settings.callbackPath = callbackPath }
        if let webhookPath { settings.webhookPath = webhookPath }
        settings.oidcPath = oidcPath
        if let issuer { settings.issuer = issuer }
        if let jwksURL { settings.jwksURL = jwksURL }
        if let algorithms { settings.algorithms = algorithms }
        if let clockSkew { settings.clockSkew = clockSkew }
        if let apiURL { settings.apiURL = apiURL }
        if let ssoURL { settings.ssoURL = ssoURL }
        return settings
    }

    /// A name that is listed twice is refused: it was probably meant to be another one.
    private static func algorithms(_ reader: MappingReader) -> Set<SignatureAlgorithm>? {
        let names = SignatureAlgorithm.allCases.map(\.name).joined(separator: ", ")
        guard
            let listed = reader.values("algorithms", "one of \(names)", { SignatureAlgorithm(name: UntrustedText($0)) })
        else {
            return nil
        }
        let algorithms = Set(listed)
        if listed.isEmpty || algorithms.count < listed.count {
            reader.missing("algorithms", "must list at least one algorithm, and none twice")
        }
        return algorithms
    }

    private static func installations(_ section: MappingReader) -> (UnknownInstallations, String?) {
        let unknown = section.value("unknown", "`allow` or `refuse`", UnknownInstallations.init(rawValue:))
        let hook = section.value("hook_url", "an https:// address", outboundURL)
        section.finish()
        return (unknown ?? .allow, hook)
    }

    static func isName(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    private static func plainPath(_ text: String) -> String? {
        guard let path = try? RequestPath(target: text), path.isPlain, path.text == text, !text.hasSuffix("/")
        else { return nil }
        return text
    }

    /// `https://…`, or `http://` to loopback. A query or a trailing slash is refused, because paths are appended.
    static func outboundURL(_ text: String) -> String? {
        guard let scheme = text.firstRange(of: "://"), text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }),
            !text.contains("?"), !text.contains("#"), !text.hasSuffix("/")
        else { return nil }
        let end = text[scheme.upperBound...].firstIndex(of: "/") ?? text.endIndex
        guard let origin = WebOrigin(String(text[..<end])), origin.isSecure || origin.isLoopback else { return nil }
        return text
    }
}
