/// The partner's look of the pages: the `branding` section.
package struct Branding: Sendable {
    /// The app's name, over each page and in its title.
    package var name: String?
    package var logo: Logo?
    package var accent: [AccentColour.Theme: AccentColour]
    /// An `https:` or `mailto:` address at the bottom of each page.
    package var support: String?
    package var templates: PageTemplates

    /// The colours of the pages without a configuration.
    package static let defaultAccent: [AccentColour.Theme: AccentColour] = [
        .light: AccentColour(red: 0x1f, green: 0x5e, blue: 0xff),
        .dark: AccentColour(red: 0x7a, green: 0xa2, blue: 0xff),
    ]

    package init(
        name: String? = nil, logo: Logo? = nil, accent: [AccentColour.Theme: AccentColour] = [:],
        support: String? = nil,
        templates: PageTemplates = PageTemplates()
    ) {
        self.name = name
        self.logo = logo
        self.accent = Self.defaultAccent.merging(accent) { _, own in own }
        self.support = support
        self.templates = templates
    }

    /// What follows `gateway.css`. A style in the page itself would need `unsafe-inline`.
    var stylesheet: String {
        ":root{\(properties(.light))}@media (prefers-color-scheme:dark){:root{\(properties(.dark))}}\n"
    }

    private func properties(_ theme: AccentColour.Theme) -> String {
        accent[theme].map { "--accent:\($0);--accent-ink:\($0.ink)" } ?? ""
    }
}
