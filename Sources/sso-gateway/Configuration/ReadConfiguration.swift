import Gateway
import HTTP
import MicroHTTPServer
import SecretMemory
import Yams

/// Reads the configuration file: all mistakes at once, and nothing half understood.
struct ReadConfiguration {
    let path: String
    let environment: [String: String]

    func read() throws(InvalidConfiguration) -> Configuration {
        try read(noting: MistakeList(file: path))
    }

    /// `list` is told of every key that is asked for, whatever the file says.
    func read(noting list: MistakeList) throws(InvalidConfiguration) -> Configuration {
        let document: Node?
        do {
            document = try Yams.compose(yaml: try ReadFile.text(path))
        } catch let error as YamlError {
            throw InvalidConfiguration(mistakes: [Self.mistake(error, path)])
        } catch {
            throw InvalidConfiguration(mistakes: [Mistake(file: path, line: 0, key: "", message: "\(error)")])
        }
        guard let document, document.mapping != nil else {
            let message = "must be a YAML mapping; see the settings in the README"
            throw InvalidConfiguration(mistakes: [Mistake(file: path, line: 0, key: "", message: message)])
        }
        let root = MappingReader(document, key: "", list: list, environment: environment)
        let configuration = Self.configuration(root)
        root.finish()
        guard list.mistakes.isEmpty, let configuration else {
            throw InvalidConfiguration(mistakes: list.mistakes.sorted { $0.line < $1.line })
        }
        return configuration
    }

    private static func configuration(_ root: MappingReader) -> Configuration? {
        let origin = publicOrigin(root)
        let listen = root.value("listen", "`address:port` or `unix:/path`", ListenAddress.init(setting:))
        let adminToken = SecretSetting.readFile("admin_token", root)
        let adminListen = root.value(
            "admin_listen", "a loopback `address:port` or `unix:/path`; another address needs admin_token_file"
        ) { text in
            ListenAddress(setting: text).flatMap { $0.isLocal || adminToken != nil ? $0 : nil }
        }
        if let listen, let adminListen, listen.overlaps(adminListen) {
            root.missing("admin_listen", "is the address of `listen`: the two listeners need one each")
        }
        let keyRing = keyRing(root)
        let store = root.value("store", "`memory` or `sqlite:/path`", StoreSetting.init)
        let trusted = root.values("trusted_proxies", "addresses or CIDR blocks, not all there are") {
            IPNetwork($0).flatMap { $0.holdsEveryAddress ? nil : $0 }
        }
        let session = ReadSections.session(root.mapping("session"))
        let members = ReadSections.members(root.mapping("members"))
        let confirm = ReadSections.login(root.mapping("login"))
        let headers = root.value(
            "headers", "`auth-request`, `remote` or `forwarded`", IdentityHeaderFamily.init(rawValue:))
        let rules = ReadRules.table(root)
        let integrations = ReadIntegrations.all(root.mapping("integrations"), publicOrigin: origin)
        let brokerSection = root.mapping("broker")
        var broker = ReadBroker.read(
            brokerSection, integrations: integrations.map(\.name),
            listeners: [listen ?? Self.usualListen, adminListen ?? Self.usualAdminListen])
        let credits = ReadCredits.read(
            root.mapping("credits"), hasBroker: brokerSection.isPresent,
            ownOrigins: [origin].compactMap(\.self) + integrations.flatMap(\.origins))
        let caFile = root.value("ca_file", "a readable PEM file with a certificate") { path in
            (try? ReadFile.plainText(path))?.contains("-----BEGIN CERTIFICATE-----") == true ? path : nil
        }
        let shutdown = root.value("shutdown_timeout", "a duration such as `10s`", Units.seconds)
        let loops = root.value("event_loops", "a number from 1 to 64") { Int($0).flatMap { 1...64 ~= $0 ? $0 : nil } }
        let connections = ReadSections.connections(root.mapping("connections"))
        let allowOld = root.value("allow_old_http_library", "`true` or `false`", Bool.init)
        broker?.settings.credits = credits
        guard let origin, let (keyRingPath, ring) = keyRing, !integrations.isEmpty else { return nil }
        return Configuration(
            gateway: GatewaySettings(
                publicOrigin: origin, trustedProxies: trusted ?? GatewaySettings.loopback, session: session,
                members: members, confirm: confirm, headers: headers ?? .authRequest, rules: rules,
                integrations: integrations, broker: broker?.settings),
            listen: listen ?? usualListen, adminListen: adminListen ?? usualAdminListen,
            adminToken: adminToken, brokerListen: broker?.listen, keyRing: ring, keyRingPath: keyRingPath,
            store: store ?? .memory, caFile: caFile,
            shutdownTimeout: .seconds(shutdown ?? 10),
            eventLoops: loops ?? 1, connections: connections, allowOldHTTPLibrary: allowOld ?? false)
    }

    private static let usualListen = ListenAddress.tcp(host: "127.0.0.1", port: 4180)
    private static let usualAdminListen = ListenAddress.tcp(host: "127.0.0.1", port: 4181)

    private static func publicOrigin(_ root: MappingReader) -> WebOrigin? {
        root.required(
            "public_url", "an https:// origin without a path (http:// only for a loopback host, to try things out)"
        ) { text in
            WebOrigin(text).flatMap { $0.isSecure || $0.isLoopback ? $0 : nil }
        }
    }

    private static func keyRing(_ root: MappingReader) -> (String, KeyRing)? {
        guard let (path, node) = root.text("key_ring") else {
            root.missing("key_ring", "is missing: the path of a key ring; `sso-gateway keys generate` makes one")
            return nil
        }
        do { return (path, try KeyRingOnDisk.load(path, shownAs: ShownValue.of(node)).ring) } catch {
            root.list.add(node, "key_ring", error.message)
            return nil
        }
    }

    private static func mistake(_ error: YamlError, _ path: String) -> Mistake {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return Mistake(file: path, line: mark.line, key: "", message: "is not YAML: \(problem)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            let names = duplicates.joined(separator: ", ")
            return Mistake(file: path, line: context.mark.line, key: "", message: "has a key twice: \(names)")
        // The whole description would quote the line.
        case .reader(let problem, _, _, _):
            return Mistake(file: path, line: 0, key: "", message: "is not YAML: \(problem)")
        default:
            return Mistake(file: path, line: 0, key: "", message: "is not YAML")
        }
    }
}
