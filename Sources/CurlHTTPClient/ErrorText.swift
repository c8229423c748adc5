import CCurl

/// The buffer for libcurl's and OpenSSL's own words about a failure.
/// https://curl.se/libcurl/c/CURLOPT_ERRORBUFFER.html
///
/// Its transfer owns it. The loop keeps the transfer until the handle is reset and so no longer points to the buffer.
///
/// `@safe`: only libcurl writes to the buffer, on the loop's thread, and at most `CURL_ERROR_SIZE` bytes.
@safe final class ErrorText {
    /// In characters.
    static let maximumLength = 200

    private let buffer: UnsafeMutableBufferPointer<CChar>

    init() {
        unsafe buffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe buffer.initialize(repeating: 0)
    }

    deinit { unsafe buffer.deallocate() }

    func lend(to easy: UnsafeMutableRawPointer) -> Bool {
        unsafe ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, buffer.baseAddress) == CURLE_OK
    }

    /// Why a transfer ended with `code`. Never the path and query of `url`, because a log line has neither.
    func text(for code: CURLcode, without url: RequestURL) -> String {
        let own = unsafe String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let target = url.text.utf8.dropFirst(url.origin.utf8.count)
        let isUsable = !own.isEmpty && (target.count < 2 || !own.contains(String(target)!))
        let general = unsafe curl_easy_strerror(code).map { unsafe String(cString: $0) } ?? ""
        return Self.visible(isUsable ? own : general)
    }

    /// A certificate's name is in some messages, and the other side has chosen it.
    private static func visible(_ text: String) -> String {
        String(text.unicodeScalars.map { (0x20...0x7e).contains($0.value) ? Character($0) : "?" }.prefix(maximumLength))
    }
}
