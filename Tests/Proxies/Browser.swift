import Foundation
import TestSupport

/// A browser with cookies of its own, made of the curl program: it sends whatever header a test wants to smuggle in.
struct Browser: Sendable {
    struct Answer: Sendable {
        let status: Int
        let headers: [(name: String, value: String)]
        let body: String

        /// The first value under a name in lower case.
        func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
        var setsSession: Bool {
            headers.contains {
                guard $0.name == "set-cookie", let start = $0.value.firstRange(of: "sso_session=") else { return false }
                return ["", "__Host-"].contains($0.value[..<start.lowerBound])
                    && $0.value[start.upperBound...].first != ";"
            }
        }
    }

    struct NoAnswer: Error { let said: String }

    static let navigation = [
        "Accept: text/html,application/xhtml+xml", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document",
    ]

    private let site: ProxiedApp
    private let version: WebProtocol
    private let name = UUID().uuidString

    init(_ site: ProxiedApp, _ version: WebProtocol = .http1) {
        self.site = site
        self.version = version
    }

    /// One request to a path of the site or to another address; redirects are not followed.
    @discardableResult
    func ask(_ address: String, headers: [String] = [], _ options: [String] = []) async throws -> Answer {
        let jar = "\(site.directory)/\(name).jar"
        let output = "\(site.directory)/\(UUID().uuidString).answer"
        let url = address.hasPrefix("/") ? site.url + address : address
        var arguments = [
            "curl", "-sS", "-i", "--path-as-is", "--globoff", "--max-time", "30", "-b", jar, "-c", jar,
            version == .http2 ? "--http2" : "--http1.1",
        ]
        if site.isSecure { arguments += ["--cacert", "\(site.directory)/ca.pem"] }
        arguments += headers.flatMap { ["-H", $0] } + options + [url]
        let command = arguments
        let isWhole = try await onThread { [directory = site.directory] in
            ChildProcess(command, in: directory, output: output)?.wait() == true
        }
        let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: output)), as: UTF8.self)
        guard isWhole, let answer = Self.read(text) else { throw NoAnswer(said: text) }
        return answer
    }

    /// From the marketplace through the callback: signed in as the member with this id.
    @discardableResult
    func signIn(as user: String = Member.ada) async throws -> Answer {
        let sent = try await ask("\(site.standInURL)/sso/integrations/acme?user=\(user)")
        return try await ask(sent.header("location") ?? "/")
    }

    /// What this browser sends as `Cookie`.
    var cookie: String {
        get throws {
            let jar = try String(contentsOfFile: "\(site.directory)/\(name).jar", encoding: .utf8)
            return jar.split(separator: "\n").map { $0.split(separator: "\t") }.filter { $0.count == 7 }
                .map { "\($0[5])=\($0[6])" }.joined(separator: "; ")
        }
    }

    /// Heads of interim answers, such as 100, stand before the answer's own.
    private static func read(_ text: String) -> Answer? {
        if text.hasPrefix("HTTP/1.1 1"), !text.hasPrefix("HTTP/1.1 101"), let end = text.firstRange(of: "\r\n\r\n") {
            return read(String(text[end.upperBound...]))
        }
        // `\r\n` is one character to Swift.
        guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        guard let first = lines.first, let status = first.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return nil }
        let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            return (line[..<colon].lowercased(), String(value))
        }
        return Answer(status: status, headers: headers, body: String(text[end.upperBound...]))
    }
}

/// Members of the stand-in's demonstration.
enum Member {
    static let ada = "0ada0ada0ada0ada0ada0ada"
    static let ben = "0be40be40be40be40be40be4"
}
