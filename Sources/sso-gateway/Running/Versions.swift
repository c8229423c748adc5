import CurlHTTPClient
import MicroHTTPServer
import OpenSSLCrypto

/// Our own version and those of the libraries that are really loaded.
enum Versions {
    static let gateway = "0.1.0"

    static var all: [(name: String, version: String)] {
        [
            ("sso-gateway", gateway), ("openssl", OpenSSLCrypto.LinkedLibrary.openSSL),
            ("libmicrohttpd", MicroHTTPServer.libraryVersion), ("libcurl", CurlHTTPClient.libraryVersion),
        ]
    }
}
