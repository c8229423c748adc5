import TestSupport
import Testing

@testable import sso_gateway

@Suite struct RegionProblemTests {
    @Test(arguments: [
        ("unknown: eu", "unknown: ap", "regions.unknown: must be the name of a region"),
        ("eu: [icfg_1]", "ap: [icfg_1]", "regions.homes.ap: is no region"),
        ("eu: [icfg_1]", "eu: [inst_1]", "regions.homes.eu: must be installation ids"),
        ("eu: [icfg_1]", "eu: [icfg_1]\n    us: [icfg_1]", "icfg_1, which is at home in eu too"),
        ("eu: https://eu", "eu: http://eu", "regions.addresses.eu: must be the public_url"),
        ("eu: https://eu", "EU: https://eu", "must have a name of 1 to 32"),
        ("us: https://app", "us: https://us", "regions.addresses: must have public_url, https://app.example.test"),
        ("eu: https://eu.example.test", "eu: https://app.example.test", "has the address of another region"),
        ("    eu: https://eu.example.test\n", "", "regions.addresses: needs at least two regions"),
        ("regions.json", "keys.json", "regions.key_ring: has keys of `key_ring`"),
        ("regions.json", "none.json", "regions.key_ring: "),
        ("  unknown: eu", "  unknwon: eu", "did you mean `unknown`?"),
    ])
    func `names what is wrong with regions`(text: String, replacement: String, problem: String) throws {
        let folder = try TemporaryFolder()
        let ring = folder.path("regions.json")
        try KeyRingOnDisk.create(ring, now: 0)
        let path = try ConfigurationFile.write(folder) {
            $0 + """
                regions:
                  key_ring: \(ring)
                  addresses:
                    us: https://app.example.test
                    eu: https://eu.example.test
                  homes:
                    eu: [icfg_1]
                  unknown: eu

                """
        }
        guard case .success(let configuration) = ConfigurationFile.read(path) else {
            Issue.record("the text without the fault is refused")
            return
        }
        #expect(
            EffectiveConfiguration.text(configuration).contains(
                "addresses: { eu: https://eu.example.test, us: https://app.example.test }  # here: us"))
        let changed = try folder.write(
            "changed.yaml", try ReadFile.text(path).replacing(text, with: replacement))
        guard case .failure(let invalid) = ConfigurationFile.read(changed) else {
            Issue.record("the fault is not found")
            return
        }
        let found = invalid.problems.map { "\($0.key): \($0.message)" }
        #expect(found.contains { $0.contains(problem) }, "\(found)")
    }
}
