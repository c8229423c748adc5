import Glibc
import TestSupport
import Testing

/// Notifications to systemd with `Type=notify`, over a real socket.
@Suite struct ServiceManagerTests {
    @Test(arguments: [false, true]) func `the service manager is notified of start, reload and stop`(isAbstract: Bool)
        async throws
    {
        let standIn = try ServeTests.standIn()
        let folder = try TestFolder()
        let name = isAbstract ? "@sso-gateway-test-\(getpid())" : folder.path + "/notify"
        let socket = try NotifySocket(name)
        try await ProcessWorld.run(on: standIn, prefix: ["env", "NOTIFY_SOCKET=\(name)"]) { world in
            #expect(socket.receive() == "READY=1")
            _ = try await world.reload("configuration_reloaded")
            #expect(socket.receive().hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
            #expect(socket.receive() == "READY=1")
            world.process.terminate()
            #expect(socket.receive() == "STOPPING=1")
            #expect(try await world.process.exitCode() == 0)
        }
        await standIn.stop()
    }

    @Test(arguments: ["/nowhere/at/all", "not-a-path", ""]) func `a service manager that is not there stops nothing`(
        socket: String
    ) async throws {
        let standIn = try ServeTests.standIn()
        try await ProcessWorld.run(on: standIn, prefix: ["env", "NOTIFY_SOCKET=\(socket)"]) { world in
            let answer = try await world.browser().get("/sso/session")
            #expect(answer.status == 401)
        }
        await standIn.stop()
    }
}

private final class NotifySocket: Sendable {
    struct Failure: Error {}
    private let descriptor: Int32

    init(_ name: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name.utf8) }
        if name.hasPrefix("@") { address.sun_path.0 = 0 }
        let size = socklen_t(2 + name.utf8.count)
        let isBound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(descriptor, $0, size) == 0 }
        }
        guard isBound else { throw Failure() }
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// The next message; empty after 20 seconds.
    func receive() -> String {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }
}
