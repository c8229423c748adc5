import CMicroHTTPD

/// Keeps libmicrohttpd from parsing cookies. We read them from their header, so its work would be in vain, and its copy of
/// the header and its record of 64 bytes for each cookie would take more of a connection's memory than the head itself.
///
/// It parses the first field of this name, and this is one of ours before it has read any. (`MHD_set_connection_value_n`
/// asks to be called from the access handler, for the sake of other threads; a loop has one.) Were it to read another
/// field first, it would parse that one as ever, and refuse a head that is full of cookies.
enum UnparsedCookies {
    private static let name: StaticString = "Cookie"
    /// Well formed, and empty.
    private static let value: StaticString = "a="

    /// Before the first field is read.
    @unsafe static func arrange(on connection: OpaquePointer) {
        _ = unsafe MHD_set_connection_value_n(
            connection, .HEADER_KIND, text(name), name.utf8CodeUnitCount, text(value), value.utf8CodeUnitCount)
    }

    /// Whether the value of a field is the one from here, and not from the wire.
    @unsafe static func isOurs(_ value: UnsafePointer<CChar>?) -> Bool { unsafe value == text(self.value) }

    @unsafe private static func text(_ text: StaticString) -> UnsafePointer<CChar> {
        unsafe UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
