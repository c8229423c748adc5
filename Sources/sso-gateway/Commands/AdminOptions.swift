import ArgumentParser
import CurlHTTPClient
import HTTP
import JOSE
import MicroHTTPServer
import SecretMemory
import Untrusted

/// Sends a command's requests to the admin listener of a running gateway.
struct AdminOptions: ParsableArguments {
    @Option(help: "The configuration file of the gateway: says where its admin socket or listener is.")
    var config: String?

    @Option(help: "The admin listener's address, `http://…` or `unix:/path`, instead of --config.")
    var admin: String?

    @Option(help: "A file with the admin token, if the gateway requires one.")
    var adminTokenFile: String?

    func validate() throws {
        guard config == nil || admin == nil else { throw ValidationError("Give --config or --admin, not both.") }
    }

    /// The address, and the token where there is one.
    private typealias Target = (address: String, token: SecretBytes?)

    private func target() throws -> Target {
        var token: SecretBytes?
        if let adminTokenFile {
            do { token = try ReadFile.secret(adminTokenFile, from: .fileOrPipe) } catch {
                Terminal.fail("\(error.message)")
                throw Exit.failed
            }
        }
        guard let config else { return (admin ?? "http://127.0.0.1:4181", token) }
        let configuration = try LoadedConfiguration.load(config)
        token = token ?? configuration.adminToken
        if let path = configuration.adminSocket?.unixPath ?? configuration.adminListen.unixPath {
            return ("unix:" + path, token)
        }
        guard case .tcp(_, _) = configuration.adminListen else {
            Terminal.fail("the configuration does not say where the admin listener is: give --admin.")
            throw Exit.failed
        }
        return ("http://\(configuration.adminListen)", token)
    }

    func send(_ method: HTTPMethod, _ path: String, body: SecretBytes? = nil) async throws -> HTTPClientResponse {
        let target = try target()
        var headers: HTTPHeaders = ["Accept": "application/json"]
        if body != nil { headers.append("Content-Type", "application/json") }
        if let token = target.token { headers.append("Authorization", "Bearer " + (token.exposedText?.string ?? "")) }
        let scheme = "unix:"
        let socket = target.address.hasPrefix(scheme) ? String(target.address.dropFirst(scheme.count)) : nil
        let client = try CurlHTTPClient(ClientSettings(unixSocket: socket))
        defer { client.stop() }
        do {
            return try await client.send(
                HTTPClientRequest(
                    method, (socket == nil ? target.address : "http://localhost") + path, headers: headers, body: body,
                    timeout: .seconds(30)))
        } catch {
            let hint =
                config == nil && admin == nil
                ? "Give --config FILE, which says where the admin listener is."
                : "Is the gateway running, and is this its admin listener?"
            Terminal.fail(
                "no answer from \(ShownValue.withoutCredentials(target.address)): \(error.explanation). \(hint)")
            throw Exit.failed
        }
    }

    /// The texts of a list in an answer, safe to print.
    static func list(_ value: JSONValue?) -> [String] {
        guard case .array(let values)? = value else { return [] }
        return values.compactMap { $0.text?.string.visible }
    }

    /// Prints the gateway's error message, and returns the error to throw.
    func failure(_ answer: HTTPClientResponse) -> ExitCode {
        let error = (try? JSONObject(parsing: answer.body))?["error"]
        let message = if case .object(let object)? = error { object["message"]?.text?.string } else { nil as String? }
        Terminal.fail("refused (\(answer.status.rawValue)). \(message ?? "")")
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
