import HTTP
import OpenSSLCrypto

/// A login on its way to its home, sealed under the regions' common ring for one region and for one visit of one browser. It
/// grants nothing to a browser without the visit's cookie, and nothing a second time.
struct RegionTicket: Sendable {
    let login: HandedOverLogin
    /// Names the visit at the home, which the browser's cookie there proves.
    let visit: String

    struct Seal: Sendable {
        private let sealer: Sealer

        init(_ regions: RegionSettings) {
            sealer = Sealer(regions.ring, for: .regionTicket, maximumLength: 8192)
        }

        func seal(_ ticket: RegionTicket, for region: RegionSettings.Region) -> String {
            var writer = SealedFieldWriter()
            writer.put(ticket.visit)
            ticket.login.write(to: &writer)
            return sealer.seal(writer.bytes, authenticating: Self.context(region))
        }

        /// Nil for text that no region sealed for `region`.
        func open(_ text: String, at region: RegionSettings.Region) -> RegionTicket? {
            guard let plaintext = sealer.open(Array(text.utf8)[...], authenticating: Self.context(region))
            else { return nil }
            var reader = SealedFieldReader(plaintext)
            guard let visit = reader.text(), let login = HandedOverLogin(from: &reader), reader.isAtEnd
            else { return nil }
            return RegionTicket(login: login, visit: visit)
        }

        private static func context(_ region: RegionSettings.Region) -> [UInt8] {
            SessionSeal.context([region.name, region.origin.description])
        }
    }
}
