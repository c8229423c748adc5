import Glibc

/// Where lines go: a file, a terminal, or a pipe that others write to as well.
struct LogOutput {
    let descriptor: Int32
    /// The last line could not be written to its end; the next one begins a new line.
    private var isCut = false

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Waits for whoever reads. How many of the lines, each with its end, could not be written.
    ///
    /// Lines go out in pieces of `PIPE_BUF`, which a pipe never mixes with what others write (pipe(7)).
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

    /// Behind the last line that ends within `PIPE_BUF`, or behind the first one if that is longer.
    private static func end(of lines: ArraySlice<UInt8>) -> Int {
        let isEnd = { (byte: UInt8) in byte == UInt8(ascii: "\n") }
        let last = lines.prefix(Int(PIPE_BUF)).lastIndex(where: isEnd) ?? lines.firstIndex(where: isEnd)
        return last.map { $0 + 1 } ?? lines.endIndex
    }

    /// How many bytes at the end the system did not take.
    private func unwritten(of bytes: ArraySlice<UInt8>) -> Int {
        var rest = bytes
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if written < 0, errno == EAGAIN {
                // Somebody who shares it has made it one that does not wait.
                var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                unsafe poll(&room, 1, -1)
            } else if written == 0 || errno != EINTR {
                break
            }
        }
        return rest.count
    }
}
