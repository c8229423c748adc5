import Foundation
import Glibc
import HTTP
import TestSupport
import Testing

@testable import MicroHTTPServer

@Suite struct ListenTests {
    private func start(_ address: ListenAddress, _ change: (inout ServerSettings) -> Void = { _ in }) throws
        -> TestServer
    {
        try TestServer.start(RecordingHandler { .now(HTTPResponse(.ok, text: "\($0.peer)")) }) {
            $0.listen = address
            change(&$0)
        }
    }

    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString.prefix(13))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    private func ask(_ path: String) async throws -> RawResponse? {
        try await onThread {
            let connection = try RawConnection(path: path)
            connection.send(ConnectionTests.get)
            return connection.receiveResponse()
        }
    }

    @Test(arguments: [1, 2]) func `serves a socket file with the mode asked for`(_ loops: Int) async throws {
        try await withFolder { folder in
            let path = folder + "/s"
            let server = try start(.unix(path: path, mode: 0o600)) { $0.eventLoops = loops }
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(try await ask(path)?.body == "unixSocket")
            await server.stop()
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func `replaces a dead server's socket file, and nothing else`() async throws {
        try await withFolder { folder in
            let path = folder + "/s"
            let live = try start(.unix(path: path))
            #expect(throws: ServerStartError.alreadyServed(path: path)) { try start(.unix(path: path)) }
            #expect(try await ask(path)?.status == 200)
            // A second name keeps the file when its server goes: nobody listens there then.
            try FileManager.default.linkItem(atPath: path, toPath: folder + "/dead")
            await live.stop()
            let next = try start(.unix(path: folder + "/dead"))
            #expect(try await ask(folder + "/dead")?.status == 200)
            await next.stop()
            let file = folder + "/file"
            #expect(FileManager.default.createFile(atPath: file, contents: Data("mine".utf8)))
            #expect(throws: ServerStartError.pathTaken(path: file)) { try start(.unix(path: file)) }
            #expect(FileManager.default.contents(atPath: file) == Data("mine".utf8))
            let long = folder + "/" + String(repeating: "a", count: 120)
            #expect(throws: ServerStartError.self) { try start(.unix(path: long)) }
        }
    }

    @Test func `leaves its path to the next server while it drains`() async throws {
        try await withFolder { folder in
            let path = folder + "/s"
            let gate = Gate()
            let handler = RecordingHandler { _ in
                .later {
                    await gate.pass()
                    return HTTPResponse(.ok, text: "first")
                }
            }
            let first = try TestServer.start(handler) { $0.listen = .unix(path: path) }
            let waiting = Task { try await ask(path) }
            while await gate.waiting == 0 { try await Task.sleep(for: .milliseconds(5)) }
            let stopping = Task { await first.stop(within: .seconds(30)) }
            while FileManager.default.fileExists(atPath: path) { try await Task.sleep(for: .milliseconds(5)) }
            let second = try start(.unix(path: path))
            await gate.open()
            await stopping.value
            #expect(try await waiting.value?.body == "first")
            #expect(try await ask(path)?.body == "unixSocket")
            await first.stop()
            #expect(FileManager.default.fileExists(atPath: path))
            await second.stop()
        }
    }

    @Test func `serves a socket that somebody else opened`() async throws {
        let reserved = try ReservedPort.reserve(0)
        // The server owns what it is given, so it gets a copy.
        let copy = try ListeningSocket.open(.tcp(host: "127.0.0.1", port: 0))
        reserved.release()
        let server = try start(.inherited(descriptor: copy.descriptor))
        guard case .tcp(_, let port) = copy.address else { return }
        let answer = try await onThread {
            let connection = try RawConnection(port: port)
            connection.send(ConnectionTests.get)
            return connection.receiveResponse()
        }
        #expect(answer?.status == 200)
        await server.stop()
    }

    @Test func `refuses to inherit what does not listen`() throws {
        let descriptor = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        #expect(throws: ServerStartError.self) { try start(.inherited(descriptor: descriptor)) }
        #expect(throws: ServerStartError.self) { try start(.inherited(descriptor: 1_000_000)) }
    }

    @Test(arguments: ["0.0.0.0", "::", "192.0.2.1"]) func `keeps an old library off the network`(_ host: String) throws
    {
        guard !HTTPLibrary.hasFixedParser(HTTPLibrary.version) else { return }
        #expect(
            throws: ServerStartError.oldHTTPLibrary(
                version: HTTPLibrary.version, address: "\(ListenAddress.tcp(host: host, port: 0))")
        ) { try start(.tcp(host: host, port: 0)) }
    }

    @Test(arguments: ["0.0.0.0", "::"]) func `keeps an old library off an inherited socket of the network`(
        _ host: String
    )
        async throws
    {
        guard !HTTPLibrary.hasFixedParser(HTTPLibrary.version) else { return }
        let socket = try ListeningSocket.open(.tcp(host: host, port: 0))
        let address = ListenAddress.inherited(descriptor: socket.descriptor)
        #expect(throws: ServerStartError.oldHTTPLibrary(version: HTTPLibrary.version, address: "\(address)")) {
            try start(address)
        }
        let server = try start(address) { $0.allowOldHTTPLibrary = true }
        await server.stop()
    }

    @Test func `listens on the network with an old library when told to`() async throws {
        let server = try start(.tcp(host: "0.0.0.0", port: 0)) { $0.allowOldHTTPLibrary = true }
        #expect(try await server.exchange(ConnectionTests.get, patience: 1).hasPrefix("HTTP/1.1 200"))
        await server.stop()
    }

    @Test(arguments: [
        ("0.9.75", false), ("0.9.99", false), ("1.0.8", false), ("1.0.9", true), ("1.0.10-rc", true), ("1.1.0", true),
        ("2.0.0", true), ("1.0", false), ("", false), ("x", false),
    ])
    func `knows the library's versions`(_ version: String, _ isSafe: Bool) {
        #expect(HTTPLibrary.hasFixedParser(version) == isSafe)
    }

    @Test func `says which port is taken`() throws {
        let taken = try ReservedPort.reserve(0)
        defer { taken.release() }
        #expect(throws: ServerStartError.self) { try start(.tcp(host: "127.0.0.1", port: taken.number)) }
    }

    /// Two gateways on one port would share its connections and know nothing of each other's used codes and sign-outs.
    @Test(arguments: [(1, 1), (1, 2), (2, 1), (2, 2)], ["127.0.0.1", "0.0.0.0"])
    func `RT-110: a second server does not start on a port that one serves`(_ loops: (Int, Int), _ host: String)
        async throws
    {
        let first = try start(.tcp(host: "127.0.0.1", port: 0)) { $0.eventLoops = loops.0 }
        let address = ListenAddress.tcp(host: host, port: first.port)
        #expect(
            throws: ServerStartError.addressUnusable(address: "\(address)", reason: "Address already in use")
        ) {
            try start(address) {
                $0.eventLoops = loops.1
                $0.allowOldHTTPLibrary = true
            }
        }
        #expect(try await first.exchange(ConnectionTests.get, patience: 0.2).hasPrefix("HTTP/1.1 200"))
        await first.stop()
        let next = try start(.tcp(host: "127.0.0.1", port: first.port)) { $0.eventLoops = loops.1 }
        await next.stop()
    }

    @Test(arguments: [
        ("127.0.0.1:80", ListenAddress.tcp(host: "127.0.0.1", port: 80)), ("[::1]:0", .tcp(host: "::1", port: 0)),
        ("localhost:1", .tcp(host: "localhost", port: 1)), ("unix:/a/b", .unix(path: "/a/b")),
        ("fd:3", .inherited(descriptor: 3)), ("fd:2", nil), ("unix:a", nil), ("a.test:80", nil), ("127.0.0.1", nil),
        ("127.0.0.1:65536", nil), ("", nil),
    ])
    func `reads an address`(_ text: String, _ address: ListenAddress?) {
        #expect(ListenAddress(setting: text) == address)
    }
}
