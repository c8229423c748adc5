import ArgumentParser
import CurlHTTPClient
import HTTP
import JOSE
import SecretMemory
import Untrusted

/// Sends a command's requests to the admin listener of a running gateway.
struct AdminOptions: ParsableArguments {
    @Option(help: "The admin listener's address.")
    var admin = "http://127.0.0.1:4181"

    @Option(help: "A file with the admin token, if the gateway requires one.")
    var adminTokenFile: String?

    func send(_ method: HTTPMethod, _ path: String, body: SecretBytes? = nil) async throws -> HTTPClientResponse {
        var headers: HTTPHeaders = ["Accept": "application/json"]
        if body != nil { headers.append("Content-Type", "application/json") }
        if let adminTokenFile {
            do {
                headers.append(
                    "Authorization",
                    "Bearer " + (try ReadFile.secret(adminTokenFile, from: .fileOrPipe).exposedText?.string ?? ""))
            } catch {
                Terminal.complain("sso-gateway: \(error.message)")
                throw Exit.failed
            }
        }
        let client = try CurlHTTPClient(ClientSettings())
        defer { client.stop() }
        do {
            return try await client.send(
                HTTPClientRequest(method, admin + path, headers: headers, body: body, timeout: .seconds(30)))
        } catch {
            Terminal.complain(
                "sso-gateway: no answer from \(ShownValue.withoutCredentials(admin)) (\(error)). Is the gateway running, and is this its admin_listen?"
            )
            throw Exit.failed
        }
    }

    /// Prints the gateway's error message, and returns the error to throw.
    func failure(_ answer: HTTPClientResponse) -> ExitCode {
        let error = (try? JSONObject(parsing: answer.body))?["error"]
        let message = if case .object(let object)? = error { object["message"]?.text?.string } else { nil as String? }
        Terminal.complain("sso-gateway: refused (\(answer.status.rawValue)). \(message ?? "")")
        return Exit.failed
    }
}

/// A flat JSON object of the fields that have a value.
struct JSONFields {
    private var members: [(name: UntrustedText, value: JSONValue)]

    init(_ fields: [(String, String?)]) {
        members = fields.compactMap { name, value in value.map { (UntrustedText(name), .string($0)) } }
    }

    mutating func set(_ name: UntrustedText, _ value: Bool) { members.append((name, .bool(value))) }
    mutating func set(_ name: UntrustedText, _ value: String) { members.append((name, .string(value))) }

    var text: SecretBytes { SecretBytes(JSONObject(members).encoded) }
}
