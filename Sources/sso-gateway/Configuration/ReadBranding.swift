import Gateway
import HTTP
import OpenSSLCrypto
import SecretMemory
import Untrusted
import Yams

/// The files of the `branding` section, for messages.
struct BrandingFiles: Sendable, Equatable {
    var logo: String?
    var templates: String?
    var templateNames: [String] = []
    /// SHA-256 of the names and contents.
    var templatesDigest: [UInt8] = []
}

/// The `branding` section: the pages' name, logo, colours, support link and templates.
enum ReadBranding {
    static func read(_ section: MappingReader) -> (branding: Branding, files: BrandingFiles) {
        var branding = Branding()
        var files = BrandingFiles()
        branding.name = section.value("name", "1 to 64 visible characters") { text in
            (1...64).contains(text.count) && text.isVisible ? text : nil
        }
        if let (path, node) = section.text("logo") {
            files.logo = path
            do { branding.logo = try logo(path) } catch { section.list.add(node, section.path("logo"), error.message) }
            if branding.name == nil {
                section.missing("name", "is missing: it stands for the logo where a person cannot see it")
            }
        }
        readAccents(section, into: &branding)
        branding.support = section.value("support", "an `https://` or `mailto:` address", supportAddress)
        if let (path, node) = section.text("templates") {
            files.templates = path
            readTemplates(path, node, section, into: &branding.templates, &files)
        }
        section.finish()
        return (branding, files)
    }

    private static func logo(_ path: String) throws(ReadFile.Failure) -> Logo {
        let content = try ReadFile.plainBytes(path).exposedBytes
        do { return try Logo(content) } catch {
            switch error {
            case .tooLarge: throw ReadFile.Failure(message: "\(path) is larger than \(Logo.maximumSize / 1024) KiB")
            case .format: throw ReadFile.Failure(message: "\(path) is neither an SVG nor a PNG file")
            }
        }
    }

    /// `accent` is for both themes, unless there is `accent_dark`.
    private static func readAccents(_ section: MappingReader, into branding: inout Branding) {
        let accent = colour("accent", section)
        let dark = colour("accent_dark", section)
        for (theme, key, given) in [
            (AccentColour.Theme.light, "accent", accent), (.dark, "accent_dark", dark ?? accent),
        ] {
            guard let (colour, node) = given else { continue }
            branding.accent[theme] = colour
            let contrast = colour.contrast(in: theme)
            guard contrast < AccentColour.minimumContrast else { continue }
            let isShared = theme == .dark && dark == nil
            section.list.add(
                node, section.path(isShared ? "accent" : key),
                "has a contrast of \(decimal(contrast)) with the background of the \(theme.rawValue) theme; the minimum is "
                    + "\(decimal(AccentColour.minimumContrast)) (WCAG level AA, for controls)"
                    + (isShared ? ". Give `accent_dark` a lighter colour, for this theme alone" : ""))
        }
    }

    private static func colour(_ name: String, _ section: MappingReader) -> (AccentColour, Node)? {
        guard let node = section.take(name) else { return nil }
        guard let text = node.scalar?.string, !text.isEmpty else {
            section.list.add(node, section.path(name), "must be a colour in quotes, such as \"#1f5eff\"")
            return nil
        }
        guard let filled = section.text(of: node, section.path(name)) else { return nil }
        guard let colour = AccentColour(filled) else {
            section.list.add(
                node, section.path(name), "must be a colour such as \"#1f5eff\", not `\(ShownValue.of(node))`")
            return nil
        }
        return (colour, node)
    }

    /// Rounded down, so that a value below the minimum is not shown as the minimum.
    private static func decimal(_ value: Double) -> String {
        let hundredths = Int(value * 100)
        return "\(hundredths / 100).\(hundredths / 10 % 10)\(hundredths % 10)"
    }

    private static func supportAddress(_ text: String) -> String? {
        guard ByteSet.visible.containsAll(text) else { return nil }
        if text.hasPrefix("https://") {
            let authority = text.dropFirst("https://".count).prefix { !"/?#".contains($0) }
            return WebOrigin("https://" + authority) == nil ? nil : text
        }
        let address = text.dropFirst("mailto:".count).prefix { $0 != "?" }.split(
            separator: "@", omittingEmptySubsequences: false)
        return text.hasPrefix("mailto:") && address.count == 2 && !address.contains("") ? text : nil
    }

    private static func readTemplates(
        _ path: String, _ node: Node, _ section: MappingReader, into templates: inout PageTemplates,
        _ files: inout BrandingFiles
    ) {
        let key = section.path("templates")
        let names: [String]
        do { names = try ReadFile.names(in: path).filter { $0.hasSuffix(".html") && !$0.hasPrefix(".") } } catch {
            section.list.add(node, key, error.message)
            return
        }
        if names.isEmpty { section.list.add(node, key, "\(path) has no template: a file such as sign_out.html") }
        var contents: [UInt8] = []
        for name in names {
            let file = "\(path)/\(name)"
            guard let subject = PageTemplates.subject(ofFile: name) else {
                let hint = ClosestName.to(name, among: PageTemplates.fileNames).map { "; did you mean \($0)?" } ?? ""
                section.list.add(node, key, "\(file) is not named for a page of the manual's list\(hint)")
                continue
            }
            do throws(ReadFile.Failure) {
                let text = try ReadFile.plainText(file)
                contents += Array("\(name)\u{0}\(text)\u{0}".utf8)
                do { templates.add(try PageTemplate(text, for: subject.page), file: name) } catch {
                    throw ReadFile.Failure(message: "\(file) \(message(error))")
                }
            } catch {
                section.list.add(node, key, error.message)
            }
        }
        files.templateNames = names
        files.templatesDigest = SHA256.hash(contents)
    }

    private static func message(_ refusal: PageTemplate.Refusal) -> String {
        switch refusal {
        case .tooLarge: "is larger than \(PageTemplate.maximumSize / 1024) KiB"
        case .unknownPlace(let name):
            "has an unknown placeholder `{{\(name)}}`; there are "
                + PageTemplate.Place.allCases.map(\.rawValue).joined(separator: ", ")
        case .unclosedPlace: "has `{{` without `}}`"
        case .unquoted(let place): "has `{{\(place.rawValue)}}` in a tag without quotes around it"
        case .markupInTag(let place): "has `{{\(place.rawValue)}}` in a tag: it brings elements"
        case .blocked(let text):
            "has `\(text.filter { $0 != " " })`, which the Content-Security-Policy of the pages blocks"
        case .lacksRequest: "lacks `{{request_id}}`: no one could find the request in the log"
        case .lacksForm: "lacks `{{actions}}`: without the form the page changes nothing"
        case .lacksTicket: "lacks `{{actions}}` or `{{ticket}}`: without the form's ticket the answer is refused"
        case .lacksHead: "lacks `{{head}}`: without it browsers do not say that the form is the gateway's own"
        }
    }
}
