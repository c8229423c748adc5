import CMicroHTTPD
import HTTP

/// Hands a response to libmicrohttpd.
enum SendResponse {
    /// False where libmicrohttpd does not take it; the connection is to be closed then.
    @unsafe static func queue(_ response: HTTPResponse, on connection: OpaquePointer, closing: Bool) -> Bool {
        guard isSendable(response) else {
            return unsafe queue(HTTPResponse(.internalServerError), on: connection, closing: true)
        }
        let made = unsafe response.body.withUnsafeBytes { body in
            unsafe MHD_create_response_from_buffer(
                body.count, UnsafeMutableRawPointer(mutating: body.baseAddress), .RESPMEM_MUST_COPY)
        }
        guard let made = unsafe made else { return false }
        defer { unsafe MHD_destroy_response(made) }
        for field in response.headers.fields {
            // libmicrohttpd takes no empty value; a blank is dropped by whoever reads it (RFC 9110 section 5.5).
            let value = field.value.isEmpty ? " " : field.value
            guard unsafe MHD_add_response_header(made, field.name, value) == .YES else { return false }
        }
        if closing, unsafe MHD_add_response_header(made, "Connection", "close") != .YES { return false }
        return unsafe MHD_queue_response(connection, UInt32(response.status.rawValue), made) == .YES
    }

    /// A line end in a value would be another header's beginning.
    private static func isSendable(_ response: HTTPResponse) -> Bool {
        response.headers.fields.allSatisfy { field in
            field.value.utf8.allSatisfy { $0 != 0x0d && $0 != 0x0a && $0 != 0 }
        }
    }
}
