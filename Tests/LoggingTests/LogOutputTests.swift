import Foundation
import Glibc
import TestSupport
import Testing

@testable import sso_gateway

/// Writes of which the system accepts only a part.
@Suite struct LogOutputTests {
    private static func pipe() throws -> (reading: FileHandle, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        try #require(unsafe Glibc.pipe(&ends) == 0)
        return (FileHandle(fileDescriptor: ends[0], closeOnDealloc: true), ends[1])
    }

    private static func lines(_ range: Range<Int>) -> [UInt8] {
        Array(range.map { "line \($0) \(String(repeating: "x", count: $0 % 300))\n" }.joined().utf8)
    }

    @Test(arguments: [0, O_NONBLOCK])
    func `waits for a full pipe, also with O_NONBLOCK`(flags: Int32) async throws {
        let (reading, writing) = try Self.pipe()
        try #require(fcntl(writing, F_SETFL, O_WRONLY | flags) == 0)
        let text = Self.lines(0..<5000)
        async let written = onThread {
            var output = LogOutput(writing)
            defer { close(writing) }
            return output.write(text)
        }
        try await Task.sleep(for: .milliseconds(50))
        let read = try await onThread { try reading.readToEnd() }
        #expect(try await written == 0)
        #expect(read == Data(text))
    }

    /// Two programs may share a pipe: a longer write than `PIPE_BUF` could be mixed with the other's lines.
    @Test func `writes at most PIPE_BUF bytes at once, except for a longer line`() throws {
        // Every write is a packet: unix(7).
        var ends: [Int32] = [-1, -1]
        try #require(unsafe socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0)
        defer { close(ends[0]) }
        let long = Array(String(repeating: "y", count: 6000).utf8) + Array("\n".utf8)
        let text = Self.lines(0..<100) + long + Self.lines(0..<100)
        var output = LogOutput(ends[1])
        #expect(output.write(text) == 0)
        close(ends[1])
        var (pieces, piece): ([[UInt8]], [UInt8]) = ([], [UInt8](repeating: 0, count: 8192))
        while case let count = unsafe read(ends[0], &piece, piece.count), count > 0 {
            pieces.append(Array(piece[..<count]))
        }
        #expect(pieces.flatMap(\.self) == text)
        let inLong = pieces.filter { $0.contains(UInt8(ascii: "y")) }
        #expect(inLong.flatMap(\.self) == long)
        let others = pieces.filter { !$0.contains(UInt8(ascii: "y")) }
        #expect(others.allSatisfy { $0.count <= Int(PIPE_BUF) && $0.last == UInt8(ascii: "\n") })
        #expect(others.count < 20)
    }

    @Test func `a line after a partial one begins on a new line`() async throws {
        let (reading, writing) = try Self.pipe()
        // More than the pipe's capacity.
        let long = Array(String(repeating: "y", count: 100_000).utf8) + Array("\nnext\n".utf8)
        async let unwritten = onThread {
            // As the executable does.
            signal(SIGPIPE, SIG_IGN)
            var output = LogOutput(writing)
            return (output.write(long), output)
        }
        // Closes the pipe after the first bytes.
        let descriptor = reading.fileDescriptor
        let isWritten = try await onThread {
            var readable = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            return unsafe poll(&readable, 1, 30_000) == 1
        }
        #expect(isWritten)
        try reading.close()
        var (count, output) = try await unwritten
        #expect(count == 2)
        // The line end is still missing after another failed write.
        #expect(output.write(Array("lost\n".utf8)) == 1)

        let (other, otherWriting) = try Self.pipe()
        #expect(dup2(otherWriting, writing) == writing)
        close(otherWriting)
        #expect(output.write(Array("a\n".utf8)) == 0)
        #expect(output.write(Array("b\n".utf8)) == 0)
        close(writing)
        #expect(try other.readToEnd() == Data("\na\nb\n".utf8))
    }
}
