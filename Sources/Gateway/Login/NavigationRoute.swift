import HTTP

/// Addresses whose visit uses something up, such as a code.
extension Route {
    /// Answers navigations alone. A prefetcher's HEAD must not use anything up.
    static func navigation(to path: String, _ answer: @escaping @Sendable (RequestContext) -> HTTPAnswer) -> Route {
        Route(.exactly(path), [.get]) { context in
            guard context.request.method == .get else {
                return .now(HTTPResponse(.noContent, headers: LoginReplies.headers))
            }
            return Navigation.refusal(of: context).map { .now($0) } ?? answer(context)
        }
    }

    /// The marketplace may add or drop the trailing slash.
    static func navigations(to path: String, _ answer: @escaping @Sendable (RequestContext) -> HTTPAnswer) -> [Route] {
        [navigation(to: path, answer), navigation(to: path + "/", answer)]
    }
}
