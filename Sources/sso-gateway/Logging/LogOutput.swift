import Glibc

/// Writes lines to a file, a terminal, or a pipe that other processes write to as well.
struct LogOutput {
    let descriptor: Int32
    /// The last line was written in part, so the next write begins with a line end.
    private var isCut = false

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Blocks while the reader is slow. Returns the number of lines that could not be written.
    ///
    /// Each piece has at most `PIPE_BUF` bytes, because a pipe never mixes those with other writers' bytes (pipe(7)).
    mutating func write(_ lines: [UInt8]) -> Int {
        if isCut, unwritten(of: [UInt8(ascii: "\n")]) > 0 { return Self.count(lines[...]) }
        isCut = false
        var rest = lines[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Self.end(of: rest) - rest.startIndex)
            let unwritten = unwritten(of: piece)
            if unwritten > 0 {
                isCut = unwritten < piece.count && piece.dropLast(unwritten).last != UInt8(ascii: "\n")
                return Self.count(rest.dropFirst(piece.count - unwritten))
            }
            rest = rest.dropFirst(piece.count)
        }
        return 0
    }

    private static func count(_ lines: ArraySlice<UInt8>) -> Int { lines.count { $0 == UInt8(ascii: "\n") } }

    /// The index after the last line that ends within `PIPE_BUF`, or after the first line if that is longer.
    private static func end(of lines: ArraySlice<UInt8>) -> Int {
        let isEnd = { (byte: UInt8) in byte == UInt8(ascii: "\n") }
        let last = lines.prefix(Int(PIPE_BUF)).lastIndex(where: isEnd) ?? lines.firstIndex(where: isEnd)
        return last.map { $0 + 1 } ?? lines.endIndex
    }

    /// The number of bytes that the system did not accept.
    private func unwritten(of bytes: ArraySlice<UInt8>) -> Int {
        var rest = bytes
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if written < 0, errno == EAGAIN {
                // Another process that shares the file has set O_NONBLOCK.
                var status = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                unsafe poll(&status, 1, -1)
            } else if written == 0 || errno != EINTR {
                break
            }
        }
        return rest.count
    }
}
