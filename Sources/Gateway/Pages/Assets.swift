import HTTP
import OpenSSLCrypto
import Untrusted

/// The files of `public/`, built into the executable. Their addresses contain a hash of their content, so that browsers
/// may cache them without limit and still get a new version.
struct Assets: Sendable {
    static let prefix = "/sso/assets/"

    private let byName: [String: (path: String, type: String, content: [UInt8])]
    private let byPath: [UntrustedText: String]

    static let published = Assets([
        ("gateway.css", "text/css; charset=utf-8", PackageResources.gateway_css),
        ("notice.svg", "image/svg+xml", PackageResources.notice_svg),
        ("confirmation.svg", "image/svg+xml", PackageResources.confirmation_svg),
        ("done.svg", "image/svg+xml", PackageResources.done_svg),
    ])

    init(_ files: [(name: String, type: String, content: [UInt8])]) {
        var byName: [String: (path: String, type: String, content: [UInt8])] = [:]
        for file in files {
            let hash = SHA256.hash(file.content).prefix(6).hexadecimal
            let parts = file.name.split(separator: ".", maxSplits: 1)
            byName[file.name] = (Self.prefix + "\(parts[0])-\(hash).\(parts[1])", file.type, file.content)
        }
        self.byName = byName
        byPath = Dictionary(uniqueKeysWithValues: byName.map { (UntrustedText($0.value.path), $0.key) })
    }

    /// The address of a file under its hashed name.
    func path(_ name: String) -> String {
        guard let file = byName[name] else { preconditionFailure("no such file in public/: \(name)") }
        return file.path
    }

    func response(for path: UntrustedText) -> HTTPResponse? {
        guard let name = byPath[path], let file = byName[name] else { return nil }
        return HTTPResponse(
            .ok,
            headers: [
                "Content-Type": file.type, "Cache-Control": "public, max-age=31536000, immutable",
                "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'",
            ], body: file.content)
    }
}
