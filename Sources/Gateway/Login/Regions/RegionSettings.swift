package import Untrusted

/// The `regions` section: gateways in several regions behind one redirect login URL. Each installation is at home in one of
/// them, where its members' sessions are.
package struct RegionSettings: Sendable {
    package struct Region: Sendable, Equatable {
        package let name: String
        /// The region's `public_url`.
        package let origin: WebOrigin

        package init(name: String, origin: WebOrigin) {
            self.name = name
            self.origin = origin
        }
    }

    /// This gateway's own.
    package var here: Region
    package var others: [Region]
    /// Shared by all regions. It seals nothing but hand-overs.
    package var ring: KeyRing
    /// Installation id → its region's name. These come before what the store knows.
    package var homes: [UntrustedText: String]
    /// The region of an installation that neither `homes` nor this region's store knows.
    package var unknown: String

    package init(
        here: Region, others: [Region], ring: KeyRing, homes: [UntrustedText: String] = [:], unknown: String? = nil
    ) {
        self.here = here
        self.others = others
        self.ring = ring
        self.homes = homes
        self.unknown = unknown ?? here.name
    }

    /// Of all regions, this one first.
    var names: [String] { [here.name] + others.map(\.name) }

    func other(_ name: String) -> Region? { others.first { $0.name.utf8.elementsEqual(name.utf8) } }
}
