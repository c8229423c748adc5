import Foundation
import Glibc
import HTTP
import TestSupport
import Testing
import Untrusted

@testable import MicroHTTPServer

@Suite struct DateTests {
    /// RFC 9110 section 5.6.7, by the system's own library.
    private static func httpDate(_ second: Int) -> String {
        var second = second
        var parts = unsafe tm()
        unsafe gmtime_r(&second, &parts)
        var text = [CChar](repeating: 0, count: 64)
        let count = unsafe strftime(&text, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
        return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Also a kept answer, and an answer that closes the connection.
    @Test func `every answer has one date, of the second in which it is given`() async throws {
        let kept = HTTPResponse(.ok, text: "kept").kept()
        let server = try TestServer.start(
            RecordingHandler { $0.target.path == "/kept" ? .now(kept) : .now(HTTPResponse(.ok)) })
        let requests = ["GET /kept", "GET /", "BREW /"].map {
            "\($0) HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n"
        }
        for _ in 0..<3 {
            for request in requests {
                let before = time(nil)
                let answer = try await server.exchange(request)
                let allowed = (before - 1...time(nil)).map { "\r\nDate: " + Self.httpDate($0) + "\r\n" }
                #expect(answer.components(separatedBy: "\r\nDate: ").count == 2, "\(answer)")
                #expect(allowed.contains { answer.contains($0) }, "\(answer)")
            }
            try await Task.sleep(for: .milliseconds(1100))
        }
        await server.stop()
    }
}
