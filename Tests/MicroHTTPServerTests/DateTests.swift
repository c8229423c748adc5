import Foundation
import Glibc
import HTTP
import TestSupport
import Testing
import Untrusted

@testable import MicroHTTPServer

@Suite struct DateTests {
    @Test(
        arguments: [
            // RFC 9110 section 5.6.7.
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_827_696, "Tue, 29 Feb 2000 12:34:56 GMT"), (4_102_444_799, "Thu, 31 Dec 2099 23:59:59 GMT"),
        ])
    func `a date is written as RFC 9110 wants it`(second: Int, text: String) {
        #expect(UTCTime(unixSeconds: Int64(second)).httpDate == text)
    }

    @Test func `every day of a century is written as the system's own library writes it`() {
        for day in 0..<36_525 {
            var second = day * 86_400 + day * 7919 % 86_400
            var parts = unsafe tm()
            unsafe gmtime_r(&second, &parts)
            var text = [CChar](repeating: 0, count: 64)
            let count = unsafe strftime(&text, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
            let expected = String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard UTCTime(unixSeconds: Int64(second)).httpDate == expected else {
                Issue.record("\(second): \(UTCTime(unixSeconds: Int64(second)).httpDate), not \(expected)")
                return
            }
        }
    }

    /// A kept answer is made anew in every second, and answers that close the connection have a date as well.
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
                let allowed = (before - 1...time(nil)).map {
                    "\r\nDate: " + UTCTime(unixSeconds: Int64($0)).httpDate + "\r\n"
                }
                #expect(answer.components(separatedBy: "\r\nDate: ").count == 2, "\(answer)")
                #expect(allowed.contains { answer.contains($0) }, "\(answer)")
            }
            try await Task.sleep(for: .milliseconds(1100))
        }
        await server.stop()
    }
}
