import Foundation
import MicroHTTPServer
import TestSupport
import Testing

@testable import ProviderStandIn

/// The marketplace's certificate, renewed and under another authority.
@Suite struct CertificateTests {
    private final class Marketplace {
        let standIn: StandInServer
        let tls: TLSFixture
        private var front: TLSFront?
        let port: UInt16

        init(_ certificate: String) throws {
            standIn = try ServeTests.standIn()
            tls = try TLSFixture()
            for (name, ca) in [("old", "ca"), ("renewed", "ca"), ("other", "other-ca")] {
                try tls.makeCertificate(name, for: "IP:127.0.0.1", ca: ca)
            }
            let front = try TLSFront(tls, certificate, before: UInt16(standIn.server.port))
            port = front.port
            self.front = front
        }

        /// The same address with another certificate.
        func present(_ certificate: String) throws {
            front = nil
            front = try TLSFront(tls, certificate, before: UInt16(standIn.server.port), port: port)
        }
    }

    private static func run(_ certificate: String, _ body: (ProcessWorld, Marketplace) async throws -> Void)
        async throws
    {
        let marketplace = try Marketplace(certificate)
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

    /// The file has both authorities while the marketplace changes from one to the other.
    @Test func `a reload reads the changed file of authorities, and connections stay open`() async throws {
        try await Self.run("old") { world, marketplace in
            let ada = world.browser()
            #expect(try await ada.callBack(marketplace.standIn.click()).status == 303)
            let connection = try RawConnection(port: world.ports.open)
            let request = "GET /sso/session HTTP/1.1\r\nHost: app.example.test\r\n\r\n"
            connection.send(request)
            #expect(try await onThread { connection.receiveResponse()?.status } == 401)

            let tls = marketplace.tls
            let both = try ["ca.pem", "other-ca.pem"].map { try String(contentsOfFile: tls.path($0), encoding: .utf8) }
            try both.joined().write(toFile: tls.path("authorities.pem"), atomically: true, encoding: .utf8)
            _ = try await world.reload("configuration_reloaded")
            #expect(try await world.browser().callBack(marketplace.standIn.click()).status == 303)
            try marketplace.present("other")
            #expect(try await world.browser().callBack(marketplace.standIn.click()).status == 303)
            // The old authority is no longer trusted.
            try both[1].write(toFile: tls.path("authorities.pem"), atomically: true, encoding: .utf8)
            _ = try await world.reload("configuration_reloaded")
            try marketplace.present("renewed")
            #expect(try await world.browser().callBack(marketplace.standIn.click()).status == 502)

            connection.send(request)
            #expect(try await onThread { connection.receiveResponse()?.status } == 401)
            #expect(try await SignedInProcess.decision(ada, "/").status == 200)
        }
    }
}
