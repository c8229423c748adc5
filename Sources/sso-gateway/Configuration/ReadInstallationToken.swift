import Gateway
import Marketplace
import SecretMemory

/// The `installation_token` section of an integration: the source of its installations' access tokens.
enum ReadInstallationToken {
    private enum Source: String {
        case store, file
        case configured = "static"
        case clientCredentials = "client_credentials"
    }

    static func read(_ section: MappingReader) -> InstallationTokenSource {
        guard section.isPresent else { return .none }
        let source = section.required(
            "source", "`store`, `static`, `file` or `client_credentials`", Source.init(rawValue:))
        let tokens = section.mapping("tokens")
        let path = section.text("path")
        let url = section.value("token_url", "an https:// address", ReadIntegrations.outboundURL)
        let parameters = section.mapping("parameters")
        defer { section.finish() }
        guard let source else { return .none }
        let given = [
            ("tokens", tokens.isPresent, Source.configured), ("path", path != nil, .file),
            ("token_url", url != nil, .clientCredentials), ("parameters", parameters.isPresent, .clientCredentials),
        ]
        for (name, isPresent, owner) in given where isPresent && owner != source {
            section.missing(name, "belongs to `source: \(owner.rawValue)`")
        }
        switch source {
        case .store: return .store
        case .configured: return .configured(read(tokens, section))
        case .file:
            guard let (text, node) = path else {
                section.missing("path", "is missing: a JSON file of installation ids with their access tokens")
                return .none
            }
            let file = TokenFileOnDisk(path: text, shownAs: ShownValue.of(node))
            if let trouble = file.entry(of: "").trouble { section.list.add(node, section.path("path"), trouble) }
            return .file(file)
        case .clientCredentials:
            if url == nil { section.missing("token_url", "is missing: the marketplace's token endpoint") }
            return .clientCredentials(url: url ?? "", parameters: read(parameters: parameters))
        }
    }

    private static func read(_ map: MappingReader, _ section: MappingReader) -> [String: SecretBytes] {
        if !map.isPresent { section.missing("tokens", "is missing: installation ids with their access tokens") }
        var tokens: [String: SecretBytes] = [:]
        for id in map.remainingNames {
            if let token = map.value(id, "an access token", isSecret: true, { isToken($0) ? SecretBytes($0) : nil }) {
                tokens[id] = token
            }
        }
        return tokens
    }

    private static func read(parameters map: MappingReader) -> [(name: String, value: String)] {
        map.remainingNames.compactMap { name in
            if ["grant_type", "client_id", "client_secret"].contains(name) {
                map.missing(name, "is always sent: remove it here")
            }
            return map.text(name).map { (name, $0.text) }
        }
    }

    /// Printable ASCII without blanks, which needs no escape in a header or in JSON.
    static func isToken(_ text: String) -> Bool { GrantedToken.isUsable(SecretBytes(text)) }
}
