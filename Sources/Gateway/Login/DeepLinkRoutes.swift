/// Which page of the partner's app each kind of deep link opens. The most specific match wins.
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

    /// Where `link` leads: a validated `url` first, then the most specific thing that is named and has a route whose
    /// places can all be filled, then the area, then the resource or product, then the default.
    func target(of link: DeepLink, policy: RedirectPolicy) -> (location: String, ignored: Int) {
        var ignored = link.ignored
        if let url = link.url {
            if let own = policy.accept(RedirectPolicy.encoded(url)) { return (own, ignored) }
            ignored += 1
        }
        let named = link.path.flatMap(area)
        if link.path != nil, named == nil { ignored += 1 }
        let area = named ?? (link.wantsSupport ? path["support"] : nil)
        let candidates: [(named: String?, route: RouteTemplate?)] = [
            ("invoice_id", invoice), ("check_id", check), ("experimentation_item_id", experimentationItem),
            ("project_id", project), (nil, area), ("resource_id", resource), ("product_id", product),
        ]
        for (name, route) in candidates {
            if let name, link.identifiers[name] == nil { continue }
            if let location = route?.filled(with: link.identifiers) { return (location, ignored) }
        }
        // The default has no places: the configuration is refused otherwise.
        return (`default`.filled(with: [:]) ?? "/", ignored)
    }

    /// By bytes: to hash a `String`, Swift sorts its marks, and this one came from outside.
    private func area(_ name: String) -> RouteTemplate? {
        path.first { $0.key.utf8.elementsEqual(name.utf8) }?.value
    }
}
