import Gateway
import OpenSSLCrypto
import SecretMemory
import Untrusted

/// The `regions` section. It may be the same in every region: `public_url` tells which one this is.
enum ReadRegions {
    /// Nil without the section, or where it has a problem.
    static func settings(_ section: MappingReader, publicOrigin: WebOrigin?, ownRing: KeyRing?) -> (
        settings: RegionSettings, ringPath: String
    )? {
        guard section.isPresent else { return nil }
        let regions = addresses(section.mapping("addresses"))
        let ring = ReadConfiguration.keyRing(section)
        if let ring, let ownRing, share(ring.1, ownRing) {
            section.missing(
                "key_ring", "has keys of `key_ring`: with those, every region could make this one's sessions")
        }
        let names = regions.map(\.name)
        let homes = homes(section.mapping("homes"), names)
        let unknown = section.value("unknown", "the name of a region in regions.addresses") {
            names.contains($0) ? $0 : nil
        }
        section.finish()
        guard let publicOrigin else { return nil }
        guard let here = regions.first(where: { $0.origin == publicOrigin }) else {
            section.missing("addresses", "must have public_url, \(publicOrigin), as one of its addresses")
            return nil
        }
        guard let (ringPath, ring) = ring else { return nil }
        return (
            RegionSettings(
                here: here, others: regions.filter { $0 != here }, ring: ring, homes: homes, unknown: unknown),
            ringPath
        )
    }

    private static func share(_ one: KeyRing, _ other: KeyRing) -> Bool {
        one.keys.contains { key in
            other.keys.contains { $0.id == key.id || constantTimeEqual($0.secret, key.secret) }
        }
    }

    private static func addresses(_ section: MappingReader) -> [RegionSettings.Region] {
        var regions: [RegionSettings.Region] = []
        let names = section.remainingNames
        for name in names {
            let origin = section.value(
                name, "the public_url of a region: an https:// origin (http:// only for a loopback host)"
            ) { text in
                WebOrigin(text).flatMap { $0.isSecure || $0.isLoopback ? $0 : nil }
            }
            guard let origin else { continue }
            guard isName(name) else {
                section.missing(name, "must have a name of 1 to 32 of the characters a-z, 0-9 and -")
                continue
            }
            guard !regions.contains(where: { $0.origin == origin }) else {
                section.missing(name, "has the address of another region")
                continue
            }
            regions.append(RegionSettings.Region(name: name, origin: origin))
        }
        if names.count < 2 {
            section.missing("", "needs at least two regions, each as `name: https://its-public-url`")
        }
        section.finish()
        return regions
    }

    private static func homes(_ section: MappingReader, _ regions: [String]) -> [UntrustedText: String] {
        var homes: [UntrustedText: String] = [:]
        for name in section.remainingNames {
            let installations = section.values(name, "installation ids such as `icfg_…`") { text in
                text.hasPrefix("icfg_") && text.utf8.allSatisfy { 0x21...0x7e ~= $0 } ? text : nil
            }
            guard regions.contains(name) else {
                section.missing(name, "is no region in regions.addresses")
                continue
            }
            for installation in installations ?? [] {
                if let other = homes.updateValue(name, forKey: UntrustedText(installation)), other != name {
                    section.missing(name, "has \(installation), which is at home in \(other) too")
                }
            }
        }
        section.finish()
        return homes
    }

    private static func isName(_ name: String) -> Bool {
        (1...32).contains(name.utf8.count)
            && name.utf8.allSatisfy { $0 == UInt8(ascii: "-") || 0x30...0x39 ~= $0 || 0x61...0x7a ~= $0 }
    }
}
