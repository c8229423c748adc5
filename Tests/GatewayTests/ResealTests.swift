import HTTP
import Locking
import Marketplace
import OpenSSLCrypto
import SecretMemory
import Storage
import TestSupport
import Testing
import Untrusted

@testable import Gateway

/// Stored tokens under an older key, sealed again under the first one.
@Suite struct ResealTests {
    private static let old = KeyRing.Key(id: "0a1b2c3d", secret: SecretBytes(SecureRandom.bytes(32)))
    private static let new = KeyRing.Key(id: "ffffffff", secret: SecretBytes(SecureRandom.bytes(32)))
    private static let gone = KeyRing.Key(id: "00000000", secret: SecretBytes(SecureRandom.bytes(32)))

    private static func key(_ number: Int) -> InstallationKey {
        InstallationKey(integration: "live", installationID: "icfg_\(number)")
    }

    private static func record(_ number: Int, under key: KeyRing.Key, _ token: String = "token") -> Installation {
        Installation(
            key: Self.key(number),
            sealedToken: InstallationTokenSeal(KeyRing([key])).seal(
                SecretBytes("\(token)-\(number)"), for: Self.key(number)),
            changedAt: Int64(number))
    }

    private static func endpoints(_ store: any Store) -> InstallationEndpoints {
        InstallationEndpoints(
            integrations: [],
            access: LiveStore(store, lifetimes: SessionLifetimes(), TestWorld.observability),
            seal: InstallationTokenSeal(KeyRing([new, old])), lifetimes: SessionLifetimes(),
            regions: [], log: EventLog { _, _, _ in })
    }

    private static func token(_ record: Installation?, with key: KeyRing.Key) -> String? {
        record.flatMap { InstallationTokenSeal(KeyRing([key])).open($0.sealedToken, for: $0.key) }?.exposedText?.string
    }

    @Test(arguments: [false, true])
    func `every token of an older key opens with the first key alone afterwards`(_ isOnDisk: Bool) async throws {
        let folder = try TemporaryFolder()
        let store: any Store = isOnDisk ? try SQLiteStore(path: folder.path("gateway.db")) : MemoryStore()
        var records = (0..<250).map { Self.record($0, under: Self.old) }
        records.append(Self.record(250, under: Self.new))
        records.append(Self.record(251, under: Self.gone))
        // Another installation's, in a row where it does not belong.
        var moved = Self.record(252, under: Self.old)
        moved.sealedToken = records[0].sealedToken
        records.append(moved)
        records.append(Installation(key: Self.key(253), status: .removed, changedAt: 1))
        try await store.write(records.map { .installation($0) })
        let endpoints = Self.endpoints(store)
        #expect(try await endpoints.resealAll() == .init(resealed: 250, current: 1, unreadable: 2))
        for record in records {
            let stored = try #require(try await store.installation(record.key))
            let number = try #require(Int(record.key.installationID.dropFirst(5)))
            #expect(Self.token(stored, with: Self.new) == (number <= 250 ? "token-\(number)" : nil))
            if number >= 250 { #expect(stored == record) }
            #expect(stored.changedAt == record.changedAt && stored.status == record.status)
        }
        #expect(try await endpoints.resealAll() == .init(resealed: 0, current: 251, unreadable: 2))
        await store.close()
    }

    @Test func `a token that is stored meanwhile stays, and is sealed again too`() async throws {
        let store = BusyStore(MemoryStore())
        _ = try await store.write((0..<3).map { .installation(Self.record($0, under: Self.old)) })
        // Between the reading and the writing, as another gateway with the old ring would.
        store.beforeWrite.withLock {
            $0 = { inner in
                _ = inner.write([.installation(Self.record(0, under: Self.old, "newer"))])
                _ = inner.write([
                    .installation(Self.key(1)) { stored in
                        var next = stored
                        next?.become(.removed, at: 9)
                        return next
                    }
                ])
            }
        }
        let result = try await Self.endpoints(store).resealAll()
        #expect(result == .init(resealed: 2, current: 0, unreadable: 0))
        let stored = try await store.installations()
        #expect(stored.map { Self.token($0, with: Self.new) } == ["newer-0", nil, "token-2"])
        #expect(stored[1].status == .removed && stored[1].sealedToken.isEmpty)
    }
}
