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

    /// Where it listens for a site.
    static func socket(in directory: String) -> String { directory + "/raw-client.sock" }

    /// What runs it until it is terminated.
    static func command(in directory: String) -> [String] {
        [PythonPackages.python, Python.program("raw-client.py"), socket(in: directory)]
    }

    /// One after the other on one connection.
    static func send(
        _ requests: [Request], to site: ProxiedApp, _ version: WebProtocol, as serverName: String = "localhost",
        patience: Double = 10
    ) async throws -> [Response] {
        let input = Input(
            protocol: ["h1", "h2", "h3"][WebProtocol.allCases.firstIndex(of: version) ?? 0], port: site.port,
            ca: site.isSecure ? "\(site.directory)/ca.pem" : nil, serverName: serverName, patience: patience,
            requests: requests)
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let order = try encoder.encode(input)
        let longest = patience * Double(requests.count) + 60
        let said = try await onThread {
            let connection = try RawConnection(path: socket(in: site.directory))
            connection.send(Array(order))
            connection.finishSending()
            return Data(connection.receiveAll(patience: longest).bytes)
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let output = try? decoder.decode(Output.self, from: said) else {
            throw Failure(said: String(decoding: said, as: UTF8.self))
        }
        return output.responses
    }
}
