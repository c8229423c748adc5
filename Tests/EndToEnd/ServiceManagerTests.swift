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

    @Test func `the watchdog gets two signs of life in its time`() async throws {
        let standIn = try ServeTests.standIn()
        let folder = try TestFolder()
        let socket = try NotifySocket(folder.path + "/notify")
        let watched = ["env", "NOTIFY_SOCKET=\(folder.path)/notify", "WATCHDOG_USEC=600000"]
        try await ProcessWorld.run(on: standIn, prefix: watched) { world in
            #expect(socket.receive() == "READY=1")
            let began = ContinuousClock.now
            for _ in 0..<8 { #expect(socket.receive() == "WATCHDOG=1") }
            // The first is sent at once, the others after 300 ms each. Those that this process receives late are a few.
            #expect(ContinuousClock.now - began >= .milliseconds(1300))
            #expect(world.process.hasEnded == false)
        }
        await standIn.stop()
    }

    /// The thread without which the public listener does not answer, held by ptrace(2). The rest of the process runs.
    @Test(.enabled(if: HeldThread.isPossible, "this user may not trace the process"))
    func `an event loop that hangs silences the watchdog until it goes on`() async throws {
        let standIn = try ServeTests.standIn()
        let folder = try TestFolder()
        let socket = try NotifySocket(folder.path + "/notify")
        let watched = ["env", "NOTIFY_SOCKET=\(folder.path)/notify", "WATCHDOG_USEC=600000"]
        try await ProcessWorld.run(on: standIn, prefix: watched) { world in
            #expect(socket.receive() == "READY=1")
            let held = try await HeldThread(of: world.process.child.id, answering: world.ports.open, in: folder)
            try await Task.sleep(for: .seconds(1))
            socket.discardReceived()
            try await Task.sleep(for: .seconds(3))
            #expect(!socket.hasMessage)
            #expect(try await world.browser().get("http://admin.test/ping").status == 200)
            held.release()
            #expect(socket.receive() == "WATCHDOG=1")
            #expect(try await world.browser().get("/sso/session").status == 401)
        }
        await standIn.stop()
    }

    @Test(arguments: ["WATCHDOG_PID=1 WATCHDOG_USEC=100000", "WATCHDOG_USEC=0", "WATCHDOG_USEC=soon"])
    func `a watchdog of another process, or without a time, gets nothing`(_ variables: String) async throws {
        let standIn = try ServeTests.standIn()
        let folder = try TestFolder()
        let socket = try NotifySocket(folder.path + "/notify")
        let watched = ["env", "NOTIFY_SOCKET=\(folder.path)/notify"] + variables.split(separator: " ").map(String.init)
        try await ProcessWorld.run(on: standIn, prefix: watched) { world in
            #expect(socket.receive() == "READY=1")
            try await Task.sleep(for: .milliseconds(500))
            world.process.terminate()
            #expect(socket.receive() == "STOPPING=1")
        }
        await standIn.stop()
    }

    /// As systemd does for a socket unit: descriptor 3, and the variables that describe it (sd_listen_fds(3)).
    @Test func `a socket that systemd opened is served as fd:3`() async throws {
        let folder = try TestFolder()
        let file = try ProcessWorld.configure(folder, marketplace: "http://127.0.0.1:9", listen: "fd:3")
        let activate = """
            import os, socket, sys
            s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen()
            print("port", s.getsockname()[1], flush=True)
            os.dup2(s.fileno(), 3); os.set_inheritable(3, True)
            os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()), LISTEN_FDNAMES="sso-gateway.socket")
            os.execvp(sys.argv[1], sys.argv[1:])
            """
        let process = try GatewayProcess(
            ["serve", "--config", file], in: folder, prefix: ["python3", "-c", activate])
        defer { process.child.end() }
        let port = try await process.line { $0.hasPrefix("port ") }.dropFirst(5)
        let answer = folder.path + "/answer"
        _ = try await process.line { $0.contains(#""event":"started""#) }
        let curl = ChildProcess(
            ["curl", "-s", "http://127.0.0.1:\(port)/sso/session"], in: folder.path, output: answer)
        #expect(curl?.wait() == true)
        #expect(textWritten(to: answer).contains("not_signed_in"))
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

    var hasMessage: Bool {
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&watched, 1, 0) > 0
    }

    func discardReceived() { while hasMessage { _ = receive() } }
}

/// A thread of another process that does not run.
private struct HeldThread {
    struct Failure: Error { let log: String }

    static let isPossible: Bool =
        ChildProcess(["python3", "-c", program, "test"], in: "/", output: "/dev/null")?.wait() == true

    /// Holds one thread after the other, until a request is not answered within a second. The kernel lets a thread go on
    /// when its tracer ends.
    private static let program = """
        import ctypes, os, socket, subprocess, sys, time
        libc = ctypes.CDLL(None, use_errno=True)
        libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        SEIZE, INTERRUPT, DETACH, WALL = 0x4206, 0x4207, 17, 0x40000000
        def hold(thread):
            if libc.ptrace(SEIZE, thread, None, None) or libc.ptrace(INTERRUPT, thread, None, None): sys.exit("refused")
            os.waitpid(thread, WALL)
        if sys.argv[1] == "test":
            child = subprocess.Popen(["sleep", "9"]); hold(child.pid); child.kill(); sys.exit()
        def is_answered():
            with socket.create_connection(("127.0.0.1", int(sys.argv[2])), 1) as s:
                s.settimeout(1)
                s.sendall(b"GET /sso/session HTTP/1.1\\r\\nHost: a.test\\r\\n\\r\\n")
                try: return s.recv(1) != b""
                except TimeoutError: return False
        for thread in map(int, os.listdir(f"/proc/{sys.argv[1]}/task")):
            hold(thread)
            if not is_answered():
                print("held", flush=True)
                time.sleep(60)
            libc.ptrace(DETACH, thread, None, None)
        """

    private let tracer: ChildProcess

    init(of process: pid_t, answering port: UInt16, in folder: TestFolder) async throws {
        let log = folder.path + "/tracer.log"
        guard
            let tracer = ChildProcess(
                ["python3", "-c", Self.program, "\(process)", "\(port)"], in: folder.path, output: log)
        else { throw Failure(log: "no process") }
        self.tracer = tracer
        for _ in 0..<4000 {
            if textWritten(to: log).contains("held") { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        tracer.end()
        throw Failure(log: textWritten(to: log))
    }

    func release() { tracer.end() }
}
