import CMicroHTTPD
import HTTP

/// Takes a request's head out of libmicrohttpd.
extension RequestHead {
    @unsafe static func read(
        _ connection: OpaquePointer, _ request: RequestInProgress, method: UnsafePointer<CChar>?,
        version: UnsafePointer<CChar>?, maximumHead: Int
    ) throws(MalformedRequest.Reason) -> RequestHead {
        guard let method = unsafe method, let version = unsafe version else { throw .method }
        return try RequestHead(
            method: unsafe String(cString: method), version: unsafe String(cString: version), target: request.target,
            headers: unsafe headers(of: connection), headSize: unsafe gateway_head_size(connection),
            maximumHead: maximumHead)
    }

    /// All fields in one pass, in their order; the sizes are libmicrohttpd's, so that no value ends at a NUL.
    @unsafe private static func headers(of connection: OpaquePointer) -> HTTPHeaders {
        var headers = HTTPHeaders()
        unsafe withUnsafeMutablePointer(to: &headers) { pointer in
            _ = unsafe MHD_get_connection_values_n(
                connection, .HEADER_KIND,
                { context, _, name, nameSize, value, valueSize in
                    guard let context = unsafe context else { return .NO }
                    let headers = unsafe context.assumingMemoryBound(to: HTTPHeaders.self)
                    unsafe headers.pointee.append(
                        RequestHead.text(name, nameSize), RequestHead.text(value, valueSize))
                    return .YES
                }, pointer)
        }
        return headers
    }

    @unsafe private static func text(_ start: UnsafePointer<CChar>?, _ count: Int) -> String {
        unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count), as: UTF8.self)
    }
}
