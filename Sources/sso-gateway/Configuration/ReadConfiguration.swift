import Gateway
import HTTP
import MicroHTTPServer
import SecretMemory
import Yams

/// Reads the configuration file. The result is the whole configuration or all of its problems.
package struct ReadConfiguration {
    let path: String
    let environment: [String: String]

    package init(path: String, environment: [String: String]) {
        self.path = path
        self.environment = environment
    }

    package func read() throws(InvalidConfiguration) -> Configuration {
        try read(into: ProblemList(file: path))
    }

    /// `list` collects the problems, and every key that this version knows.
    func read(into list: ProblemList) throws(InvalidConfiguration) -> Configuration {
        let (document, text): (Node?, String)
        do {
            text = try ReadFile.text(path)
            document = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw InvalidConfiguration(problems: [Self.problem(error, path)])
        } catch {
            throw InvalidConfiguration(problems: [
                ConfigurationProblem(file: path, line: 0, key: "", message: "\(error)")
            ])
        }
        guard let document, document.mapping != nil else {
            let message = "must be a YAML mapping; see Settings in the manual"
            throw InvalidConfiguration(problems: [ConfigurationProblem(file: path, line: 0, key: "", message: message)])
        }
        let root = MappingReader(document, key: "", list: list, environment: environment)
        let form = Configuration.FileForm(keys: Set(root.remainingNames), hasEndMarker: Self.hasEndMarker(text))
        var configuration = Self.configuration(root)
        root.finish()
        configuration?.form = form
        guard list.problems.isEmpty, let configuration else {
            throw InvalidConfiguration(problems: list.problems.sorted { $0.line < $1.line })
        }
        return configuration
    }

    /// Empty lines and comments may follow the marker.
    private static func hasEndMarker(_ text: String) -> Bool {
        let lines = text.split(whereSeparator: \.isNewline).lazy.map { $0.prefix { $0 != "#" } }
        let last = lines.last { !$0.allSatisfy(\.isWhitespace) } ?? ""
        return last == "..." || last.hasPrefix("... ")
    }

    private static func configuration(_ root: MappingReader) -> Configuration? {
        let origin = publicOrigin(root)
        let listen = root.value("listen", "`address:port` or `unix:/path`", ListenAddress.init(setting:))
        let adminToken = SecretSetting.readFile("admin_token", root)
        let adminListen = root.value(
            "admin_listen", "a loopback `address:port` or `unix:/path`; another address needs admin_token_file"
        ) { text in
            // Without a token, the mode of the socket decides who may administer.
            ListenAddress(setting: text, socketMode: adminToken == nil ? 0o600 : 0o660)
                .flatMap { $0.isLocal || adminToken != nil ? $0 : nil }
        }
        if let listen, let adminListen, listen.overlaps(adminListen) {
            root.missing("admin_listen", "is the address of `listen`: the two listeners need one each")
        }
        let keyRing = keyRing(root)
        let state = StateDirectory(root.environment, keyRing: keyRing?.0)
        let adminSocket = adminSocket(root, state, adminListen ?? defaultAdminListen, hasToken: adminToken != nil)
        if let adminSocket, listen?.overlaps(adminSocket) ?? false || adminListen?.overlaps(adminSocket) ?? false {
            root.missing("admin_socket", "is the address of another listener: each needs its own")
        }
        let store = ReadStore.setting(root)
        let trusted = root.values("trusted_proxies", "addresses or CIDR blocks, not all there are") {
            IPNetwork($0).flatMap { $0.holdsEveryAddress ? nil : $0 }
        }
        let session = ReadSections.session(root.mapping("session"))
        let members = ReadSections.members(root.mapping("members"))
        let login = ReadSections.login(root.mapping("login"))
        let regions = ReadRegions.settings(root.mapping("regions"), publicOrigin: origin, ownRing: keyRing?.1)
        let headers = root.value(
            "headers", "`auth-request`, `remote` or `forwarded`", IdentityHeaderFamily.init(rawValue:))
        let rules = ReadRules.table(root)
        let loggedDecisions = ReadSections.log(root.mapping("log"))
        let (branding, brandingFiles) = ReadBranding.read(root.mapping("branding"))
        let integrations = ReadIntegrations.all(root.mapping("integrations"), publicOrigin: origin)
        let brokerSection = root.mapping("broker")
        var broker = ReadBroker.read(
            brokerSection, integrations: integrations.map(\.name),
            listeners: [listen ?? Self.defaultListen, adminListen ?? Self.defaultAdminListen]
                + [adminSocket].compactMap(\.self))
        let credits = ReadCredits.read(
            root.mapping("credits"), hasBroker: brokerSection.isPresent,
            ownOrigins: [origin].compactMap(\.self) + integrations.flatMap(\.origins))
        let caFile = root.value("ca_file", "a readable PEM file with a certificate") { path in
            (try? ReadFile.plainText(path))?.contains("-----BEGIN CERTIFICATE-----") == true ? path : nil
        }
        let proxy = ReadOutbound.proxy(root.mapping("outbound"))
        let shutdown = root.value("shutdown_timeout", "a duration such as `10s`", Units.seconds)
        let delay = root.value("shutdown_delay", "a duration from 0s to 5m") { text in
            text == "0s" ? 0 : Units.seconds(1...300)(text)
        }
        let loops = root.value("event_loops", "a number from 1 to 64") { Int($0).flatMap { 1...64 ~= $0 ? $0 : nil } }
        let connections = ReadSections.connections(root.mapping("connections"))
        let allowOld = root.value("allow_old_http_library", "`true` or `false`", Bool.init)
        broker?.settings.credits = credits
        guard let origin, let (keyRingPath, ring) = keyRing, !integrations.isEmpty else { return nil }
        return Configuration(
            gateway: GatewaySettings(
                publicOrigin: origin, trustedProxies: trusted ?? GatewaySettings.loopback, session: session,
                members: members, login: login, regions: regions?.settings, headers: headers ?? .authRequest,
                rules: rules, loggedDecisions: loggedDecisions, integrations: integrations, broker: broker?.settings,
                branding: branding),
            listen: listen ?? defaultListen, adminListen: adminListen ?? defaultAdminListen,
            adminSocket: adminSocket, adminToken: adminToken, brokerListen: broker?.listen, keyRing: ring,
            keyRingPath: keyRingPath, regionRingPath: regions?.ringPath,
            store: store ?? .sqlite(state.path(of: "gateway.db")), caFile: caFile, proxy: proxy,
            shutdownTimeout: .seconds(shutdown ?? 10), shutdownDelay: .seconds(delay ?? 0),
            eventLoops: loops ?? 1, connections: connections, allowOldHTTPLibrary: allowOld ?? false,
            branding: brandingFiles)
    }

    private static let defaultListen = ListenAddress.tcp(host: "127.0.0.1", port: 4180)
    private static let defaultAdminListen = ListenAddress.tcp(host: "127.0.0.1", port: 4181)

    /// Without a token and a Unix socket as `admin_listen`, `/admin/` needs a socket of its own.
    private static func adminSocket(
        _ root: MappingReader, _ state: StateDirectory, _ adminListen: ListenAddress, hasToken: Bool
    ) -> ListenAddress? {
        let expected = "`none` or the absolute path of a socket, at most \(ListenAddress.longestPath) bytes"
        if let (text, node) = root.text("admin_socket") {
            if text == "none" { return nil }
            let path = text.hasPrefix("unix:") ? String(text.dropFirst("unix:".count)) : text
            guard path.hasPrefix("/"), path.utf8.count <= ListenAddress.longestPath else {
                root.list.add(node, "admin_socket", "must be \(expected), not `\(ShownValue.of(node))`")
                return nil
            }
            return .unix(path: path, mode: 0o600)
        }
        guard !hasToken, case .tcp = adminListen else { return nil }
        let path = state.path(of: "admin.sock")
        guard path.utf8.count <= ListenAddress.longestPath else {
            root.missing("admin_socket", "must be given: the path \(path) is too long for a socket")
            return nil
        }
        return .unix(path: path, mode: 0o600)
    }

    private static func publicOrigin(_ root: MappingReader) -> WebOrigin? {
        root.required(
            "public_url", "an https:// origin without a path (http:// only for a loopback host, to try things out)"
        ) { text in
            WebOrigin(text).flatMap { $0.isSecure || $0.isLoopback ? $0 : nil }
        }
    }

    /// Also of a section that has a ring of its own.
    static func keyRing(_ section: MappingReader) -> (String, KeyRing)? {
        guard let (path, node) = section.text("key_ring") else {
            section.missing("key_ring", "is missing: the path of a key ring; `sso-gateway keys generate` makes one")
            return nil
        }
        do { return (path, try KeyRingOnDisk.load(path, shownAs: ShownValue.of(node)).ring) } catch {
            section.list.add(node, section.path("key_ring"), error.message)
            return nil
        }
    }

    private static func problem(_ error: YamlError, _ path: String) -> ConfigurationProblem {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return ConfigurationProblem(file: path, line: mark.line, key: "", message: "is not YAML: \(problem)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            let names = duplicates.joined(separator: ", ")
            return ConfigurationProblem(
                file: path, line: context.mark.line, key: "", message: "has a key twice: \(names)")
        // The whole description would quote the line.
        case .reader(let problem, _, _, _):
            return ConfigurationProblem(file: path, line: 0, key: "", message: "is not YAML: \(problem)")
        default:
            return ConfigurationProblem(file: path, line: 0, key: "", message: "is not YAML")
        }
    }
}
