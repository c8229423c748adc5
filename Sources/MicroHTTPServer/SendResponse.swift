import CMicroHTTPD
import HTTP

/// Hands a response to libmicrohttpd.
enum SendResponse {
    /// False where libmicrohttpd does not take it; the connection is to be closed then.
    @unsafe static func queue(
        _ response: HTTPResponse, on connection: OpaquePointer, date: DateHeader, closing: Bool
    ) -> Bool {
        let form = closing ? nil : response.form
        if let kept = form?.made(in: date.second) {
            // Nobody else fills such forms.
            return unsafe unsafeDowncast(kept, to: MadeResponse.self).queue(on: connection, response.status)
        }
        guard isSendable(response.headers) else {
            return unsafe queue(HTTPResponse(.internalServerError), on: connection, date: date, closing: true)
        }
        // The date behind `Connection`: libmicrohttpd 0.9 forgets there that it has one, and would add its own.
        guard let made = MadeResponse(body: response.body), made.add(response.headers),
            !closing || made.add("Connection", "close"), made.add("Date", date.text)
        else { return false }
        form?.keep(made, madeIn: date.second)
        return unsafe made.queue(on: connection, response.status)
    }

    /// A line end in a value would be another header's beginning, and a NUL would hide the value's rest. There is one NUL
    /// behind every name and every value, and no other control byte.
    private static func isSendable(_ headers: HTTPHeaders) -> Bool {
        FieldSyntax.countControls(headers.bytes.span) == 2 * headers.count
    }
}
