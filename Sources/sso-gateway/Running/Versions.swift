import CurlHTTPClient
import MicroHTTPServer
import OpenSSLCrypto

/// The gateway's version, and the versions of the libraries that are loaded at run time.
enum Versions {
    static let gateway = "0.1.0"

    static var all: [(name: String, version: String)] {
        [
            ("sso-gateway", gateway), ("openssl", OpenSSLCrypto.LinkedLibrary.openSSL),
            ("libmicrohttpd", MicroHTTPServer.libraryVersion), ("libcurl", CurlHTTPClient.libraryVersion),
        ]
    }
}
