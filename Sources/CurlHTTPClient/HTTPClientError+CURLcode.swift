import CCurl
import HTTP

extension HTTPClientError {
    /// What libcurl's code means to a caller. `wasWritten` decides first: the same code (a time-out, a TLS alert) is
    /// harmless before the request and not after it. https://curl.se/libcurl/c/libcurl-errors.html
    init(_ code: CURLcode, wasWritten: Bool) {
        if wasWritten {
            switch code {
            case CURLE_OPERATION_TIMEDOUT: self = .timedOut
            // A header line of more than 100 KiB. The second is CURLE_TOO_LARGE, which libcurl has since 8.6.
            case CURLE_OUT_OF_MEMORY, CURLcode(rawValue: 100): self = .tooLarge
            default: self = .broken
            }
            return
        }
        switch code {
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: self = .urlRefused
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_ENGINE_INITFAILED,
            CURLE_USE_SSL_FAILED:
            self = .tlsRefused
        default: self = .cannotConnect
        }
    }
}
