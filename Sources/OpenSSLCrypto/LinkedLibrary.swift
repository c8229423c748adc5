internal import COpenSSL

/// The loaded libraries, which may differ from those of the build.
package enum LinkedLibrary {
    /// Such as `OpenSSL 3.0.15 3 Sep 2024`.
    package static var openSSL: String {
        unsafe String(cString: OpenSSL_version(OPENSSL_VERSION))
    }
}
