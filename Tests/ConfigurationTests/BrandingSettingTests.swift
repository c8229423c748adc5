import Foundation
import Gateway
import TestSupport
import Testing

@testable import sso_gateway

/// The `branding` section.
@Suite struct BrandingSettingTests {
    private static let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>"

    private static func read(_ folder: TemporaryFolder, _ section: String) throws -> Result<
        Configuration, InvalidConfiguration
    > {
        ConfigurationFile.read(try ConfigurationFile.write(folder) { $0 + section })
    }

    private static func problems(_ section: String) throws -> [String] {
        try ConfigurationFile.problems { $0 + section }
    }

    @Test func `without it the pages have the gateway's own colours`() throws {
        let configuration = try Self.read(try TemporaryFolder(), "").get()
        #expect(configuration.gateway.branding.name == nil && configuration.gateway.branding.logo == nil)
        let text = EffectiveConfiguration.text(configuration)
        #expect(text.contains("\nbranding:\n  accent: \"#1f5eff\"\n  accent_dark: \"#7aa2ff\"\n"))
    }

    @Test func `check prints every setting, and what the files are`() throws {
        let folder = try TemporaryFolder()
        let logo = try folder.write("logo.svg", Self.svg)
        try Self.makeFolder(folder.path("pages"))
        try folder.write("pages/not_found.html", "<p>{{request_id}}</p>")
        try folder.write("pages/.not_found.html.swp", "{{")
        let section = """
            branding:
              name: Acme "Metrics"
              logo: \(logo)
              accent: "#0a58ca"
              accent_dark: "#6EA8FE"
              support: https://acme.example/help?from=sso
              templates: \(folder.path("pages"))

            """
        let configuration = try Self.read(folder, section).get()
        let branding = configuration.gateway.branding
        #expect(branding.logo?.format == .svg && branding.name == "Acme \"Metrics\"")
        let text = EffectiveConfiguration.text(configuration)
        for line in [
            "name: \"Acme \\\"Metrics\\\"\"", "accent: \"#0a58ca\"", "accent_dark: \"#6ea8fe\"",
            "support: https://acme.example/help?from=sso",
            "logo: \(logo)  # svg, \(Self.svg.utf8.count) bytes, sha256 ",
            "templates: \(folder.path("pages"))  # not_found.html, sha256 ",
        ] {
            #expect(text.contains("\n  \(line)"), "\(line) in \(text)")
        }
        // A reload reports a changed file, and its digest in the log differs.
        try folder.write("pages/not_found.html", "<p>Gone {{request_id}}</p>")
        let changed = try Self.read(folder, section).get()
        let lines = ConfigurationChange(old: configuration, new: changed).lines
        #expect(lines.count == 2 && lines.allSatisfy { $0.contains("branding templates: ") }, "\(lines)")
        #expect(EffectiveConfiguration.digest(configuration) != EffectiveConfiguration.digest(changed))
    }

    @Test(arguments: [
        ("name: \"\"", "branding.name: must be 1 to 64 visible characters"),
        ("name: \"a\\u202eb\"", "branding.name: must be 1 to 64 visible characters"),
        ("accent: \"#fff\"", "branding.accent: must be a colour such as \"#1f5eff\", not `#fff`"),
        // YAML's comment.
        ("accent: #1f5eff", "branding.accent: must be a colour in quotes"),
        (
            "accent: \"#ffee00\"",
            "branding.accent: has a contrast of 1.20 with the background of the light theme; the minimum is 3.00 (WCAG level AA, for controls)"
        ),
        (
            "accent: \"#0a2540\"",
            "branding.accent: has a contrast of 1.12 with the background of the dark theme; the minimum is 3.00 (WCAG level AA, for controls). Give `accent_dark`"
        ),
        ("accent_dark: \"#222222\"", "branding.accent_dark: has a contrast of 1."),
        ("support: http://acme.example/", "branding.support: must be an `https://` or `mailto:` address, not `http:"),
        ("support: \"javascript:alert(1)\"", "branding.support: must be an `https://` or `mailto:` address"),
        ("support: mailto:help", "branding.support: must be"), ("support: https://", "branding.support: must be"),
        ("logo: /nowhere/logo.svg", "branding.logo: cannot read /nowhere/logo.svg: No such file or directory"),
        ("logo: /etc/hostname", "branding.logo: /etc/hostname is neither an SVG nor a PNG file"),
        ("logo: /dev/null", "branding.logo: /dev/null is not a plain file"),
        ("logo: /etc/hostname", "branding.name: is missing: it stands for the logo where a person cannot see it"),
        ("templates: /nowhere", "branding.templates: cannot read the directory /nowhere: No such file or directory"),
        ("colour: red", "branding.colour: is not a key that this version knows"),
    ])
    func `a fault is named`(_ line: String, _ problem: String) throws {
        let problems = try Self.problems("branding:\n  \(line)\n")
        #expect(problems.contains { $0.contains(problem) }, "\(problems)")
    }

    @Test(arguments: [
        "accent: \"#2563eb\"", "accent: \"#0a2540\"\n  accent_dark: \"#7aa2ff\"", "support: mailto:help@acme.example",
    ])
    func `a value without a fault is taken`(_ line: String) throws {
        #expect(try Self.problems("branding:\n  \(line)\n").isEmpty)
    }

    @Test(arguments: [
        ("sign_out.html", "{{request_id}}", "lacks `{{actions}}`: without the form"),
        ("confirm_switch.html", "{{request_id}}", "lacks `{{actions}}` or `{{ticket}}`"),
        ("confirm_login.html", "{{request_id}}{{actions}}", "lacks `{{head}}`"),
        ("not_found.html", "<h1>Gone</h1>", "lacks `{{request_id}}`"),
        (
            "not_found.de.html", "{{request_id}}{{requestid}}",
            "has an unknown placeholder `{{requestid}}`; there are language,"
        ),
        ("not_found.html", "{{request_id", "has `{{` without `}}`"),
        ("not_found.html", "<p a={{request_id}}>", "has `{{request_id}}` in a tag without quotes"),
        ("not_found.html", "<p a=\"{{next}}\">", "has `{{next}}` in a tag: it brings elements"),
        ("not_found.html", "{{request_id}}<script>", "has `<script`, which the Content-Security-Policy"),
        (
            "notfound.html", "{{request_id}}",
            "is not named for a page of the manual's list; did you mean not_found.html?"
        ),
    ])
    func `a template's fault is named with its file`(_ name: String, _ text: String, _ problem: String) throws {
        let folder = try TemporaryFolder()
        try Self.makeFolder(folder.path("pages"))
        let file = try folder.write("pages/\(name)", text)
        let section = "branding: { templates: \(folder.path("pages")) }\n"
        guard case .failure(let invalid) = try Self.read(folder, section) else {
            Issue.record("\(name) is taken")
            return
        }
        #expect(invalid.problems.count == 1)
        #expect(invalid.problems[0].message.hasPrefix("\(file) \(problem)"), "\(invalid.problems)")
    }

    @Test func `a directory without a template is a fault`() throws {
        let folder = try TemporaryFolder()
        try Self.makeFolder(folder.path("pages"))
        let problems = try Self.problems("branding: { templates: \(folder.path("pages")) }\n")
        #expect(problems.contains { $0.contains("has no template") })
    }

    private static func makeFolder(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
}
