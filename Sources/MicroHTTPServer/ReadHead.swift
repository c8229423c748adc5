import CMicroHTTPD
import Glibc
import HTTP
import SecretMemory

/// Takes a request's head out of libmicrohttpd.
///
/// The library leaves the head where it was received and ends each part with a zero, so the parts' addresses tell what
/// stood between them. Every byte has to be accounted for, line by line: what a C string's end, a folded line, a bare
/// line feed or a run of blanks hides from us, another program may read. A library that copied the parts elsewhere
/// would have every request refused.
extension RequestHead {
    @unsafe static func read(
        _ connection: OpaquePointer, _ request: RequestInProgress, method: UnsafePointer<CChar>?,
        version: UnsafePointer<CChar>?, maximumHead: Int
    ) throws(MalformedRequest.Reason) -> RequestHead {
        guard let method = unsafe method, let version = unsafe version else { throw .method }
        let size = unsafe gateway_head_size(connection)
        guard size <= maximumHead else { throw .headTooLarge }
        let methodText = unsafe String(cString: method)
        let versionText = unsafe String(cString: version)
        let start = UInt(bitPattern: method)
        var fields = unsafe FieldReader(end: UInt(bitPattern: version) + UInt(strlen(version)))
        // The names' and values' delimiters in a head have as many bytes as those in the copy, or more.
        fields.headers.reserve(fields: 24, bytes: size)
        unsafe fields.readAll(connection)
        // The request line has one blank before the target and one behind it; the head ends with an empty line.
        let isWhole = unsafe UInt(bitPattern: version) == start + UInt(strlen(method) + request.target.count + 2)
        return try RequestHead(
            method: methodText, version: versionText, target: request.target, headers: fields.headers,
            isPlainlySpelled: isWhole && fields.isPlainlySpelled && start + UInt(size) == fields.end + 4)
    }
}

/// All fields in one pass, in their order; the sizes are libmicrohttpd's, so that no value ends at a NUL.
private struct FieldReader {
    var headers = HTTPHeaders()
    /// Where the part before ended, without its line's end.
    var end: UInt
    var isPlainlySpelled = true

    init(end: UInt) { self.end = end }

    @unsafe mutating func readAll(_ connection: OpaquePointer) {
        unsafe withUnsafeMutablePointer(to: &self) { pointer in
            _ = unsafe MHD_get_connection_values_n(
                connection, .HEADER_KIND,
                { context, _, name, nameSize, value, valueSize in
                    guard let reader = unsafe context?.assumingMemoryBound(to: FieldReader.self) else { return .NO }
                    unsafe reader.pointee.take(
                        UnsafeRawBufferPointer(start: name, count: name == nil ? 0 : nameSize),
                        UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : valueSize))
                    return .YES
                }, pointer)
        }
    }

    @unsafe private mutating func take(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        let nameStart = UInt(bitPattern: name.baseAddress)
        let valueStart = UInt(bitPattern: value.baseAddress)
        // CR and LF before the name; a colon and at most one blank behind it.
        let colon = nameStart + UInt(name.count)
        if nameStart != end + 2 || !(valueStart == colon + 1 || valueStart == colon + 2) { isPlainlySpelled = false }
        end = valueStart + UInt(value.count)
        unsafe headers.append(name, value)
    }
}
