import CMicroHTTPD
import HTTP

/// Sends a response with libmicrohttpd, which adds `Date` and `Content-Length`.
enum SendResponse {
    /// False where libmicrohttpd refuses the response: close the connection then.
    @unsafe static func queue(_ response: HTTPResponse, on connection: OpaquePointer, closing: Bool) -> Bool {
        let form = closing ? nil : response.form
        if let kept = form?.content as? LibraryResponse {
            return unsafe kept.queue(on: connection, response.status)
        }
        guard isSendable(response.headers) else {
            return unsafe queue(HTTPResponse(.internalServerError), on: connection, closing: true)
        }
        guard let made = LibraryResponse(body: response.body), made.add(response.headers),
            !closing || made.add("Connection", "close")
        else { return false }
        form?.keep(made)
        return unsafe made.queue(on: connection, response.status)
    }

    /// A line end in a value would begin another header, and a NUL would cut the value. `HTTPHeaders` has one NUL after every
    /// name and every value; any other control byte is refused.
    private static func isSendable(_ headers: HTTPHeaders) -> Bool {
        FieldSyntax.countControls(headers.bytes.span) == 2 * headers.count
    }
}

/// A response of libmicrohttpd.
///
/// `@unchecked Sendable`: one may be queued on many connections of several threads; the library counts its references under a
/// lock of its own.
@safe private final class LibraryResponse: @unchecked Sendable {
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

    /// False where libmicrohttpd refuses the header. Only before the response is first queued.
    func add(_ name: String, _ value: String) -> Bool {
        unsafe MHD_add_response_header(pointer, name, value) == .YES
    }

    func add(_ headers: HTTPHeaders) -> Bool {
        unsafe headers.bytes.withUnsafeBytes { bytes in
            for place in headers.places {
                let text = unsafe bytes.assumingMemoryBound(to: CChar.self)
                guard let start = text.baseAddress else { return false }
                let (name, value) = (place.name.lowerBound, place.value.lowerBound)
                // libmicrohttpd refuses an empty value; recipients drop the blank (RFC 9110 section 5.5).
                let isAdded =
                    unsafe bytes[value] == 0
                    ? MHD_add_response_header(pointer, start + name, " ")
                    : MHD_add_response_header(pointer, start + name, start + value)
                guard isAdded == .YES else { return false }
            }
            return true
        }
    }

    @unsafe func queue(on connection: OpaquePointer, _ status: HTTPStatus) -> Bool {
        unsafe MHD_queue_response(connection, UInt32(status.rawValue), pointer) == .YES
    }
}
