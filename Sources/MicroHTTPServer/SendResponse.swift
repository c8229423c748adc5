import CMicroHTTPD
import HTTP

/// Hands a response to libmicrohttpd.
enum SendResponse {
    /// False where libmicrohttpd does not take it; the connection is to be closed then.
    @unsafe static func queue(_ response: HTTPResponse, on connection: OpaquePointer, closing: Bool) -> Bool {
        guard isSendable(response.headers) else {
            return unsafe queue(HTTPResponse(.internalServerError), on: connection, closing: true)
        }
        let made = unsafe response.body.withUnsafeBytes { body in
            unsafe MHD_create_response_from_buffer(
                body.count, UnsafeMutableRawPointer(mutating: body.baseAddress), .RESPMEM_MUST_COPY)
        }
        guard let made = unsafe made else { return false }
        defer { unsafe MHD_destroy_response(made) }
        guard unsafe add(response.headers, to: made) else { return false }
        if closing, unsafe MHD_add_response_header(made, "Connection", "close") != .YES { return false }
        return unsafe MHD_queue_response(connection, UInt32(response.status.rawValue), made) == .YES
    }

    @unsafe private static func add(_ headers: HTTPHeaders, to response: OpaquePointer) -> Bool {
        unsafe headers.bytes.withUnsafeBytes { bytes in
            for place in headers.places {
                let text = unsafe bytes.assumingMemoryBound(to: CChar.self)
                guard let start = text.baseAddress else { return false }
                let (name, value) = (place.name.lowerBound, place.value.lowerBound)
                // libmicrohttpd takes no empty value; a blank is dropped by whoever reads it (RFC 9110 section 5.5).
                let isTaken =
                    unsafe bytes[value] == 0
                    ? MHD_add_response_header(response, start + name, " ")
                    : MHD_add_response_header(response, start + name, start + value)
                guard isTaken == .YES else { return false }
            }
            return true
        }
    }

    /// A line end in a value would be another header's beginning, and a NUL would hide the value's rest.
    private static func isSendable(_ headers: HTTPHeaders) -> Bool {
        let bytes = headers.bytes.span
        for place in headers.places {
            for position in place.value {
                let byte = bytes[position]
                if byte == 0x0d || byte == 0x0a || byte == 0 { return false }
            }
        }
        return true
    }
}
