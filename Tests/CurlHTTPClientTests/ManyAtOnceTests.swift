import CurlHTTPClient
import Glibc
import HTTP
import Locking
import SecretMemory
import TestSupport
import Testing

@Suite struct `Many at once` {
    @Test func `five hundred transfers get their own answers`() async throws {
        let server = try ScriptedServer { number in [.repeated([.awaitRequest, .ok("\(number)")])] }
        defer { server.stop() }
        let client = makeClient()
        defer { client.stop() }
        for _ in 0..<2 {
            let statuses = try await withThrowingTaskGroup(of: HTTPStatus.self) { group in
                for number in 0..<500 {
                    group.addTask {
                        let body = SecretBytes("number=\(number)")
                        let request = HTTPClientRequest(.post, server.url(), body: body, timeout: patience)
                        return try await client.send(request).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses == Array(repeating: .ok, count: 500))
        }
        let heard = server.requests.compactMap { $0.split(separator: "number=").last.flatMap { Int($0) } }
        #expect(heard.sorted() == (0..<500).flatMap { [$0, $0] })
        #expect(server.connectionCount <= 256, "the rest is queued")
    }

    @Test func `three hundred transfers pass over eight connections`() async throws {
        let server = try ScriptedServer(.repeated([.awaitRequest, .ok("x")]))
        defer { server.stop() }
        let client = makeClient(ClientSettings(maximumConnectionsPerHost: 8))
        defer { client.stop() }
        let failures = await withTaskGroup(of: HTTPClientError?.self) { group in
            for number in 0..<300 {
                // Methods differ in how long a connection may have idled, so in which one may be used again.
                let request = HTTPClientRequest([.get, .post][number % 2], server.url(), timeout: patience)
                group.addTask { await client.failure(of: request) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(failures == Array(repeating: nil, count: 300))
        #expect(server.connectionCount <= 8)
    }

    @Test func `queued requests start in the order of arrival, and a cancelled one is never written`() async throws {
        let mayAnswer = Locked(false)
        let answer = ScriptedServer.Step.reply { _ in
            while !mayAnswer.withLock({ $0 }) { usleep(1000) }
            return "HTTP/1.1 204 No Content\r\n\r\n"
        }
        let server = try ScriptedServer(.repeated([answer]))
        defer { server.stop() }
        let client = makeClient(ClientSettings(maximumConnectionsPerHost: 1))
        defer { client.stop() }
        var tasks: [Task<HTTPClientError?, Never>] = []
        for number in 0..<4 {
            let request = HTTPClientRequest(.post, server.url("/\(number)"), timeout: patience)
            tasks.append(Task { await client.failure(of: request) })
            while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            // Time to be posted before the next.
            try await Task.sleep(for: .milliseconds(100))
        }
        tasks[1].cancel()
        #expect(await tasks[1].value == .cancelled)
        mayAnswer.withLock { $0 = true }
        for number in [0, 2, 3] { #expect(await tasks[number].value == nil) }
        #expect(server.requests.map { $0.prefix(7) } == ["POST /0", "POST /2", "POST /3"])
    }

    @Test func `a host whose connections are all taken keeps no other host waiting`() async throws {
        let silent = try ScriptedServer(.awaitRequest, .awaitClose)
        let other = try ScriptedServer(.awaitRequest, .ok("x"))
        defer { for each in [silent, other] { each.stop() } }
        let client = makeClient(ClientSettings(maximumConnectionsPerHost: 1))
        let request = HTTPClientRequest(.get, silent.url(), timeout: .seconds(60))
        let stuck = (0..<3).map { _ in Task { await client.failure(of: request) } }
        while silent.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        #expect(await client.failure(of: HTTPClientRequest(.get, other.url(), timeout: patience)) == nil)
        client.stop()
        for task in stuck { #expect(await task.value == .stopped) }
    }

    @Test func `a time-out fires though nothing else happens`() async throws {
        let server = try ScriptedServer(.awaitRequest, .awaitClose)
        defer { server.stop() }
        let client = makeClient()
        defer { client.stop() }
        let start = ContinuousClock.now
        let failure = await client.failure(of: HTTPClientRequest(.get, server.url(), timeout: .milliseconds(300)))
        #expect(failure == .timedOut)
        #expect(ContinuousClock.now - start < patience)
    }

    @Test func `the time-out counts while a transfer is queued`() async throws {
        let server = try ScriptedServer(.awaitRequest, .awaitClose)
        defer { server.stop() }
        let client = makeClient(ClientSettings(maximumConnectionsPerHost: 1))
        defer { client.stop() }
        let first = Task { await client.failure(of: HTTPClientRequest(.get, server.url(), timeout: .seconds(60))) }
        while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        let start = ContinuousClock.now
        let failure = await client.failure(of: HTTPClientRequest(.post, server.url(), timeout: .milliseconds(200)))
        #expect(failure == .cannotConnect, "it was never written")
        #expect(ContinuousClock.now - start < patience)
        #expect(server.connectionCount == 1)
        first.cancel()
        #expect(await first.value == .cancelled)
    }

    @Test func `time in the queue does not use up the time for connecting`() async throws {
        let server = try ScriptedServer { number in
            number == 0
                ? [.awaitRequest, .pause(.milliseconds(1500)), .send("HTTP/1.1 204 No\r\nConnection: close\r\n\r\n")]
                : [.awaitRequest, .ok("x")]
        }
        defer { server.stop() }
        let client = makeClient(ClientSettings(connectTimeout: .seconds(1), maximumConnectionsPerHost: 1))
        defer { client.stop() }
        let first = Task { await client.failure(of: HTTPClientRequest(.get, server.url(), timeout: patience)) }
        while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        #expect(await client.failure(of: HTTPClientRequest(.get, server.url(), timeout: patience)) == nil)
        #expect(await first.value == nil)
        #expect(server.connectionCount == 2)
    }
}

@Suite struct `Ending early` {
    @Test func `a cancelled task ends at once, before and after the request was written`() async throws {
        let server = try ScriptedServer(.awaitRequest, .awaitClose)
        defer { server.stop() }
        let client = makeClient()
        defer { client.stop() }
        let request = HTTPClientRequest(.get, server.url(), timeout: .seconds(60))
        let start = ContinuousClock.now
        let written = Task { await client.failure(of: request) }
        while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        written.cancel()
        #expect(await written.value == .cancelled)
        for _ in 0..<200 {
            let task = Task { await client.failure(of: request) }
            if Bool.random() { await Task.yield() }
            task.cancel()
            #expect(await task.value == .cancelled)
        }
        #expect(ContinuousClock.now - start < patience)
    }

    @Test func `a request that finishes once it is written ends at its time-out, and at once before that`() async throws
    {
        let silent = try ScriptedServer(.awaitRequest, .awaitClose)
        defer { silent.stop() }
        // No TLS: nothing is ever written.
        let deaf = try ScriptedServer(.awaitClose)
        defer { deaf.stop() }
        let client = makeClient()
        defer { client.stop() }
        var request = HTTPClientRequest(.post, silent.url(), timeout: .milliseconds(1500))
        request.finishesOnceWritten = true
        let start = ContinuousClock.now
        let written = Task { [request] in await client.failure(of: request) }
        while silent.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        written.cancel()
        #expect(await written.value == .timedOut)
        #expect(ContinuousClock.now - start > .milliseconds(1400))

        request.url = "https://127.0.0.1:\(deaf.port)/"
        request.timeout = .seconds(60)
        let unwritten = Task { [request] in await client.failure(of: request) }
        while deaf.connectionCount == 0 { try await Task.sleep(for: .milliseconds(5)) }
        let cancelled = ContinuousClock.now
        unwritten.cancel()
        #expect(await unwritten.value == .cancelled)
        #expect(ContinuousClock.now - cancelled < patience)
    }

    @Test func `cancelling races with answers and every caller hears one thing`() async throws {
        let server = try ScriptedServer(.repeated([.awaitRequest, .ok("x")]))
        defer { server.stop() }
        let client = makeClient()
        defer { client.stop() }
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<300 {
                group.addTask {
                    let request = HTTPClientRequest(.post, server.url(), body: SecretBytes("x"), timeout: patience)
                    let task = Task { await client.failure(of: request) }
                    if number % 3 > 0 { try? await Task.sleep(for: .microseconds(number * 10)) }
                    task.cancel()
                    #expect([nil, .cancelled].contains(await task.value))
                }
            }
        }
        let request = HTTPClientRequest(.get, server.url(), timeout: patience)
        #expect(await client.failure(of: request) == nil, "the client still works")
    }

    @Test func `stop ends what is under way and refuses what comes later`() async throws {
        let server = try ScriptedServer(.awaitRequest, .awaitClose)
        defer { server.stop() }
        let client = makeClient(ClientSettings(maximumConnectionsPerHost: 8))
        let request = HTTPClientRequest(.post, server.url(), body: SecretBytes("x"), timeout: .seconds(60))
        let failures = await withTaskGroup(of: HTTPClientError?.self) { group in
            for _ in 0..<50 { group.addTask { await client.failure(of: request) } }
            group.addTask {
                while server.requests.count < 8 { try? await Task.sleep(for: .milliseconds(5)) }
                client.stop()
                return .stopped
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(failures == Array(repeating: .stopped, count: 51))
        #expect(await client.failure(of: request) == .stopped)
        client.stop()
    }

    @Test func `a client that nobody holds any more ends its thread by itself`() async throws {
        weak var gone: CurlHTTPClient?
        do {
            let client = makeClient()
            gone = client
        }
        #expect(gone == nil)
    }
}
