import CMicroHTTPD

/// The libmicrohttpd that is really loaded.
package enum HTTPLibrary {
    package static var version: String { unsafe String(cString: MHD_get_version()) }

    /// 1.0.10 is the first release without published request-parsing faults.
    static func isSafeBeyondLoopback(_ version: String) -> Bool {
        let parts = version.split(separator: ".").map { Int($0.prefix { $0.isNumber }) ?? 0 }
        return parts.count >= 3 && !parts.lexicographicallyPrecedes([1, 0, 10])
    }
}
