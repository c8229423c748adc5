import CurlHTTPClient
import Foundation
import HTTP
import JOSE
import TestSupport
import Untrusted

@testable import Gateway
@testable import ProviderStandIn

/// A real OpenID provider from PyPI as the issuer, on loopback. `.ci/setup` installs them.
struct OpenIDProvider {
    enum Kind: String, Sendable, CaseIterable {
        case mock, idpy, django

        /// Below the address of the server.
        var issuerPath: String { self == .django ? "/o" : "" }
        var keysPath: String {
            switch self {
            case .mock: "/jwks"
            case .idpy: "/jwks.json"
            case .django: "/o/.well-known/jwks.json"
            }
        }
    }

    struct Failure: Error { let log: String }

    private static let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    private static let python = root + "/.build-oidc/bin/python"
    static let isInstalled = FileManager.default.isExecutableFile(atPath: python)

    let kind: Kind
    let url: String
    private let process: ChildProcess
    private let folder: TemporaryFolder

    var issuer: String { url + kind.issuerPath }

    /// Signs Ada in, with the marketplace's claims. `secret`: the client's.
    init(_ kind: Kind, _ integration: StandInSettings.Integration, client: CurlHTTPClient) async throws {
        self.kind = kind
        folder = try TemporaryFolder()
        let port = try unusedPort()
        url = "http://127.0.0.1:\(port)"
        let installation = integration.installations[0]
        let claims: JSONObject = [
            "sub": .string(Self.subject(installation)), "account_id": .string(installation.accountID),
            "installation_id": .string(installation.id), "user_id": .string(LoginWorld.ada),
            "user_role": .string("ADMIN"), "user_name": .string("Ada Lovelace"),
        ]
        let settings: JSONObject = [
            "port": .integer(Int64(port)), "client_id": .string(integration.clientID),
            "client_secret": .string(integration.clientSecret),
            "redirect_uri": .string((integration.oidcLoginURL ?? "") + "/callback"), "claims": .object(claims),
        ]
        try folder.write("client.json", String(decoding: settings.encoded, as: UTF8.self))
        let script = "\(Self.root)/Tests/OIDC/provider-\(kind.rawValue).py"
        guard let process = ChildProcess([Self.python, script], in: folder.root, output: folder.path("log")) else {
            throw Failure(log: "no process")
        }
        self.process = process
        let discovery = issuer + "/.well-known/openid-configuration"
        for _ in 0..<600 {
            let answer = try? await client.send(HTTPClientRequest(.get, discovery, timeout: .seconds(10)))
            if answer?.status == .ok { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        stop()
        throw Failure(log: textWritten(to: folder.path("log")))
    }

    static func subject(_ installation: StandInSettings.Installation) -> String {
        "account:\(installation.accountID):user:\(LoginWorld.ada)"
    }

    func stop() { process.end() }

    /// What the provider has written.
    var log: String { textWritten(to: folder.path("log")) }
}
