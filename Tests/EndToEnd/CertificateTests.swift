import Foundation
import TestSupport
import Testing

/// The marketplace's certificate, renewed and under another authority.
@Suite struct CertificateTests {
    /// The file has both authorities while the marketplace changes from one to the other.
    @Test func `a reload reads the changed file of authorities, and connections stay open`() async throws {
        try await TLSMarketplace.run("old") { world, marketplace in
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
