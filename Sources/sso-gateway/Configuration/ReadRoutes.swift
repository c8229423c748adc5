import Gateway

/// The `routes` section of an integration: the page of the partner's app for each kind of deep link.
enum ReadRoutes {
    static func read(_ section: MappingReader) -> DeepLinkRoutes? {
        guard section.isPresent else {
            section.missing(
                "default", "is missing: the page where a login without a deep link ends, such as /dashboard")
            return nil
        }
        let fallback = template("default", section, required: true)
        if let fallback, fallback.hasPlaces { section.missing("default", "must not have a `{…}` placeholder") }
        var paths: [String: RouteTemplate] = [:]
        let map = section.mapping("path")
        for name in map.remainingNames { paths[name] = template(name, map) }
        let product = template("product", section)
        let resource = template("resource", section)
        let project = template("project", section)
        let check = template("check", section)
        let item = template("experimentation_item", section)
        let invoice = template("invoice", section)
        section.finish()
        return fallback.map {
            DeepLinkRoutes(
                default: $0, product: product, resource: resource, project: project, check: check,
                experimentationItem: item, invoice: invoice, path: paths)
        }
    }

    private static func template(_ name: String, _ section: MappingReader, required: Bool = false) -> RouteTemplate? {
        guard let (text, node) = section.text(name) else {
            if required { section.missing(name, "is missing: a path such as /dashboard") }
            return nil
        }
        do { return try RouteTemplate(text) } catch {
            section.list.add(node, section.path(name), message(error, ShownValue.of(node)))
            return nil
        }
    }

    private static func message(_ refusal: RouteTemplate.Refusal, _ shown: String) -> String {
        switch refusal {
        case .notAPath: "must be a path that begins with one `/`"
        case .unbalancedBrace: "has an unbalanced brace"
        case .unknownParameter(let name):
            "\(shown.contains("{\(name)}") ? "`{\(name)}` is no known placeholder" : "has an unknown placeholder"); there are \(RouteTemplate.parameterNames.sorted().joined(separator: ", "))"
        }
    }
}
