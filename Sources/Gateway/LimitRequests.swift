import HTTP

/// How often each client address has used addresses of the gateway that cost something. Outlives a reload.
struct RequestLimits: Sendable {
    /// In seconds.
    private static let window: Int64 = 300

    /// Redirects to the marketplace.
    let starts = Self.limiter(600)
    /// The same for standard logins.
    let standardStarts = Self.limiter(600)
    /// Answers to a confirmation that were refused.
    let confirmations = Self.limiter(60)
    let webhooks = Self.limiter(60)
    let installationCalls = Self.limiter(60)

    /// Fifty times as many for clients that share an address.
    private static func limiter(_ allowed: Int) -> AttemptLimiter {
        AttemptLimiter(window: window, allowed: allowed, together: 50 * allowed, capacity: 8192)
    }
}

/// Answers 429 to a client address beyond a limit. Decisions are not limited: a proxy sends them for all its clients.
struct LimitRequests: Sendable {
    /// Which responses count, and what replaces them beyond the limit.
    enum Counted: Sendable {
        /// Redirects to the marketplace, each of which begins a flow; replaced by a page.
        case redirects
        /// Refusals; replaced by a page. A valid request is answered beyond the limit too: clients that share an address
        /// must not lock each other out.
        case refusedForms
        /// Refusals of servers' calls; replaced by JSON. A webhook that is not answered would keep a removed member signed
        /// in.
        case refusedCalls
    }

    let counted: Counted
    /// Label of the metric.
    let endpoint: String
    let limiter: AttemptLimiter
    let proxies: TrustedProxies
    let pages: PageRenderer
    let refusals: LabelledCounter

    func applied(to route: Route) -> Route {
        Route(route.place, route.methods) { context in
            switch route.answer(context) {
            case .now(let response): .now(limited(response, context))
            case .later(let work): .later { limited(await work(), context) }
            }
        }
    }

    private func limited(_ response: HTTPResponse, _ context: RequestContext) -> HTTPResponse {
        let isCounted = counted == .redirects ? response.status == .seeOther : 400..<500 ~= response.status.rawValue
        guard isCounted else { return response }
        do throws(AttemptLimiter.Exhausted) {
            _ = try limiter.reserve(ClientAddress.of(context.request, behind: proxies), now: context.now)
            return response
        } catch {
            refusals.count(endpoint)
            var refusal = refusal(context, wait: error.wait)
            refusal.headers.append("Retry-After", "\(error.wait)")
            return refusal
        }
    }

    private func refusal(_ context: RequestContext, wait: Int64) -> HTTPResponse {
        guard counted != .refusedCalls else {
            return JSONReply.error(
                .tooManyRequests, "too_many_refused", "Too many requests of this address were refused.", context.id)
        }
        let page = Page(
            name: .tooManySignIns, status: .tooManyRequests, values: [.wait: .duration(wait)],
            actions: [.link(.text(.signInAgain), to: SignInAddress.path, isPrimary: true)])
        return pages.response(page, context)
    }
}
