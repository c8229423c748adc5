import Foundation
import Glibc
import HTTP
import Locking
import TestSupport
import Testing

@testable import ProviderStandIn

/// RT-87: known values go in wherever a secret goes in, and are looked for wherever something comes out.
@Suite struct CanaryTests {
    /// The output, and the name for messages.
    typealias Place = (name: String, text: String)

    @Test(arguments: ["json", "text"])
    func `the id_token and the code are never persisted`(_ format: String) async throws {
        let standIn = try ServeTests.standIn()
        let seen = Seen()
        // Keys are fetched once and kept, so each of their faults meets a process that has none yet.
        for fault in [StandInFault.jwks500, .jwksGarbage, .jwksEmpty, .jwksSlow] {
            standIn.fail(fault)
            try await ProcessWorld.run(on: standIn, format: format) { world in
                try await Self.everyPage(world, seen)
                try await Self.end(world, seen)
            }
        }
        standIn.fail(.none)
        try await ProcessWorld.run(on: standIn, format: format) { world in
            try await Self.everyPage(world, seen)
            let slow: Set<StandInFault> = [.jwks500, .jwksGarbage, .jwksEmpty, .jwksSlow, .tokenSlow, .memberSlow]
            for fault in StandInFault.allCases where !slow.contains(fault) {
                standIn.fail(fault)
                try await Self.everyPage(world, seen)
            }
            standIn.standIn.state.withLock { $0.delay = 10_000 }
            for fault in [StandInFault.memberSlow, .tokenSlow] {
                standIn.fail(fault)
                seen.add(try await world.browser().callBack(standIn.click()), "\(fault.rawValue)")
            }
            try await Self.end(world, seen)
        }
        await standIn.stop()

        let secrets = standIn.secrets
        #expect(secrets.codes.count > 60 && secrets.tokens.count > 30 && seen.sessions.count > 10)
        var markers = secrets.codes + secrets.states + seen.sessions + [ProcessWorld.clientSecret]
        markers += [ProcessWorld.installationToken]
        // Whole, and the parts by which a piece of one would be found. An unsigned one has no third part.
        for token in secrets.tokens { markers += [token] + token.split(separator: ".").dropFirst().map(String.init) }
        for place in seen.places {
            // The e-mail address belongs in three places, each of which is for the person or for the proxy.
            let email = seen.mayShowEmail.contains(place.name) ? [] : ["canary-ada"]
            let text = place.text.replacing("\0", with: "\n").utf8CString
            let found = (markers + email).filter { Self.contains(text, $0) }
            #expect(found.isEmpty, "\(place.name) shows \(found.prefix(3)): \(place.text.prefix(300))")
        }
    }

    /// Every way in which the gateway answers a browser, a proxy and an operator.
    private static func everyPage(_ world: ProcessWorld, _ seen: Seen) async throws {
        let browser = world.browser()
        let query = world.standIn.click(LoginWorld.ada)
        seen.add(try await browser.callBack(query), "callback")
        seen.add(try await browser.callBack(query), "callback again")
        seen.add(try await world.browser().callBack(query), "callback elsewhere")
        seen.add(try await world.browser().callBack(query + "&code=doubled"), "callback doubled")
        seen.add(try await browser.get("/sso/start?rd=/kept"), "start")
        seen.add(try await browser.get("/sso/session"), "session endpoint")
        seen.add(try await browser.get("/authz/nginx", headers: LoginWorld.original), "decision")
        seen.add(try await browser.get("/sso/nowhere?\(query)"), "not found")
        seen.add(try await browser.callBack(world.standIn.click(LoginWorld.ben)), "switch page")
        seen.add(try await browser.get("/sso/sign_out"), "sign-out page")
        seen.add(try await browser.post("/sso/sign_out", query), "signed out")
        for path in ["metrics", "ready", "ping"] { seen.add(try await browser.get("http://admin.test/\(path)"), path) }
        let malformed = "GET /sso/callback?\(query) HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"
        seen.add("malformed", try await RawRequest.send(Array(malformed.utf8), port: world.ports.open))
    }

    /// Stops the process and takes in what it leaves behind.
    private static func end(_ world: ProcessWorld, _ seen: Seen) async throws {
        let process = "/proc/\(world.process.child.id)"
        for file in ["cmdline", "environ"] {
            seen.add(
                file, String(decoding: try Data(contentsOf: URL(fileURLWithPath: "\(process)/\(file)")), as: UTF8.self))
        }
        // No file is open but the log, which is its standard error, and the store.
        let open = try FileManager.default.contentsOfDirectory(atPath: "\(process)/fd").compactMap {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "\(process)/fd/\($0)")
        }
        let files = open.filter { $0.hasPrefix("/") && !$0.hasPrefix("/dev/") && !isDirectory($0) }
        // What a test that runs beside this one opened at the moment of the start is not the gateway's.
        let own = files.filter { !$0.contains("/sso-gateway-test-") || $0.hasPrefix(world.folder.path) }
        let store = ["", "-wal", "-shm"].map { "\(world.folder.path)/gateway.db\($0)" }
        #expect(Set(own) == Set(store + [world.folder.output]))
        for file in store {
            seen.add(file, String(decoding: try Data(contentsOf: URL(fileURLWithPath: file)), as: UTF8.self))
        }
        world.process.terminate()
        #expect(try await world.process.exitCode() == 0)
        seen.add("log", world.process.output)
        #expect(world.process.output.contains("login_failed"))
        #expect(world.folder.contents(world.folder.working) == [])
        #expect(world.folder.contents(world.folder.temporary) == [])
    }

    /// Half a million look-ups: the C library's is the one that is quick in a debug build.
    private static func contains(_ text: ContiguousArray<CChar>, _ marker: String) -> Bool {
        unsafe text.withUnsafeBufferPointer { unsafe strstr($0.baseAddress!, marker) != nil }
    }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Everything that came out of a process.
    private final class Seen: Sendable {
        let mayShowEmail: Set = ["session endpoint", "decision", "switch page"]
        private let found = Locked<(places: [Place], sessions: [String])>(([], []))

        var places: [Place] { found.withLock { $0.places } }
        var sessions: [String] { found.withLock { $0.sessions } }

        func add(_ name: String, _ text: String) { found.withLock { $0.places.append((name, text)) } }

        func add(_ answer: TestBrowser.Answer, _ name: String) {
            let headers = answer.headers.fields.filter {
                $0.name != "Set-Cookie" || !$0.value.hasPrefix(TestBrowser.sessionName + "=")
            }
            add(name, headers.map { "\($0.name): \($0.value)\n" }.joined() + answer.body)
            if let session = answer.session { found.withLock { $0.sessions.append(session) } }
        }
    }
}
