import OpenSSLCrypto
import SecretMemory
import Testing
import Untrusted

@testable import Gateway

@Suite struct InstallationTokenSealTests {
    private let seal = InstallationTokenSeal(TestWorld.ring)
    private let key = InstallationKey(integration: "live", installationID: "icfg_1")
    private let token = SecretBytes("installation-token-of-one")

    @Test func `opens what it sealed, and says nothing of it before`() {
        let sealed = seal.seal(token, for: key)
        #expect(seal.open(sealed, for: key)?.exposedText?.string == "installation-token-of-one")
        #expect(!sealed.contains("installation-token") && sealed != seal.seal(token, for: key))
    }

    @Test func `the longest token fits`() {
        let long = SecretBytes([UInt8](repeating: 0x61, count: 4096))
        #expect(seal.open(seal.seal(long, for: key), for: key)?.count == 4096)
    }

    @Test func `RT-44 a token moved to another installation or integration does not open`() {
        let sealed = seal.seal(token, for: key)
        for (integration, installation) in [("live", "icfg_2"), ("sandbox", "icfg_1"), ("livei", "cfg_1")] {
            let other = InstallationKey(integration: integration, installationID: installation)
            #expect(seal.open(sealed, for: other) == nil)
        }
    }

    @Test func `RT-60 no other sealed value opens as a token`() {
        let context = SessionSeal.context(["installation token", key.integration, key.installationID])
        for purpose in SealingPurpose.allCases where purpose != .store {
            let text = Sealer(TestWorld.ring, for: purpose).seal([0x61], authenticating: context)
            #expect(seal.open(text, for: key) == nil)
        }
    }

    @Test func `a key that was rotated away behind a newer one still opens, a foreign one does not`() {
        let sealed = seal.seal(token, for: key)
        let newer = KeyRing.Key(id: "ffffffff", secret: SecretBytes(SecureRandom.bytes(32)))
        #expect(InstallationTokenSeal(KeyRing([newer] + TestWorld.ring.keys)).open(sealed, for: key) != nil)
        #expect(InstallationTokenSeal(KeyRing([newer])).open(sealed, for: key) == nil)
    }
}
