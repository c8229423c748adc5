import HTTP
import OpenSSLCrypto
import Untrusted

/// The files that the pages need: those of `public/`, built into the executable, and the branding's. Their addresses contain a
/// hash of their content, so that browsers may cache them without limit and still get a new version.
struct Assets: Sendable {
    static let prefix = "/sso/assets/"

    private struct File: Sendable {
        let path: String
        let response: HTTPResponse
    }

    private let byName: [String: File]
    private let byPath: [UntrustedText: String]

    init(_ branding: Branding) {
        var files = [
            ("gateway.css", "text/css; charset=utf-8", PackageResources.gateway_css + Array(branding.stylesheet.utf8)),
            ("notice.svg", "image/svg+xml", PackageResources.notice_svg),
            ("confirmation.svg", "image/svg+xml", PackageResources.confirmation_svg),
            ("done.svg", "image/svg+xml", PackageResources.done_svg),
        ]
        if let logo = branding.logo {
            files.append(("logo.\(logo.format.rawValue)", logo.format.mediaType, logo.content))
        }
        self.init(files)
    }

    init(_ files: [(name: String, type: String, content: [UInt8])]) {
        var byName: [String: File] = [:]
        for file in files {
            let hash = SHA256.hash(file.content).prefix(6).hexadecimal
            let parts = file.name.split(separator: ".", maxSplits: 1)
            byName[file.name] = File(
                path: Self.prefix + "\(parts[0])-\(hash).\(parts[1])", response: Self.response(file.type, file.content))
        }
        self.byName = byName
        byPath = Dictionary(uniqueKeysWithValues: byName.map { (UntrustedText($0.value.path), $0.key) })
    }

    /// The address of a file under its hashed name.
    func path(_ name: String) -> String {
        guard let file = byName[name] else { preconditionFailure("no such file in public/: \(name)") }
        return file.path
    }

    func response(for path: UntrustedText) -> HTTPResponse? { byPath[path].flatMap { byName[$0] }?.response }

    /// `sandbox`: a picture that is opened by itself is a document, and an SVG could have scripts. Drawing programs write styles
    /// into an SVG, and Firefox applies the policy to a picture of a page too.
    private static func response(_ type: String, _ content: [UInt8]) -> HTTPResponse {
        let styles = type == Logo.Format.svg.mediaType ? "style-src 'unsafe-inline'; " : ""
        return HTTPResponse(
            .ok,
            headers: [
                "Content-Type": type, "Cache-Control": "public, max-age=31536000, immutable",
                "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; \(styles)sandbox",
            ], body: content)
    }
}
