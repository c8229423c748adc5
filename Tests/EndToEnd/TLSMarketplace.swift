import Foundation
import MicroHTTPServer
import TestSupport

@testable import ProviderStandIn

/// A stand-in behind TLS, whose certificate a test changes, under the executable.
final class TLSMarketplace {
    let standIn: StandInServer
    let tls: TLSFixture
    private(set) var front: TLSFront?
    let port: UInt16

    private init(_ certificate: String) throws {
        standIn = try ServeTests.standIn()
        tls = try TLSFixture()
        for (name, subject, ca) in [
            ("old", "IP:127.0.0.1", "ca"), ("renewed", "IP:127.0.0.1", "ca"), ("other", "IP:127.0.0.1", "other-ca"),
            ("misnamed", "DNS:other.invalid", "ca"),
        ] {
            try tls.makeCertificate(name, for: subject, ca: ca)
        }
        try tls.makeCertificate("expired", for: "IP:127.0.0.1", ca: "ca", days: 0)
        let front = try TLSFront(tls, certificate, before: UInt16(standIn.server.port))
        port = front.port
        self.front = front
    }

    /// The same address with another certificate. All its connections end.
    func present(_ certificate: String) throws {
        front = nil
        front = try TLSFront(tls, certificate, before: UInt16(standIn.server.port), port: port)
    }

    /// A gateway that trusts the authority `ca`, in a file of its own beside it.
    static func run(_ certificate: String, _ body: (ProcessWorld, TLSMarketplace) async throws -> Void) async throws {
        let marketplace = try TLSMarketplace(certificate)
        let authorities = marketplace.tls.path("authorities.pem")
        try FileManager.default.copyItem(atPath: marketplace.tls.path("ca.pem"), toPath: authorities)
        try await ProcessWorld.run(
            on: marketplace.standIn, marketplace: "https://127.0.0.1:\(marketplace.port)",
            extra: "ca_file: \(authorities)"
        ) { world in
            try await body(world, marketplace)
        }
        await marketplace.standIn.stop()
    }
}
