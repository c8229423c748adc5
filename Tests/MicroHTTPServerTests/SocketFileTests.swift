import Glibc
import HTTP
import SecretMemory
import TestSupport
import Testing

@testable import MicroHTTPServer

/// The file of a Unix socket: no other server's is taken or removed, and no other user can replace it.
@Suite struct SocketFileTests {
    private struct Empty: HTTPHandler {
        func answer(_ request: HTTPRequest) -> HTTPAnswer { .now(HTTPResponse(.noContent)) }
    }

    private static func start(_ path: String, mode: UInt32 = 0o600) throws(ServerStartError) -> MicroHTTPServer {
        try MicroHTTPServer.start(ServerSettings(listen: .unix(path: path, mode: mode)), handler: Empty())
    }

    private static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    @Test func `a stop leaves the socket of a server that has taken the name`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("a.sock")
        let first = try Self.start(path)
        unsafe unlink(path)
        let second = try Self.start(path)
        await first.drainAndStop(within: .zero)
        #expect(Self.exists(path))
        await second.drainAndStop(within: .zero)
        #expect(!Self.exists(path))
    }

    @Test func `a server whose queue is full keeps its socket`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("a.sock")
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        defer { close(listener) }
        let isBound = unsafe SocketAddress.with(path: path) { unsafe bind(listener, $0, $1) == 0 }
        #expect(isBound == true && listen(listener, 0) == 0)
        var clients: [Int32] = []
        defer { for client in clients { close(client) } }
        // Nothing accepts them, so soon the queue is full and a connect would have to wait.
        for _ in 0..<8 {
            let client = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            clients.append(client)
            _ = unsafe SocketAddress.with(path: path) { unsafe connect(client, $0, $1) }
        }
        #expect(throws: ServerStartError.alreadyServed(path: path)) { try Self.start(path) }
        #expect(Self.exists(path))
    }

    @Test func `a socket of a stopped server is replaced`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("a.sock")
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let isBound = unsafe SocketAddress.with(path: path) { unsafe bind(listener, $0, $1) == 0 }
        #expect(isBound == true)
        close(listener)
        let server = try Self.start(path)
        await server.drainAndStop(within: .zero)
    }

    @Test(arguments: [(0o777, false), (0o1777, true), (0o755, true), (0o770, true)])
    func `a directory in which other users can replace the socket is refused`(_ mode: mode_t, _ isGood: Bool)
        async throws
    {
        let folder = try TemporaryFolder()
        let directory = folder.path("run")
        #expect(unsafe mkdir(directory, 0o700) == 0 && chmod(directory, mode) == 0)
        for socketMode in [0o600, 0o660] as [UInt32] {
            do throws(ServerStartError) {
                let server = try Self.start(directory + "/a.sock", mode: socketMode)
                await server.drainAndStop(within: .zero)
                #expect(isGood)
            } catch {
                #expect(!isGood && "\(error)".contains("other users can replace files in \(directory)"))
            }
        }
    }

    @Test(.enabled(if: geteuid() == 0, "Only root can give a directory away."))
    func `another user's directory is refused for a socket of mode 0600 only`() async throws {
        let folder = try TemporaryFolder()
        let directory = folder.path("run")
        #expect(unsafe mkdir(directory, 0o755) == 0 && chown(directory, 12345, 12345) == 0)
        #expect(throws: ServerStartError.self) { try Self.start(directory + "/a.sock") }
        let shared = try Self.start(directory + "/a.sock", mode: 0o660)
        await shared.drainAndStop(within: .zero)
    }
}
