/// The target in the partner's app for each kind of deep link. The most specific match wins.
package struct DeepLinkRoutes: Sendable, Equatable {
    package var `default`: RouteTemplate
    package var product: RouteTemplate?
    package var resource: RouteTemplate?
    package var project: RouteTemplate?
    package var check: RouteTemplate?
    package var experimentationItem: RouteTemplate?
    package var invoice: RouteTemplate?
    /// Value of `path` → template. `support=true` is `path=support` by another name.
    package var path: [String: RouteTemplate]

    package init(
        default: RouteTemplate, product: RouteTemplate? = nil, resource: RouteTemplate? = nil,
        project: RouteTemplate? = nil, check: RouteTemplate? = nil, experimentationItem: RouteTemplate? = nil,
        invoice: RouteTemplate? = nil, path: [String: RouteTemplate] = [:]
    ) {
        self.default = `default`
        self.product = product
        self.resource = resource
        self.project = project
        self.check = check
        self.experimentationItem = experimentationItem
        self.invoice = invoice
        self.path = path
    }
}
