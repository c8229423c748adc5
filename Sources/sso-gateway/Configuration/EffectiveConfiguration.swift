import CurlHTTPClient
import Gateway
import JOSE
import Marketplace
import MicroHTTPServer
import OpenSSLCrypto
import SecretMemory
import Untrusted

/// The configuration with its defaults, in the file's own form. A secret is shown as its length.
package enum EffectiveConfiguration {
    /// SHA-256 of the text, in hexadecimal: gateways with one digest have the same settings, apart from secrets.
    static func digest(_ configuration: Configuration) -> String {
        SHA256.hash(Array(text(configuration).utf8)).hexadecimal
    }

    private static func text(seconds: Int64) -> String { seconds == 0 ? "0s" : Units.text(seconds) }

    package static func text(_ configuration: Configuration) -> String {
        let gateway = configuration.gateway
        var lines = [
            "public_url: \(gateway.publicOrigin)",
            "listen: \(configuration.listen)",
            "admin_listen: \(configuration.adminListen)",
            "admin_socket: \(configuration.adminSocket?.unixPath ?? "none")",
            "trusted_proxies: [\(gateway.trustedProxies.map { "\"\($0)\"" }.joined(separator: ", "))]",
            "key_ring: \(configuration.keyRingPath)  # newest first: "
                + configuration.keyRing.keys.map(\.id).joined(separator: ", "),
            "store: \(configuration.store)"
                + (configuration.store.passwordFile.map { "\nstore_password_file: \($0)" } ?? ""),
            "session: { idle: \(Units.text(gateway.session.idle)), absolute: \(Units.text(gateway.session.absolute)) }",
            "members: { refresh: \(Units.text(gateway.members.refresh)), max_age: "
                + "\(Units.text(gateway.members.maximumAge)), when_unavailable: "
                + "\(gateway.members.whenUnavailable.rawValue) }",
            "login: { confirm: \(gateway.login.confirm.rawValue), "
                + "when_store_unavailable: \(gateway.login.whenStoreUnavailable.rawValue) }",
            "headers: \(gateway.headers.rawValue)",
            "log: { decisions: \(gateway.loggedDecisions) }",
            "shutdown_timeout: \(Units.text(configuration.shutdownTimeout.components.seconds))",
            "shutdown_delay: \(Self.text(seconds: configuration.shutdownDelay.components.seconds))",
            "event_loops: \(configuration.eventLoops)",
            "connections: { total: \(configuration.connections.total), "
                + "per_address: \(configuration.connections.perAddress.map(String.init) ?? "none") }",
            "allow_old_http_library: \(configuration.allowOldHTTPLibrary)",
        ]
        if let token = configuration.adminToken { lines.append("admin_token_file: (\(token.count) bytes)") }
        if let caFile = configuration.caFile { lines.append("ca_file: \(caFile)") }
        if let proxy = configuration.proxy {
            let credentials = proxy.credentials.map { ", proxy_credentials_file: (\($0.text.count) bytes)" } ?? ""
            lines.append("outbound: { proxy: \"\(proxy.url)\"\(credentials) }")
        }
        lines += ["branding:"] + Self.lines(gateway.branding, configuration.branding).map { "  " + $0 }
        if let listen = configuration.brokerListen, let broker = gateway.broker {
            lines += ["broker:"] + Self.lines(broker, listen: listen).map { "  " + $0 }
            lines += Self.lines(broker.credits)
        }
        if let regions = gateway.regions {
            lines += ["regions:"] + Self.lines(regions, configuration.regionRingPath).map { "  " + $0 }
        }
        lines.append("integrations:")
        for integration in gateway.integrations { lines += Self.lines(integration).map { "  " + $0 } }
        lines.append("rules:\(gateway.rules.rules.isEmpty ? " []" : "")")
        lines += gateway.rules.rules.map { "  - \(Self.text($0))" }
        lines.append("default: \(gateway.rules.default.rawValue)")
        return lines.joined(separator: "\n")
    }

    private static func lines(_ branding: Branding, _ files: BrandingFiles) -> [String] {
        var lines: [String] = []
        if let name = branding.name {
            lines.append("name: \"\(name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\"")
        }
        if let path = files.logo, let logo = branding.logo {
            lines.append(
                "logo: \(path)  # \(logo.format.rawValue), \(logo.content.count) bytes, sha256 \(Self.start(SHA256.hash(logo.content)))"
            )
        }
        for (theme, key) in [(AccentColour.Theme.light, "accent"), (.dark, "accent_dark")] {
            if let accent = branding.accent[theme] { lines.append("\(key): \"\(accent)\"") }
        }
        if let support = branding.support { lines.append("support: \(support)") }
        if let path = files.templates {
            lines.append(
                "templates: \(path)  # \(files.templateNames.joined(separator: ", ")), sha256 \(Self.start(files.templatesDigest))"
            )
        }
        return lines
    }

    /// Of a hash, enough to recognise a changed file.
    private static func start(_ hash: [UInt8]) -> String { hash.prefix(6).hexadecimal }

    private static func text(_ credential: BrokerSettings.Client.Credential) -> String {
        switch credential {
        case .tokenDigest(let digest): "token_sha256: (\(digest.count) bytes)"
        case .peerUser(let user): "peer_uid: \(user)"
        }
    }

    private static func lines(_ regions: RegionSettings, _ ringPath: String?) -> [String] {
        let all = ([regions.here] + regions.others).sorted { $0.name < $1.name }
        let homes = all.compactMap { region -> String? in
            let ids = regions.homes.filter { $0.value == region.name }.map(\.key.string).sorted()
            return ids.isEmpty ? nil : "\(region.name): [\(ids.joined(separator: ", "))]"
        }
        return [
            "addresses: { \(all.map { "\($0.name): \($0.origin)" }.joined(separator: ", ")) }"
                + "  # here: \(regions.here.name)",
            "key_ring: \(ringPath ?? "")  # newest first: " + regions.ring.keys.map(\.id).joined(separator: ", "),
            "homes: { \(homes.joined(separator: ", ")) }",
            "unknown: \(regions.unknown)",
        ]
    }

    private static func lines(_ broker: BrokerSettings, listen: ListenAddress) -> [String] {
        let clients = broker.clients.flatMap { client in
            let operations = APIOperation.partners.filter(client.operations.contains).map(\.name)
            let isAll = operations.count == APIOperation.partners.count
            let integrations = client.integrations.map { "[\($0.sorted().joined(separator: ", "))]" } ?? "all"
            return [
                "\(client.name):", "  \(Self.text(client.credential))",
                "  operations: \(isAll ? "all" : "[\(operations.joined(separator: ", "))]")",
                "  integrations: \(integrations)",
            ]
        }
        let rates = ["rate: \(ReadBroker.text(broker.rate))", "client_rate: \(ReadBroker.text(broker.clientRate))"]
        return ["listen: \(listen)"] + rates + ["clients:"] + clients.map { "  " + $0 }
    }

    private static func lines(_ credits: CreditSettings) -> [String] {
        var lines: [String] = []
        if let marketplace = credits.marketplace {
            lines.append("  marketplace: { token: (\(marketplace.token.count) bytes), api_url: \(marketplace.apiURL) }")
        }
        if let checkout = credits.checkout {
            let origins = checkout.origins.sorted().joined(separator: ", ")
            lines.append(
                "  checkout: { token: (\(checkout.token.count) bytes), url: \(checkout.url), origins: [\(origins)] }")
        }
        return lines.isEmpty ? [] : ["credits:"] + lines
    }

    private static func lines(_ integration: IntegrationSettings) -> [String] {
        var lines = [
            "client_id: \(integration.clientID)", "client_secret: (\(integration.clientSecret.count) bytes)",
            "slug: \(integration.slug)", "callback_path: \(integration.callbackPath)",
            "webhook_path: \(integration.webhookPath)", "issuer: \(integration.issuer)",
            "jwks_url: \(integration.jwksURL)",
            "algorithms: [\(integration.algorithms.map(\.name).sorted().joined(separator: ", "))]",
            "clock_skew: \(Units.text(integration.clockSkew))", "api_url: \(integration.apiURL)",
            "sso_url: \(integration.ssoURL)",
            "origins: [\(integration.origins.map(\.description).joined(separator: ", "))]",
            "installations: { unknown: \(integration.unknownInstallations.rawValue)"
                + "\(integration.installationHook.map { ", hook_url: \($0)" } ?? "") }",
        ]
        if let previous = integration.previousClientSecret {
            lines.insert("previous_client_secret: (\(previous.count) bytes)", at: 2)
        }
        if let path = integration.oidcPath { lines.append("oidc_path: \(path)") }
        if let token = Self.text(integration.installationToken) { lines.append("installation_token: { \(token) }") }
        lines.append("routes: { \(Self.text(integration.routes)) }")
        return ["\(integration.name):"] + lines.map { "  " + $0 }
    }

    private static func text(_ source: InstallationTokenSource) -> String? {
        switch source {
        case .none: return nil
        case .store: return "source: store"
        case .file(let file): return "source: file, path: \(file.path)"
        case .configured(let tokens):
            let redacted = tokens.sorted { $0.key < $1.key }.map { "\($0.key): (\($0.value.count) bytes)" }
            return "source: static, tokens: { \(redacted.joined(separator: ", ")) }"
        case .clientCredentials(let url, let parameters):
            // A parameter's value may be a secret.
            let redacted = parameters.map { "\($0.name): (\($0.value.utf8.count) bytes)" }
            return "source: client_credentials, token_url: \(url), parameters: { \(redacted.joined(separator: ", ")) }"
        }
    }

    private static func text(_ routes: DeepLinkRoutes) -> String {
        let single: [(String, RouteTemplate?)] = [
            ("default", routes.default), ("product", routes.product), ("resource", routes.resource),
            ("project", routes.project), ("check", routes.check), ("experimentation_item", routes.experimentationItem),
            ("invoice", routes.invoice),
        ]
        var parts = single.compactMap { name, route in route.map { "\(name): \"\($0)\"" } }
        if !routes.path.isEmpty {
            let areas = routes.path.sorted { $0.key < $1.key }.map { "\($0.key): \"\($0.value)\"" }
            parts.append("path: { \(areas.joined(separator: ", ")) }")
        }
        return parts.joined(separator: ", ")
    }

    static func text(_ rule: RuleTable.Rule) -> String {
        var parts: [String] = []
        if let host = rule.host { parts.append("host: \(host)") }
        if let path = rule.path { parts.append("path: \(path)/") }
        if let methods = rule.methods { parts.append("methods: [\(methods.sorted().joined(separator: ", "))]") }
        switch rule.verdict {
        case .anyone: parts.append("allow: anyone")
        case .roles(let roles): parts.append("roles: [\(roles.map(\.rawValue).sorted().joined(separator: ", "))]")
        }
        if let app = rule.app { parts.append("app: \(app)") }
        return "{ \(parts.joined(separator: ", ")) }"
    }
}
