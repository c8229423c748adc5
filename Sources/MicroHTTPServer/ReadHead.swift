import CMicroHTTPD
import Glibc
import HTTP
import SecretMemory

/// Reads a request's head from libmicrohttpd.
///
/// The library leaves the head in its receive buffer and ends each part with a NUL, so the parts' addresses show which bytes
/// were between them. Every byte is accounted for: another program may read what a C string's end, a folded line, a bare line
/// feed or a run of blanks hides. This only adds refusals: with a library that copied the parts elsewhere every request
/// would be refused.
extension RequestHead {
    @unsafe static func read(
        _ connection: OpaquePointer, _ record: ConnectionRecord, method: UnsafePointer<CChar>?,
        version: UnsafePointer<CChar>?, maximumHead: Int
    ) throws(MalformedRequest.Reason) -> RequestHead {
        guard let method = unsafe method, let version = unsafe version else { throw .method }
        let size = unsafe gateway_head_size(connection)
        let methodText = unsafe UnsafeRawBufferPointer(start: method, count: strlen(method))
        let versionText = unsafe UnsafeRawBufferPointer(start: version, count: strlen(version))
        let lineEnd = unsafe UnsafeRawPointer(version) + versionText.count
        var fields = HeaderFieldReader(after: UInt(bitPattern: lineEnd))
        // The head ends with an empty line.
        unsafe fields.readAll(connection, upTo: size - (lineEnd - UnsafeRawPointer(method)) - 2)
        guard size + RequestHead.fieldOverhead * fields.places.count <= maximumHead else { throw .headTooLarge }
        // The request line has one blank before the target and one after it.
        let isPlain =
            unsafe fields.isPlainlySpelled && version - method == methodText.count + record.target.count + 2
        // libmicrohttpd has put a NUL after every part.
        let head = unsafe UnsafeBufferPointer(
            start: lineEnd.assumingMemoryBound(to: UInt8.self), count: fields.end + 1)
        // The expected control bytes: two before every field and one in it, one for each early end, and one at the
        // head's end. Any other is in a value.
        let areValuesPlain =
            unsafe FieldSyntax.countControls(head.span) == 3 * fields.places.count + fields.earlyEnds + 1
        let bytes = unsafe [UInt8](head)
        return try RequestHead(
            method: unsafe methodText.assumingMemoryBound(to: UInt8.self).span,
            version: unsafe versionText.assumingMemoryBound(to: UInt8.self).span, target: record.target,
            headers: HTTPHeaders(head: bytes, fields.places), isPlainlySpelled: isPlain,
            areValuesPlain: areValuesPlain, peer: record.peer, peerUserID: record.peerUserID)
    }
}

/// Reads all fields in order. The sizes are libmicrohttpd's, so a NUL does not end a value.
private struct HeaderFieldReader: ~Copyable {
    /// The end of the request line: positions count from here. The line itself is not copied, because it may hold a login
    /// code.
    private let start: UInt
    private(set) var places: [HTTPHeaders.Place] = []
    /// The end of the previous part, without its line end.
    private(set) var end = 0
    /// The number of values that libmicrohttpd ended before trailing blanks.
    private(set) var earlyEnds = 0
    private(set) var isPlainlySpelled = true

    init(after requestLine: UInt) { start = requestLine }

    /// `headEnd`: the start of the empty line.
    @unsafe mutating func readAll(_ connection: OpaquePointer, upTo headEnd: Int) {
        unsafe withUnsafeMutablePointer(to: &self) { pointer in
            _ = unsafe MHD_get_connection_values_n(
                connection, .HEADER_KIND,
                { context, _, name, nameSize, value, valueSize in
                    guard let reader = unsafe context?.assumingMemoryBound(to: HeaderFieldReader.self) else {
                        return .NO
                    }
                    let isPlain = unsafe reader.pointee.take(name, nameSize, value, valueSize)
                    return isPlain ? .YES : .NO
                }, pointer)
        }
        if isPlainlySpelled { isPlainlySpelled = unsafe endLine(before: headEnd) }
    }

    /// Whether only the line end is between the previous part and `next`. Version 1.0 excludes trailing blanks from a value:
    /// it puts a NUL in place of the first and leaves the others and the line end.
    @unsafe private mutating func endLine(before next: Int) -> Bool {
        if next == end + 2 { return true }
        guard next > end + 2, let origin = unsafe UnsafeRawPointer(bitPattern: start) else { return false }
        let rest = unsafe UnsafeRawBufferPointer(start: origin + end, count: next - end)
        guard unsafe rest[0] == 0, unsafe isBlank(end + 1..<next - 2), unsafe rest[rest.count - 2] == 0x0d,
            unsafe rest[rest.count - 1] == 0x0a
        else { return false }
        earlyEnds += 1
        end = next - 2
        return true
    }

    /// False at the first field that does not directly follow the previous one.
    @unsafe private mutating func take(
        _ name: UnsafePointer<CChar>?, _ nameSize: Int, _ value: UnsafePointer<CChar>?, _ valueSize: Int
    ) -> Bool {
        isPlainlySpelled = false
        guard let name = unsafe name, let value = unsafe value else { return false }
        let nameStart = Int(bitPattern: UInt(bitPattern: name) &- start)
        var valueStart = Int(bitPattern: UInt(bitPattern: value) &- start)
        let colon = nameStart + nameSize
        // CR and LF before the name, a colon after it, and only blanks around the value (RFC 9112 section 5).
        guard unsafe endLine(before: nameStart), colon < valueStart, unsafe isBlank(colon + 1..<valueStart) else {
            return false
        }
        isPlainlySpelled = true
        end = valueStart + valueSize
        var valueEnd = end
        while valueStart < valueEnd, unsafe isBlank(valueEnd - 1..<valueEnd) { valueEnd -= 1 }
        while valueStart < valueEnd, unsafe isBlank(valueStart..<valueStart + 1) { valueStart += 1 }
        let bytes = unsafe UnsafeRawBufferPointer(start: name, count: nameSize).assumingMemoryBound(to: UInt8.self)
        let known = unsafe KnownHeader(bytes.span)
        // libmicrohttpd reads the framing itself, with a trailing blank as a part of the coding.
        if known == .transferEncoding, valueEnd < end {
            isPlainlySpelled = false
            return false
        }
        places.append(HTTPHeaders.Place(name: nameStart..<colon, value: valueStart..<valueEnd, known: known))
        return true
    }

    @unsafe private func isBlank(_ range: Range<Int>) -> Bool {
        guard let origin = unsafe UnsafeRawPointer(bitPattern: start) else { return false }
        return unsafe UnsafeRawBufferPointer(start: origin + range.lowerBound, count: range.count).allSatisfy {
            $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t")
        }
    }
}
