import CMicroHTTPD
import Glibc
import HTTP
import SecretMemory

/// Takes a request's head out of libmicrohttpd.
///
/// The library leaves the head where it was received and ends each part with a zero, so the parts' addresses tell what
/// stood between them. Every byte has to be accounted for, line by line: what a C string's end, a folded line, a bare
/// line feed or a run of blanks hides from us, another program may read. This only adds refusals: a library that copied
/// the parts elsewhere would have every request refused.
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
        var fields = FieldReader(behind: UInt(bitPattern: lineEnd))
        // The head ends with an empty line.
        unsafe fields.readAll(connection, upTo: size - (lineEnd - UnsafeRawPointer(method)) - 2)
        guard size + RequestHead.fieldOverhead * fields.places.count <= maximumHead else { throw .headTooLarge }
        // The request line has one blank before the target and one behind it.
        let isPlain =
            unsafe fields.isPlainlySpelled && version - method == methodText.count + record.target.count + 2
        // libmicrohttpd has put a NUL behind every part.
        let head = unsafe UnsafeBufferPointer(
            start: lineEnd.assumingMemoryBound(to: UInt8.self), count: fields.end + 1)
        // All values at once: two delimiters before every field and one in it, one for each end that the library put
        // before blanks, and one more at the head's end.
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

/// All fields in one pass, in their order; the sizes are libmicrohttpd's, so that no value ends at a NUL.
private struct FieldReader: ~Copyable {
    /// The end of the request line, from where everything here is counted. The line itself is not ours: a login code
    /// may be in it.
    private let start: UInt
    private(set) var places: [HTTPHeaders.Place] = []
    /// Where the part before ended, without its line's end.
    private(set) var end = 0
    /// How many values libmicrohttpd ended before blanks.
    private(set) var earlyEnds = 0
    private(set) var isPlainlySpelled = true

    init(behind requestLine: UInt) { start = requestLine }

    /// `headEnd`: where the empty line begins.
    @unsafe mutating func readAll(_ connection: OpaquePointer, upTo headEnd: Int) {
        unsafe withUnsafeMutablePointer(to: &self) { pointer in
            _ = unsafe MHD_get_connection_values_n(
                connection, .HEADER_KIND,
                { context, _, name, nameSize, value, valueSize in
                    guard let reader = unsafe context?.assumingMemoryBound(to: FieldReader.self) else { return .NO }
                    let isPlain = unsafe reader.pointee.take(name, nameSize, value, valueSize)
                    return isPlain ? .YES : .NO
                }, pointer)
        }
        if isPlainlySpelled { isPlainlySpelled = unsafe endLine(before: headEnd) }
    }

    /// Whether nothing but the line's end stands between the part before and `next`. Version 1.0 does not count blanks
    /// at a value's end to the value: it puts a NUL in place of the first and leaves the others and the line's end.
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

    /// False at the first field that stands elsewhere than right behind the one before: no place of it is kept.
    @unsafe private mutating func take(
        _ name: UnsafePointer<CChar>?, _ nameSize: Int, _ value: UnsafePointer<CChar>?, _ valueSize: Int
    ) -> Bool {
        isPlainlySpelled = false
        guard let name = unsafe name, let value = unsafe value else { return false }
        let nameStart = Int(bitPattern: UInt(bitPattern: name) &- start)
        var valueStart = Int(bitPattern: UInt(bitPattern: value) &- start)
        let colon = nameStart + nameSize
        // CR and LF before the name, a colon behind it, and nothing but blanks around the value (RFC 9112 section 5).
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
        // libmicrohttpd reads the framing itself, and takes a blank at its end for part of the coding.
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
