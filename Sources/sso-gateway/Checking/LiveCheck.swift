import CurlHTTPClient
import Gateway
import HTTP
import Locking

/// Tries what logins need from other servers. It spends nothing: no code, no installation and no session.
struct LiveCheck {
    static let timeout = Duration.seconds(8)

    let configuration: Configuration
    let client: any HTTPClient
    let clock: Clock
    /// Send a made-up code with the client secret.
    let triesCredentials: Bool
    /// For progress.
    var onFinding: @Sendable (LiveFinding) -> Void = { _ in }

    static func run(
        _ configuration: Configuration, triesCredentials: Bool,
        onFinding: @escaping @Sendable (LiveFinding) -> Void = { _ in }
    ) async throws -> [LiveFinding] {
        let client = try CurlHTTPClient(ClientSettings(configuration, connections: 8))
        defer { client.stop() }
        return await LiveCheck(
            configuration: configuration, client: client, clock: .system, triesCredentials: triesCredentials,
            onFinding: onFinding
        ).findings()
    }

    func findings() async -> [LiveFinding] {
        var findings: [LiveFinding] = []
        for integration in configuration.gateway.integrations { findings += await self.findings(integration) }
        return findings
    }

    private func findings(_ integration: IntegrationSettings) async -> [LiveFinding] {
        let notes = Locked<[LiveFinding]>([])
        let note: Note = { [onFinding] check, result, message in
            let finding = LiveFinding(
                integration: integration.name, check: check, result: result, message: message)
            notes.withLock { $0.append(finding) }
            onFinding(finding)
        }
        noteAudience(integration, note)
        await checkKeys(integration, note)
        await checkDiscovery(integration, note)
        await checkTokenEndpoint(integration, note)
        await checkInstallationToken(integration, note)
        await checkLoginAddress(integration, note)
        if let hook = integration.installationHook { _ = await reach("hook_url", hook, note) }
        return notes.withLock { $0 }
    }

    typealias Note = @Sendable (_ check: String, _ result: LiveFinding.Result, _ message: String) -> Void

    /// Sends HEAD, which changes nothing at the other side. Any answer proves the name, the connection and TLS.
    /// Returns the status.
    func reach(_ check: String, _ url: String, _ note: Note) async -> Int? {
        let watched = WatchedClient(client)
        _ = try? await watched.send(HTTPClientRequest(.head, url, timeout: Self.timeout))
        return Self.noteReached(check, url, watched.last, note)
    }

    static func noteReached(_ check: String, _ url: String, _ seen: WatchedClient.Seen, _ note: Note) -> Int? {
        if let (error, detail) = seen.failure {
            note(check, .failed, "\(host(url)): \(words(error))\(detail.isEmpty ? "" : " (\(detail))")")
            return nil
        }
        let security = url.hasPrefix("https:") ? "the certificate is valid" : "connected, on this machine"
        let status = seen.status ?? 0
        note(check, status >= 500 ? .warning : .ok, "\(host(url)): \(security), status \(status)")
        return status
    }

    private static func words(_ error: HTTPClientError) -> String {
        switch error {
        case .cannotResolve: "the name does not resolve"
        case .cannotConnect: "no connection"
        case .tlsRefused: "TLS failed"
        case .timedOut: "no answer in time"
        case .tooLarge: "the answer is too large"
        case .broken: "the connection broke"
        case .urlRefused, .headerRefused, .stopped, .cancelled: "not sent"
        }
    }

    /// Host and port.
    static func host(_ url: String) -> String {
        guard let start = url.firstRange(of: "://")?.upperBound else { return url }
        return String(url[start...].prefix { $0 != "/" && $0 != "?" })
    }
}
