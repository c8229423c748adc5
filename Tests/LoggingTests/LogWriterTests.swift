import Foundation
import Glibc
import TestSupport
import Testing

@testable import Gateway
@testable import sso_gateway

/// Lines are written into real pipes and files.
@Suite struct LogWriterTests {
    private static func open(_ path: String) throws -> Int32 {
        let descriptor = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0)
        return descriptor
    }

    /// The fields of line `number`.
    private static func fields(_ number: Int) -> EventLog.Fields { ["reason": "r\(number)"] }

    private static func numbers(_ text: String) -> [Int] {
        text.split(separator: "\n").compactMap { line in
            line.firstRange(of: "reason=r").flatMap { Int(line[$0.upperBound...]) }
        }
    }

    @Test func `writes whole lines of many threads, in each thread's order, before it ends`()
        async throws
    {
        let folder = try TemporaryFolder()
        let writer = LogWriter(.text, to: try Self.open(folder.path("log")))
        await withTaskGroup { group in
            for thread in 0..<8 {
                group.addTask {
                    for number in 0..<400 {
                        writer.log.record(.requestMalformed, nil, Self.fields(thread * 1000 + number))
                    }
                }
            }
        }
        writer.close()
        let numbers = Self.numbers(textWritten(to: folder.path("log")))
        for thread in 0..<8 {
            #expect(numbers.filter { $0 / 1000 == thread } == (0..<400).map { thread * 1000 + $0 })
        }
        #expect(numbers.count == 3200)
    }

    @Test(arguments: [(LogFormat.json, #""traceparent":"T""#), (.text, " traceparent=T")])
    func `writes the trace of the request`(_ format: LogFormat, _ field: String) throws {
        let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let folder = try TemporaryFolder()
        let writer = LogWriter(format, to: try Self.open(folder.path("log")))
        let trace = try #require(TraceContext(Array(traceparent.utf8)))
        TraceContext.$current.withValue(trace) { writer.log.record(.requestMalformed, nil, Self.fields(1)) }
        writer.log.record(.requestMalformed, nil, Self.fields(2))
        writer.close()
        let lines = textWritten(to: folder.path("log")).split(separator: "\n")
        #expect(lines.count == 2 && lines[0].contains(field.replacing("T", with: traceparent)))
        #expect(!lines[1].contains("traceparent"))
    }

    @Test func `writes the first line at once`() throws {
        let folder = try TemporaryFolder()
        let pipe = try NamedPipe(folder.path("log"))
        let writer = LogWriter(.json, to: try Self.open(pipe.path))
        for number in 0..<3 {
            writer.log.record(.requestMalformed, nil, Self.fields(number))
            pipe.wait()
            let line = pipe.take()
            #expect(
                line.hasPrefix(#"{"time":""#)
                    && line.hasSuffix("\"event\":\"request_malformed\",\"reason\":\"r\(number)\"}\n"))
        }
        writer.close()
    }

    @Test(.timeLimit(.minutes(1)))
    func `a stalled reader delays no event, and the log reports later how many lines are missing`() async throws {
        let folder = try TemporaryFolder()
        let pipe = try NamedPipe(folder.path("log"))
        let dropped = Counter()
        let writer = LogWriter(.text, to: try Self.open(pipe.path), dropped: dropped)
        let count = 60_000
        for number in 0..<count { writer.log.record(.requestMalformed, nil, Self.fields(number)) }
        // More than the pipe and the writer hold.
        let missing = dropped.current
        #expect(missing > 0)

        var text = ""
        var reported: Int {
            text.matches(of: /log_lines_dropped count=([0-9]+)\n/).reduce(0) { $0 + (Int($1.output.1) ?? 0) }
        }
        while reported < missing {
            pipe.wait()
            text += pipe.take()
        }
        #expect(reported == missing)
        let numbers = Self.numbers(text)
        #expect(numbers.count + missing == count)
        #expect(numbers == numbers.sorted())

        // Afterwards lines are written as before.
        writer.log.record(.requestMalformed, nil, Self.fields(count))
        writer.close()
        #expect(Self.numbers(pipe.take()) == [count])
        #expect(dropped.current == missing)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a line that is longer than the queue is reported without another line`() throws {
        let folder = try TemporaryFolder()
        let pipe = try NamedPipe(folder.path("log"))
        let dropped = Counter()
        let writer = LogWriter(.text, to: try Self.open(pipe.path), dropped: dropped)
        writer.log.record(.requestMalformed, nil, ["reason": String(repeating: "r", count: LogWriter.capacity)])
        pipe.wait()
        #expect(pipe.take().hasSuffix("log_lines_dropped count=1\n"))
        #expect(dropped.current == 1)
        writer.close()
    }

    @Test func `lines that cannot be written are counted, and reported when writing works again`() throws {
        let folder = try TemporaryFolder()
        let dropped = Counter()
        // Writing to it fails as on a disk that is full: full(4).
        let descriptor = try Self.open("/dev/full")
        let writer = LogWriter(.text, to: descriptor, dropped: dropped)
        writer.log.record(.requestMalformed, nil, Self.fields(1))
        for _ in 0..<1000 where dropped.current == 0 { usleep(5000) }
        #expect(dropped.current == 1)
        let file = try Self.open(folder.path("log"))
        #expect(dup2(file, descriptor) == descriptor)
        writer.log.record(.requestMalformed, nil, Self.fields(2))
        writer.close()
        #expect(Self.numbers(textWritten(to: folder.path("log"))) == [2])
        #expect(textWritten(to: folder.path("log")).hasSuffix("log_lines_dropped count=1\n"))
        #expect(dropped.current == 1)
    }

    @Test func `close waits for a stalled reader for at most its limit`() throws {
        let folder = try TemporaryFolder()
        let pipe = try NamedPipe(folder.path("log"))
        let writer = LogWriter(.text, to: try Self.open(pipe.path))
        for number in 0..<4000 { writer.log.record(.requestMalformed, nil, Self.fields(number)) }
        let began = ContinuousClock.now
        writer.close(within: 0.2)
        #expect((.milliseconds(200) ... .seconds(10)).contains(ContinuousClock.now - began))
        // Empty the pipe, so that the writer's thread ends.
        while !pipe.take().isEmpty { usleep(20_000) }
    }
}
