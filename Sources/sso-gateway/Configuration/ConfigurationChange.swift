import CurlHTTPClient
import Gateway
import OpenSSLCrypto
import SecretMemory

/// The difference between the running configuration and a new one.
struct ConfigurationChange {
    let old: Configuration
    let new: Configuration

    /// Changed settings that need a restart: listeners, the store, and the sessions' lifetimes, because the store keeps
    /// revocations for that long.
    var needingRestart: [String] {
        var keys: [String] = []
        if old.listen != new.listen { keys.append("listen") }
        if old.adminListen != new.adminListen { keys.append("admin_listen") }
        if old.adminSocket != new.adminSocket { keys.append("admin_socket") }
        if old.brokerListen != new.brokerListen { keys.append("broker.listen") }
        if old.eventLoops != new.eventLoops { keys.append("event_loops") }
        if old.connections != new.connections { keys.append("connections") }
        if old.allowOldHTTPLibrary != new.allowOldHTTPLibrary { keys.append("allow_old_http_library") }
        if old.store != new.store { keys.append("store") }
        if old.gateway.session != new.gateway.session { keys.append("session") }
        return keys
    }

    /// What the running file has and the new one lacks. A file that is cut off, by a full disk or while it is written, can
    /// be valid YAML, and without its rules it allows more. So no reload takes a key away.
    var missing: [String] {
        let keys = old.form.keys.subtracting(new.form.keys).sorted()
        let isEndMissing = old.form.hasEndMarker && !new.form.hasEndMarker
        return keys + (isEndMissing ? ["the last line `...`"] : [])
    }

    /// Changed lines of the effective configuration, without secrets: `-` for the old line, `+` for the new one, `~` for
    /// a changed secret.
    var lines: [String] {
        let (before, after) = (Self.lines(old), Self.lines(new))
        let (oldLines, newLines) = (Set(before), Set(after))
        let removed = before.filter { !newLines.contains($0) }.map { "- \($0)" }
        let added = after.filter { !oldLines.contains($0) }.map { "+ \($0)" }
        return (removed + added).map(Self.shown) + changedSecrets.map { "~ \($0): another value" }
    }

    /// Without values that are easily swapped with the secret beside them: the lines go into the log.
    private static func shown(_ line: String) -> String {
        for key in [" client_id: ", " slug: ", " installation_token: "] {
            if let end = line.firstRange(of: key)?.upperBound { return line[..<end] + "(not shown)" }
        }
        return line
    }

    private var changedSecrets: [String] {
        var names: [String] = []
        if Self.differ(old.adminToken, new.adminToken) { names.append("admin_token_file") }
        if Self.differ(old.proxy?.credentials?.text, new.proxy?.credentials?.text) {
            names.append("outbound.proxy_credentials_file")
        }
        names += Self.changedKeys(old.keyRing, new.keyRing).map { "key_ring \($0)" }
        names += Self.changedKeys(old.gateway.regions?.ring, new.gateway.regions?.ring).map { "regions.key_ring \($0)" }
        for client in new.gateway.broker?.clients ?? [] {
            guard let before = old.gateway.broker?.clients.first(where: { $0.name == client.name }) else { continue }
            if case .tokenDigest = before.credential, case .tokenDigest = client.credential,
                before.credential != client.credential
            {
                names.append("broker.clients.\(client.name).token_sha256")
            }
        }
        let (oldCredits, newCredits) = (old.gateway.broker?.credits, new.gateway.broker?.credits)
        if Self.differ(oldCredits?.marketplace?.token, newCredits?.marketplace?.token) {
            names.append("credits.marketplace.token")
        }
        if Self.differ(oldCredits?.checkout?.token, newCredits?.checkout?.token) {
            names.append("credits.checkout.token")
        }
        for integration in new.gateway.integrations {
            guard let before = old.gateway.integrations.first(where: { $0.name == integration.name }) else { continue }
            if Self.differ(before.clientSecret, integration.clientSecret) {
                names.append("\(integration.name).client_secret")
            }
            if Self.differ(before.previousClientSecret, integration.previousClientSecret) {
                names.append("\(integration.name).previous_client_secret")
            }
            if Self.differ(before.installationToken, integration.installationToken) {
                names.append("\(integration.name).installation_token")
            }
        }
        return names
    }

    private static func changedKeys(_ old: KeyRing?, _ new: KeyRing?) -> [String] {
        (new?.keys ?? []).filter { key in differ(old?.keys.first { $0.id == key.id }?.secret, key.secret) }.map(\.id)
    }

    /// Whether both values are present and differ.
    private static func differ(_ one: SecretBytes?, _ other: SecretBytes?) -> Bool {
        guard let one, let other else { return false }
        return !constantTimeEqual(one, other)
    }

    private static func differ(_ one: InstallationTokenSource, _ other: InstallationTokenSource) -> Bool {
        switch (one, other) {
        case (.configured(let tokens), .configured(let others)):
            tokens.contains { differ($0.value, others[$0.key]) }
        case (.clientCredentials(_, let parameters), .clientCredentials(_, let others)):
            parameters.contains { parameter in
                others.contains { $0.name == parameter.name && $0.value != parameter.value }
            }
        default: false
        }
    }

    /// Each line with the sections around it, such as `integrations.live slug: acme`.
    private static func lines(_ configuration: Configuration) -> [String] {
        var sections: [(indent: Int, name: String)] = []
        return EffectiveConfiguration.text(configuration).split(separator: "\n").compactMap { line in
            let indent = line.prefix { $0 == " " }.count
            let text = line.dropFirst(indent)
            sections.removeAll { $0.indent >= indent }
            let path = sections.map(\.name).joined(separator: ".")
            if text.hasSuffix(":") {
                sections.append((indent, String(text.dropLast())))
                return nil
            }
            return path.isEmpty ? String(text) : "\(path) \(text)"
        }
    }
}
