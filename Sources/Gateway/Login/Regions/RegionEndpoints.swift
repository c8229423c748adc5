import HTTP
import SecretMemory
import Untrusted

/// The three addresses of a hand-over, in the order in which a browser visits them.
struct RegionEndpoints: Sendable {
    static let visitPath = "/sso/region/visit"
    static let ticketPath = "/sso/region/ticket"
    static let arrivalPath = "/sso/region/arrival"
    static let paths = [visitPath, ticketPath, arrivalPath]

    let regions: RegionSettings
    let cookies: RegionCookies
    /// One for each integration; at least one.
    let redeems: [RedeemCode]
    private let seal: RegionTicket.Seal

    init(_ regions: RegionSettings, cookies: RegionCookies, redeems: [RedeemCode]) {
        self.regions = regions
        self.cookies = cookies
        self.redeems = redeems
        seal = RegionTicket.Seal(regions)
    }

    var routes: [Route] {
        [
            .navigation(to: Self.visitPath, visit), .navigation(to: Self.ticketPath, ticket),
            .navigation(to: Self.arrivalPath, arrival),
        ]
    }

    /// At the home: `?from=&departure=`. Begins a visit, and redirects to the region that has the login.
    private func visit(_ context: RequestContext) -> HTTPAnswer {
        let query = context.request.target.query
        guard let fields = try? FormFields(query, only: ["from", "departure"]),
            let region = fields.text("from").flatMap(regions.other),
            let departure = fields.text("departure").flatMap(Self.name)
        else { return .now(failed(FailedLogin(failure: .badRequest, reason: "region_visit"), context)) }
        let (visit, cookies) = cookies.visit(context)
        return .now(
            redirect(
                to: "\(region.origin)\(Self.ticketPath)?departure=\(departure)&visit=\(visit)", cookies: cookies))
    }

    /// At the region that has the login: `?departure=&visit=`. Each departure gets one ticket.
    private func ticket(_ context: RequestContext) -> HTTPAnswer {
        let query = context.request.target.query
        guard let fields = try? FormFields(query, only: ["departure", "visit"]),
            let departure = fields.text("departure").flatMap(Self.name),
            let visit = fields.text("visit").flatMap(Self.name)
        else { return .now(failed(FailedLogin(failure: .badRequest, reason: "region_departure"), context)) }
        guard let (login, home) = cookies.departure(departure, context) else {
            let unknown = FailedLogin(failure: .unknownState, reason: "region_departure")
            return .now(failed(cookies.hasAny(in: context.request) ? unknown : .noCookie, context))
        }
        // A reload may have removed the region.
        guard let region = regions.other(home), let redeem = redeem(login) else {
            return .now(failed(FailedLogin(failure: .badRequest, reason: "region_home"), context))
        }
        return .later {
            do throws(FailedLogin) {
                try await redeem.useUp(SecretBytes("\u{1}departure \(departure)"), reason: "region_departure_used")
            } catch {
                // As a used code: the request was sent twice.
                guard error.failure != .codeSpent else { return redeem.replies.spent(login.course, context) }
                return redeem.replies.failed(error, context)
            }
            let ticket = seal.seal(RegionTicket(login: login, visit: visit), for: region)
            return redirect(
                to: "\(region.origin)\(Self.arrivalPath)?ticket=\(ticket)",
                cookies: [cookies.endDeparture(departure)].compactMap(\.self))
        }
    }

    /// At the home: `?ticket=`. Signs the member in, once for each visit.
    private func arrival(_ context: RequestContext) -> HTTPAnswer {
        let query = context.request.target.query
        guard let ticket = (try? FormFields(query, only: ["ticket"]))?.text("ticket"),
            let opened = seal.open(ticket, at: regions.here), let redeem = redeem(opened.login)
        else { return .now(failed(FailedLogin(failure: .badRequest, reason: "region_ticket"), context)) }
        let (member, visit) = (opened.login.member, opened.visit)
        var course = opened.login.course
        guard cookies.isVisiting(visit, context) else {
            // A finished login that is opened again, as by the browser's back button.
            if let current = redeem.sessions.live(in: context.request, now: context.now), current.member == member.key {
                return .now(redeem.replies.repeated(course, current, context))
            }
            return .now(
                cookies.hasAny(in: context.request)
                    ? redeem.replies.spent(course, context) : redeem.replies.failed(.noCookie, context))
        }
        let (client, reservation): (ClientAddress, AttemptLimiter.Reservation)
        do { (client, reservation) = try redeem.reserve(context) } catch {
            return .now(redeem.replies.failed(error, context))
        }
        course.endOfOwnFlow = cookies.endVisit(visit)
        let attempt = RedeemCode.Attempt(
            digest: redeem.ledger.digest(of: SecretBytes("\u{1}visit \(visit)")), course: course, client: client,
            reservation: reservation, isHandedOver: true
        ) { () async throws(FailedLogin) -> VerifiedMember in member }
        return .later { await redeem.answer(attempt, context) }
    }

    /// The names of departures and visits: 16 bytes in hexadecimal.
    private static func name(_ text: String) -> String? {
        text.utf8.count == 32 && text.utf8.allSatisfy(Hexadecimal.isLowerCaseDigit) ? text : nil
    }

    private func redeem(_ login: HandedOverLogin) -> RedeemCode? {
        redeems.first { redeem in
            redeem.integration.name.utf8.elementsEqual(login.member.key.integration.utf8)
                && redeem.integration.settings.clientID.utf8.elementsEqual(login.clientID.utf8)
        }
    }

    private func failed(_ login: FailedLogin, _ context: RequestContext) -> HTTPResponse {
        redeems[0].replies.failed(login, context)
    }

    private func redirect(to location: String, cookies: [String]) -> HTTPResponse {
        var headers = LoginReplies.headers
        headers.append("Location", location)
        for cookie in cookies { headers.append("Set-Cookie", cookie) }
        return HTTPResponse(.seeOther, headers: headers)
    }
}
