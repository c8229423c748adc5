import Gateway
import Marketplace
import MicroHTTPServer
import TestSupport
import Testing

@testable import sso_gateway

@Suite struct BrokerSettingTests {
    private static let digest = String(repeating: "0a", count: 32)

    private static func read(_ broker: String) throws -> Result<Configuration, InvalidConfiguration> {
        let folder = try TemporaryFolder()
        try KeyRingOnDisk.create(folder.path("keys.json"), now: 0)
        let path = try folder.write(
            "gateway.yaml",
            """
            public_url: https://app.example.test
            key_ring: \(folder.path("keys.json"))
            integrations:
              live: { client_id: oac_Test, client_secret: s, slug: acme, routes: { default: /d } }
            \(broker)

            """)
        do throws(InvalidConfiguration) {
            return .success(try ReadConfiguration(path: path, environment: [:]).read())
        } catch { return .failure(error) }
    }

    private static func client(_ text: String, listen: String = "127.0.0.1:4182") -> String {
        "broker: { listen: \"\(listen)\", clients: { job: { \(text) } } }"
    }

    private static func credits(_ text: String) -> String {
        client("token_sha256: \(digest), operations: all") + "\ncredits: { \(text) }"
    }

    @Test func `without the section there is no broker`() throws {
        let configuration = try Self.read("").get()
        #expect(configuration.brokerListen == nil && configuration.gateway.broker == nil)
    }

    @Test func `fills in the rate and the integrations`() throws {
        let configuration = try Self.read(
            Self.client("token_sha256: \(Self.digest), operations: [submitBillingData, getInvoice]")
        ).get()
        let broker = try #require(configuration.gateway.broker)
        #expect(configuration.brokerListen == .tcp(host: "127.0.0.1", port: 4182))
        #expect(broker.rate == BrokerSettings.Rate(calls: 60, period: 60) && broker.clients.count == 1)
        #expect(broker.clientRate == BrokerSettings.Rate(calls: 1200, period: 60))
        #expect(broker.credits.marketplace == nil && broker.credits.checkout == nil)
        let client = broker.clients[0]
        #expect(client.name == "job" && client.operations == [.submitBillingData, .getInvoice])
        #expect(client.integrations == nil && client.credential == .tokenDigest([UInt8](repeating: 10, count: 32)))
    }

    @Test func `shows what it reads, and no digest`() throws {
        let configuration = try Self.read(
            """
            broker:
              listen: unix:/run/broker.sock
              rate: 5/s
              client_rate: 900/h
              clients:
                job: { token_sha256: \(Self.digest), operations: all, integrations: [live] }
                local: { peer_uid: 1001, operations: [getMember] }
            credits:
              marketplace: { token: canary-account, api_url: "https://api.example" }
              checkout: { token: canary-checkout, url: "https://pay.example" }
            """
        ).get()
        let text = EffectiveConfiguration.text(configuration)
        let section = """
            broker:
              listen: unix:/run/broker.sock
              rate: 5/s
              client_rate: 900/h
              clients:
                job:
                  token_sha256: (32 bytes)
                  operations: all
                  integrations: [live]
                local:
                  peer_uid: 1001
                  operations: [getMember]
                  integrations: all
            credits:
              marketplace: { token: (14 bytes), api_url: https://api.example }
              checkout: { token: (15 bytes), url: https://pay.example, origins: [https://app.example.test] }
            """
        #expect(!text.contains("canary-"))
        #expect(text.contains(section) && !text.contains(Self.digest), "\(text)")
    }

    @Test(arguments: [
        (client("operations: all"), "broker.clients.job.token_sha256", "is missing: give token_sha256 or peer_uid"),
        (client("token_sha256: abc, operations: all"), "broker.clients.job.token_sha256", "64 hexadecimal digits"),
        (
            client("token_sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855, operations: all"),
            "broker.clients.job.token_sha256", "64 hexadecimal digits"
        ),
        (client("token_sha256: \(digest)"), "broker.clients.job.operations", "is missing"),
        (client("token_sha256: \(digest), operations: []"), "broker.clients.job.operations", "at least one"),
        (client("token_sha256: \(digest), operations: any"), "broker.clients.job.operations", "or `all`"),
        (client("token_sha256: \(digest), operations: [getInvoices]"), "broker.clients.job.operations", "`getInvoice`"),
        (
            client("token_sha256: \(digest), operations: [rotateInstallationCredential]"),
            "broker.clients.job.operations", "is not an operation of the broker"
        ),
        (
            client("token_sha256: \(digest), operations: all, integrations: [dead]"),
            "broker.clients.job.integrations", "names of integrations"
        ),
        (
            client("token_sha256: \(digest), operations: all, integrations: []"), "broker.clients.job.integrations",
            "at least one"
        ),
        (client("token_sha256: \(digest), operations: all, rate: 1/m"), "broker.clients.job.rate", "is not a key"),
        (client("peer_uid: 1, operations: all"), "broker.clients.job.peer_uid", "unix:/path"),
        (client("peer_uid: -1, operations: all"), "broker.clients.job.peer_uid", "a user's number"),
        (
            client("peer_uid: 1, token_sha256: \(digest), operations: all", listen: "unix:/run/b"),
            "broker.clients.job.peer_uid", "keep one"
        ),
        (client("token_sha256: \(digest), operations: all", listen: "0.0.0.0:1"), "broker.listen", "loopback"),
        (client("token_sha256: \(digest), operations: all", listen: "fd:3"), "broker.listen", "loopback"),
        (
            client("token_sha256: \(digest), operations: all", listen: "127.0.0.1:4181"), "broker.listen",
            "another listener"
        ),
        ("broker: { listen: \"127.0.0.1:1\", rate: 60, clients: {} }", "broker.rate", "60/m"),
        ("broker: { listen: \"127.0.0.1:1\", rate: 0/m, clients: {} }", "broker.rate", "60/m"),
        ("broker: { listen: \"127.0.0.1:1\" }", "broker.clients", "at least one client"),
        ("broker: {}", "broker.listen", "is missing"),
        ("broker: { listen: \"127.0.0.1:1\", client_rate: 60, clients: {} }", "broker.client_rate", "1200/m"),
        (credits("marketplace: {}"), "credits.marketplace.token", "is missing"),
        (credits("marketplace: { token: a, token_file: /b }"), "credits.marketplace.token_file", "keep one"),
        (
            credits("marketplace: { token: a, api_url: \"http://a.example\" }"), "credits.marketplace.api_url",
            "https://"
        ),
        (credits("checkout: { token: a }"), "credits.checkout.url", "is missing"),
        (credits("checkout: { url: \"https://a.example\" }"), "credits.checkout.token", "is missing"),
        (
            credits("checkout: { token: a, url: \"https://a.example\", origins: [] }"), "credits.checkout.origins",
            "at least one"
        ),
        (credits("other: {}"), "credits.other", "is not a key"),
        ("credits: { marketplace: { token: a } }", "credits", "is for the broker"),
        (
            """
            broker:
              listen: 127.0.0.1:1
              clients:
                a: { token_sha256: \(digest), operations: all }
                b: { token_sha256: \(digest), operations: all }
            """, "broker.clients.b", "another client"
        ),
    ])
    func `names what is wrong`(broker: String, key: String, message: String) throws {
        guard case .failure(let invalid) = try Self.read(broker) else {
            Issue.record("accepted")
            return
        }
        let found = invalid.problems.filter { $0.key.hasPrefix(key) && $0.message.contains(message) }
        #expect(!found.isEmpty && found.allSatisfy { $0.line > 0 }, "\(invalid.problems)")
    }

    @Test func `the listener needs a restart, its clients do not`() throws {
        let one = Self.client("token_sha256: \(Self.digest), operations: all")
        var none = try Self.read("").get()
        let old = try Self.read(one).get()
        var other = try Self.read(Self.client("token_sha256: \(Self.digest), operations: [getInvoice]")).get()
        (other.keyRingPath, other.keyRing) = (old.keyRingPath, old.keyRing)
        // Each was read from a directory of its own.
        (other.store, none.store) = (old.store, old.store)
        (other.adminSocket, none.adminSocket) = (old.adminSocket, old.adminSocket)
        #expect(ConfigurationChange(old: old, new: none).needingRestart == ["broker.listen"])
        #expect(ConfigurationChange(old: old, new: other).needingRestart.isEmpty)
        let lines = ConfigurationChange(old: old, new: other).lines
        #expect(lines.contains("+ broker.clients.job operations: [getInvoice]"), "\(lines)")
        other.gateway.broker?.clients[0] = .init(
            name: "job", credential: .tokenDigest([UInt8](repeating: 1, count: 32)), operations: [.getInvoice])
        #expect(
            ConfigurationChange(old: old, new: other).lines.contains("~ broker.clients.job.token_sha256: another value")
        )
    }
}
