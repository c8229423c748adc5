import HTTP
import Untrusted

/// What binds a hand-over to one browser: a departure's cookie in the region that has the login, and a visit's cookie in the
/// region where it is at home. Each region times its own cookie, so that their clocks may differ.
struct RegionCookies: Sendable {
    /// In seconds.
    static let lifetime: Int64 = 60

    private let departures: SealedFlows
    private let visits: SealedFlows
    private let cookies: GatewayCookies
    private let random: RandomSource

    /// `ring`: of this region's sessions, which other regions do not have.
    init(ring: KeyRing, cookies: GatewayCookies, origin: WebOrigin, random: RandomSource) {
        departures = SealedFlows(
            Sealer(ring, for: .departure), prefix: cookies.departurePrefix, cookies: cookies, origin: origin,
            maximumCount: 2, lifetime: Self.lifetime)
        visits = SealedFlows(
            Sealer(ring, for: .visit), prefix: cookies.visitPrefix, cookies: cookies, origin: origin,
            lifetime: Self.lifetime)
        self.cookies = cookies
        self.random = random
    }

    /// A new departure's name, and the `Set-Cookie` values that begin it.
    func depart(_ login: HandedOverLogin, to region: RegionSettings.Region, _ context: RequestContext)
        -> (name: String, cookies: [String])
    {
        let id = random.bytes(16)
        let cookies = departures.begin(id, integration: "", context) { writer in
            writer.put(region.name)
            login.write(to: &writer)
        }
        return (id.hexadecimal, cookies)
    }

    /// The departure of this browser that has the name.
    func departure(_ name: String, _ context: RequestContext) -> (login: HandedOverLogin, region: String)? {
        departures.find(name, integration: "", context) { _, reader in
            guard let region = reader.text(), let login = HandedOverLogin(from: &reader) else { return nil }
            return (login, region)
        }
    }

    func endDeparture(_ name: String) -> String? { departures.end(name) }

    /// A new visit's name, and the `Set-Cookie` values that begin it.
    func visit(_ context: RequestContext) -> (name: String, cookies: [String]) {
        let id = random.bytes(16)
        return (id.hexadecimal, visits.begin(id, integration: "", context) { _ in })
    }

    func isVisiting(_ name: String, _ context: RequestContext) -> Bool {
        visits.find(name, integration: "", context) { _, _ in true } ?? false
    }

    func endVisit(_ name: String) -> String? { visits.end(name) }

    /// Whether this browser keeps cookies.
    func hasAny(in request: HTTPRequest) -> Bool { cookies.hasAny(in: request) }
}
