import HTTP
import Untrusted

/// One address of a feature. The composition root collects the routes of all features.
struct Route: Sendable {
    enum Place: Sendable {
        /// Compared with the path decoded once.
        case exactly(String)
        /// Compared with the beginning of the undecoded path. The feature itself refuses other methods.
        case below(String)
    }

    let place: Place
    let methods: [HTTPMethod]
    let answer: @Sendable (RequestContext) -> HTTPAnswer

    init(_ place: Place, _ methods: [HTTPMethod], _ answer: @escaping @Sendable (RequestContext) -> HTTPAnswer) {
        self.place = place
        self.methods = methods
        self.answer = answer
    }

    func matches(_ target: RequestTarget) -> Bool {
        switch place {
        case .exactly(let path): target.path.equals(path)
        case .below(let prefix): target.rawPath.hasPrefix(prefix)
        }
    }

    /// `HEAD` is answered as `GET`.
    func permits(_ method: HTTPMethod) -> Bool { methods.contains(method == .head ? .get : method) }

    func otherMethod(_ id: RequestID) -> HTTPResponse { Self.otherMethod(than: methods, id) }

    static func otherMethod(than methods: [HTTPMethod], _ id: RequestID) -> HTTPResponse {
        var response = JSONReply.error(.methodNotAllowed, "method", "This address takes other methods.", id)
        let allowed = methods + (methods.contains(.get) ? [.head] : [])
        response.headers.append("Allow", allowed.map(\.rawValue).joined(separator: ", "))
        return response
    }
}

/// The routes of one listener.
struct RouteTable: Sendable {
    private let exact: [UntrustedText: Route]
    private let below: [(prefix: String, route: Route)]

    init(_ routes: [Route]) {
        var exact: [UntrustedText: Route] = [:]
        var below: [(prefix: String, route: Route)] = []
        for route in routes {
            switch route.place {
            case .exactly(let path): exact[UntrustedText(path)] = route
            case .below(let prefix): below.append((prefix, route))
            }
        }
        // A configured path must not replace a part of a feature's prefix.
        self.exact = exact.filter { path, _ in !below.contains { path.hasPrefix($0.prefix) } }
        self.below = below
    }

    /// The answer to a request; nil where no route matches.
    func answer(_ context: RequestContext) -> HTTPAnswer? {
        let target = context.request.target
        if let route = exact[target.path] {
            return route.permits(context.request.method)
                ? route.answer(context) : .now(route.otherMethod(context.id))
        }
        return below.first { target.rawPath.hasPrefix($0.prefix) }?.route.answer(context)
    }
}
