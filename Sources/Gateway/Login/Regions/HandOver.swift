import HTTP
import Untrusted

/// Sends a login that arrived here to the region where its installation is at home.
///
/// The regions share nothing but a ring. So the browser carries the login, in three redirects: to the home, which begins a
/// visit in this browser; back, for a ticket that only this visit can use; and to the home again.
struct HandOver: Sendable {
    /// How old a token may be when the home acts on it: a departure and a visit. In seconds.
    static let longest = 2 * RegionCookies.lifetime

    let regions: RegionSettings
    let cookies: RegionCookies
    let access: LiveStore
    let publicOrigin: WebOrigin

    /// Nil where the installation is at home here.
    func home(of installation: InstallationKey) async throws(FailedLogin) -> RegionSettings.Region? {
        if let name = regions.homes[UntrustedText(installation.installationID)] { return regions.other(name) }
        let stored: Installation?
        do { stored = try await access.installation(installation) } catch { throw FailedLogin(error) }
        guard let stored else { return regions.other(regions.unknown) }
        // This region refuses one that was removed.
        guard stored.status == .active, let home = stored.region, home != regions.here.name else { return nil }
        guard let region = regions.other(home) else {
            throw FailedLogin(failure: .badRequest, reason: "region_home")
        }
        return region
    }

    /// The redirect that begins, with the login in a cookie. `returnTo`: the target of a flow that began here; it comes before
    /// all others, as in one region.
    func leave(
        _ member: VerifiedMember, of integration: IntegrationSettings, for home: RegionSettings.Region,
        _ course: LoginCourse, returnTo: String?, _ context: RequestContext
    ) -> (location: String, cookies: [String], targetsFit: Bool) {
        var course = course
        if let returnTo { (course.flow, course.deepLink, course.target) = (nil, DeepLink([:]), returnTo) }
        course.target = path(course.target)
        course.deepLink = course.deepLink.replacingURL(by: path)
        let (login, targetsFit) = HandedOverLogin.fitting(member, clientID: integration.clientID, course)
        let (name, cookies) = cookies.depart(login, to: home, context)
        let location =
            "\(home.origin)\(RegionEndpoints.visitPath)?from=\(regions.here.name)&departure=\(name)"
        return (location, cookies, targetsFit)
    }

    /// A page of this region has the same path in the other one.
    private func path(_ target: String) -> String {
        let origin = publicOrigin.description
        guard target.hasPrefix(origin) else { return target }
        let rest = target.dropFirst(origin.count)
        switch rest.first {
        case "/": return String(rest)
        case nil, "?", "#": return "/\(rest)"
        default: return target
        }
    }
}
