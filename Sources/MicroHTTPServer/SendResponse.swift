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

    /// A line end in a value would be another header's beginning, and a NUL would hide the value's rest.
    private static func isSendable(_ headers: HTTPHeaders) -> Bool {
        let bytes = headers.bytes.span
        var ends = 0
        for position in bytes.indices {
            let byte = bytes[position]
            if byte == 0x0d || byte == 0x0a { return false }
            if byte == 0 { ends += 1 }
        }
        // One behind every name and every value.
        return ends == 2 * headers.count
    }
}
