import CMicroHTTPD
import HTTP

/// A response in libmicrohttpd's form.
///
/// `@unchecked Sendable`: it may be on its way on many connections of several threads at once; the library counts them
/// under a lock of its own.
@safe final class MadeResponse: @unchecked Sendable {
    private let pointer: OpaquePointer

    /// Nil where there is no memory left.
    init?(body: [UInt8]) {
        let made = unsafe body.withUnsafeBytes { body in
            unsafe MHD_create_response_from_buffer(
                body.count, UnsafeMutableRawPointer(mutating: body.baseAddress), .RESPMEM_MUST_COPY)
        }
        guard let made = unsafe made else { return nil }
        unsafe pointer = made
    }

    deinit { unsafe MHD_destroy_response(pointer) }

    /// False where libmicrohttpd does not take it. Only before the response first goes out.
    func add(_ name: String, _ value: String) -> Bool {
        unsafe MHD_add_response_header(pointer, name, value) == .YES
    }

    /// The same for all of a response's headers.
    func add(_ headers: HTTPHeaders) -> Bool {
        unsafe headers.bytes.withUnsafeBytes { bytes in
            for place in headers.places {
                let text = unsafe bytes.assumingMemoryBound(to: CChar.self)
                guard let start = text.baseAddress else { return false }
                let (name, value) = (place.name.lowerBound, place.value.lowerBound)
                // libmicrohttpd takes no empty value; a blank is dropped by whoever reads it (RFC 9110 section 5.5).
                let isTaken =
                    unsafe bytes[value] == 0
                    ? MHD_add_response_header(pointer, start + name, " ")
                    : MHD_add_response_header(pointer, start + name, start + value)
                guard isTaken == .YES else { return false }
            }
            return true
        }
    }

    @unsafe func queue(on connection: OpaquePointer, _ status: HTTPStatus) -> Bool {
        unsafe MHD_queue_response(connection, UInt32(status.rawValue), pointer) == .YES
    }
}
