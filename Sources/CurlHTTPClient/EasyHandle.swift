import CCurl
import HTTP
import SecretMemory

/// A libcurl handle with all its options.
///
/// Handles are reused, so each goes through `curl_easy_reset` and gets every option again: nothing of the last request can
/// remain. https://curl.se/libcurl/c/easy_setopt_options.html
///
/// `@safe`: only `TransferLoop` makes handles, and it frees each once, after removing it from the multi handle.
@safe struct EasyHandle {
    let easy: UnsafeMutableRawPointer
    /// The request's URL in libcurl's own parts. Given as a text alone, libcurl would parse it, put it together again, and
    /// drop that: a tenth of what it does for a request. Setting a whole URL leaves no part of the last one.
    private let url: OpaquePointer

    init?() {
        guard let easy = unsafe curl_easy_init() else { return nil }
        guard let url = unsafe curl_url() else {
            unsafe curl_easy_cleanup(easy)
            return nil
        }
        unsafe self.easy = easy
        unsafe self.url = url
    }

    func free() {
        unsafe curl_easy_cleanup(easy)
        unsafe curl_url_cleanup(url)
    }

    /// Clears all that `prepare` set: afterwards the handle points to no transfer.
    func reset() { unsafe curl_easy_reset(easy) }

    /// Makes libcurl run the transfer at its next call: a pause that ends at once
    /// (<https://curl.se/libcurl/c/curl_easy_pause.html>).
    func runSoon() {
        unsafe curl_easy_pause(easy, Int32(CURLPAUSE_RECV))
        unsafe curl_easy_pause(easy, Int32(CURLPAUSE_RECV_CONT))
    }

    /// False when libcurl refuses an option (out of memory, or a build without TLS): the handle must not run then.
    func prepare(for transfer: Transfer, settings: ClientSettings) -> Bool {
        setSecurity(settings) && setProxy(transfer, settings) && setTimes(transfer, settings) && setRequest(transfer)
            && setCallbacks(transfer)
            && (transfer.errorText.map { unsafe $0.lend(to: easy) } ?? true)
    }

    private func setSecurity(_ settings: ClientSettings) -> Bool {
        set(CURLOPT_PROTOCOLS_STR, "https,http")
            && set(CURLOPT_REDIR_PROTOCOLS_STR, "https")
            && set(CURLOPT_FOLLOWLOCATION, 0) && set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
            && set(CURLOPT_HTTP09_ALLOWED, 0)
            && set(CURLOPT_NETRC, ccurl_netrc_ignored)
            && set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)) && set(CURLOPT_SSL_VERIFYPEER, 1)
            && set(CURLOPT_SSL_VERIFYHOST, 2) && setRoots(settings.caFile)
            && (settings.unixSocket.map { set(CURLOPT_UNIX_SOCKET_PATH, $0) } ?? true)
            // Allocated and overwritten for every transfer. Responses here are short; longer ones come in pieces.
            && set(CURLOPT_BUFFERSIZE, 4096) && set(CURLOPT_UPLOAD_BUFFERSIZE, 16384)
            // libcurl must not change how this process handles signals (SIGALRM, SIGPIPE).
            && set(CURLOPT_NOSIGNAL, 1)
    }

    private func setRoots(_ caFile: String?) -> Bool {
        guard let caFile else { return true }
        // The built-in directory of roots would otherwise count beside the private CA.
        return unsafe set(CURLOPT_CAINFO, caFile) && ccurl_set_pointer(easy, CURLOPT_CAPATH, nil) == CURLE_OK
    }

    private func setTimes(_ transfer: Transfer, _ settings: ClientSettings) -> Bool {
        // Time in the queue counts.
        let whole = Self.milliseconds(transfer.deadline - .now)
        return set(CURLOPT_TIMEOUT_MS, whole)
            && set(CURLOPT_CONNECTTIMEOUT_MS, min(whole, Self.milliseconds(settings.connectTimeout)))
            // How long a kept connection may have been idle, in seconds. `KeptConnections` cannot see a close that is
            // still on its way, and a request that crosses it is lost unless it may be repeated. 5 s is the shortest
            // common time after which a server closes an idle connection (Node.js).
            && set(CURLOPT_MAXAGE_CONN, transfer.isSafe ? 30 : 4)
            && set(CURLOPT_FRESH_CONNECT, transfer.connectionChoice == .fresh ? 1 : 0)
            // Do not wait for the thread of a cancelled name look-up: that would stop every other transfer.
            && set(CURLOPT_QUICK_EXIT, 1)
    }

    private func setRequest(_ transfer: Transfer) -> Bool {
        // Both, and both the same: the parts are what counts, the text spares libcurl making one of them.
        guard unsafe curl_url_set(url, CURLUPART_URL, transfer.url.text, UInt32(CURLU_DISALLOW_USER)) == CURLUE_OK,
            unsafe ccurl_set_pointer(easy, CURLOPT_CURLU, UnsafeMutableRawPointer(url)) == CURLE_OK,
            set(CURLOPT_URL, transfer.url.text),
            unsafe ccurl_lend_headers(easy, transfer.headers.list) == CURLE_OK
        else { return false }
        switch transfer.method {
        case .get where transfer.body == nil: return set(CURLOPT_HTTPGET, 1)
        case .head: return set(CURLOPT_NOBODY, 1)
        case .delete where transfer.body == nil, .options where transfer.body == nil:
            return set(CURLOPT_HTTPGET, 1) && set(CURLOPT_CUSTOMREQUEST, transfer.method.rawValue)
        default:
            return set(CURLOPT_POST, 1) && lend(transfer)
                && (transfer.method == .post || set(CURLOPT_CUSTOMREQUEST, transfer.method.rawValue))
        }
    }

    /// `transfer` keeps the body alive and the loop keeps `transfer` until the handle is out of the multi handle.
    private func lend(_ transfer: Transfer) -> Bool {
        guard let body = transfer.body else { return unsafe ccurl_lend_body(easy, nil, 0) == CURLE_OK }
        return unsafe body.withUnsafeBytes { bytes in
            unsafe ccurl_lend_body(easy, bytes.baseAddress, curl_off_t(bytes.count)) == CURLE_OK
        }
    }

    private func setCallbacks(_ transfer: Transfer) -> Bool {
        let context = unsafe Unmanaged.passUnretained(transfer).toOpaque()
        let isSet = unsafe [
            ccurl_set_pointer(easy, CURLOPT_PRIVATE, context),
            ccurl_set_pointer(easy, CURLOPT_SOCKOPTDATA, context),
            ccurl_set_pointer(easy, CURLOPT_PREREQDATA, context),
            ccurl_set_pointer(easy, CURLOPT_HEADERDATA, context),
            ccurl_set_pointer(easy, CURLOPT_WRITEDATA, context),
            ccurl_set_sockopt_callback(easy) { context, socket, _ in
                unsafe Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue().noteOpened(socket)
                return CURL_SOCKOPT_OK
            },
            ccurl_set_prereq_callback(easy) { context, remoteIP, localIP, remotePort, localPort in
                let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue()
                let connection = unsafe ConnectionAddresses(
                    localIP: localIP.map { unsafe String(cString: $0) } ?? "", localPort: localPort,
                    remoteIP: remoteIP.map { unsafe String(cString: $0) } ?? "", remotePort: remotePort)
                return transfer.mayWrite(on: connection) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
            },
            ccurl_set_bytes_callback(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
                let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue()
                let line = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
                // Any other count than the one given ends the transfer.
                return unsafe transfer.takeHeadLine(line) ? size * count : 0
            },
            ccurl_set_bytes_callback(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
                let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue()
                let piece = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
                return unsafe transfer.takeBody(piece) ? size * count : Int(CURL_WRITEFUNC_ERROR)
            },
        ]
        return isSet.allSatisfy { $0 == CURLE_OK }
    }

    func set(_ option: CURLoption, _ value: Int) -> Bool {
        unsafe ccurl_set_long(easy, option, value) == CURLE_OK
    }

    func set(_ option: CURLoption, _ text: String) -> Bool {
        unsafe ccurl_set_text(easy, option, text) == CURLE_OK
    }

    /// At least one: libcurl takes zero as "no limit".
    static func milliseconds(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        let limit = Int64(Int32.max)
        guard seconds < limit / 1000 else { return Int(limit) }
        return Int(max(1, seconds * 1000 + attoseconds / 1_000_000_000_000_000))
    }
}

extension EasyHandle: Hashable {
    static func == (left: Self, right: Self) -> Bool { unsafe left.easy == right.easy }

    func hash(into hasher: inout Hasher) { hasher.combine(unsafe Int(bitPattern: easy)) }
}
