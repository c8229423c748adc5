import Foundation
import HTTP
import MicroHTTPServer
import TestSupport
import Testing
import Untrusted

/// Requests that others collected because programs read them differently. Skipped without `GATEWAY_VECTORS`.
@Suite(.enabled(if: Vectors.isThere, "GATEWAY_VECTORS names no folder of published vectors"))
struct PublishedRequestTests {
    struct Row: Decodable, Sendable {
        let id: String
        /// `reject` or `any`.
        let expect: String?
        let raw: String

        enum CodingKeys: String, CodingKey {
            case id, expect
            case raw = "raw_b64"
        }

        var bytes: [UInt8] { Data(base64Encoded: raw).map(Array.init) ?? [] }
    }

    struct Outcome: Sendable {
        let row: Row
        let statuses: [Int]
        let isAlive: Bool
    }

    /// Rows without the empty line at a head's end get silence, then the head's deadline.
    @Test func `no request of llhttp's that is to be rejected gets a good answer`() async throws {
        let (outcomes, paths) = try await run(try Vectors.objects("http/requests.jsonl", as: Row.self))
        #expect(outcomes.filter { !$0.isAlive }.map(\.row.id) == [])
        #expect(!paths.contains("/__canary"))
        let served = outcomes.filter { $0.row.expect == "reject" && $0.statuses.contains { (200..<300).contains($0) } }
        #expect(served.map(\.row.id) == [])
    }

    /// One row is served: a GET whose one good Content-Length covers the canary, which is then a body and stays one.
    @Test func `RT-95: no smuggled request is answered`() async throws {
        let rows = try Vectors.objects("http/smuggling.jsonl", as: Row.self)
        let (outcomes, paths) = try await run(rows)
        #expect(outcomes.count == rows.count)
        #expect(outcomes.filter { !$0.isAlive }.map(\.row.id) == [])
        #expect(paths.filter { $0 == "/__canary" } == [])
        let served = outcomes.filter { $0.statuses.contains { (200..<300).contains($0) } }
        #expect(served.map(\.row.id) == ["sm-cl-get"])
    }

    @Test func `no target puts a header into an answer that repeats it`() async throws {
        let handler = RecordingHandler { request in
            .now(
                HTTPResponse(
                    .ok, headers: ["X-Path": request.target.path.string, "X-Raw": request.target.rawPath.string]))
        }
        let server = try TestServer.start(handler)
        for line in try Vectors.lines("http/crlf-payloads.txt") {
            let answer = try await server.exchange("GET \(line) HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")
            let lines = answer.split { $0.isNewline }.map { $0.lowercased() }
            #expect(lines.count > 1)
            #expect(lines.filter { $0.hasPrefix("set-cookie") } == [], "\(line)")
        }
        await server.stop()
    }

    /// Sends every row over a connection of its own; a moment's silence is the end of what the server has to say.
    private func run(_ rows: [Row]) async throws -> (outcomes: [Outcome], paths: [String]) {
        let handler = RecordingHandler()
        let server = try TestServer.start(handler)
        let port = server.port
        let lanes = 24
        let outcomes = try await withThrowingTaskGroup(of: [Outcome].self) { group in
            for lane in 0..<lanes {
                let share = rows.indices.filter { $0 % lanes == lane }.map { rows[$0] }
                group.addTask { try await onThread { try share.map { try Self.play($0, port) } } }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        await server.stop()
        return (outcomes, handler.seenPaths)
    }

    private static func play(_ row: Row, _ port: UInt16) throws -> Outcome {
        let connection = try RawConnection(port: port)
        connection.send(row.bytes)
        let answer = String(decoding: connection.receiveAll(patience: 0.25).bytes, as: UTF8.self)
        let statuses = answer.split(separator: "HTTP/1.1 ").compactMap { Int($0.prefix(3)) }
        let witness = try RawConnection(port: port)
        witness.send("GET /alive HTTP/1.1\r\nHost: app.example.test\r\nConnection: close\r\n\r\n")
        return Outcome(row: row, statuses: statuses, isAlive: witness.receiveResponse()?.status == 200)
    }
}
