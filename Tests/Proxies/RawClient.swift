import Foundation
import TestSupport

/// `raw-client.py`, which sends exactly the fields that it is given over each version of HTTP.
enum RawClient {
    struct Request: Encodable, Sendable {
        /// HTTP/1.1: the bytes. Empty to read one more response.
        var raw: String?
        /// The others: fields with the pseudo-header fields in front, a body, and the fields behind it.
        var headers: [[String]]?
        var body: String?
        var trailers: [[String]]?
        /// Sent behind the response's head or behind `100 Continue`.
        var then: String?
        var dataAfter: String?
        var head: Bool?
        /// A text behind which the rest of the body is not waited for.
        var until: String?
    }

    struct Response: Decodable, Sendable {
        let status: Int
        let headers: [[String]]
        let body: String
        let interim: [Int]
        let seconds: Double
        let firstByteSeconds: Double?
        let reset: Int?
        let error: String?

        func values(_ name: String) -> [String] { headers.filter { $0[0].lowercased() == name }.map { $0[1] } }
    }

    struct Failure: Error { let said: String }

    private struct Input: Encodable {
        let `protocol`: String
        let port: UInt16
        let ca: String?
        let serverName: String
        let patience: Double
        let requests: [Request]
    }

    private struct Output: Decodable { let responses: [Response] }

    /// One after the other on one connection.
    static func send(
        _ requests: [Request], to site: ProxiedApp, _ version: WebProtocol, as serverName: String = "localhost",
        patience: Double = 10
    ) async throws -> [Response] {
        let input = Input(
            protocol: ["h1", "h2", "h3"][WebProtocol.allCases.firstIndex(of: version) ?? 0], port: site.port,
            ca: site.isSecure ? "\(site.directory)/ca.pem" : nil, serverName: serverName, patience: patience,
            requests: requests)
        let file = "\(site.directory)/\(UUID().uuidString)"
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        try encoder.encode(input).write(to: URL(fileURLWithPath: file + ".in"))
        let command = [
            "sh", "-c", #"exec "$0" "$1" < "$2" 2> "$2.errors""#, PythonPackages.python,
            Python.program("raw-client.py"), file + ".in",
        ]
        _ = try await onThread { ChildProcess(command, in: site.directory, output: file + ".out")?.wait() }
        let said = try Data(contentsOf: URL(fileURLWithPath: file + ".out"))
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let output = try? decoder.decode(Output.self, from: said) else {
            throw Failure(said: String(decoding: said, as: UTF8.self))
        }
        return output.responses
    }
}
