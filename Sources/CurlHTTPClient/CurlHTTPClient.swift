import CCurl
package import HTTP
import Locking

/// Asks other servers through libcurl's multi interface. https://curl.se/libcurl/c/libcurl-multi.html
///
/// HTTP/1.1 over TLS 1.2 or newer with the certificate and its name checked, without a way to switch that off; plain
/// `http` to loopback addresses and Unix sockets only; no redirects, proxies, cookies, `.netrc` or content encodings. What goes out is
/// the caller's headers, `Host`, `User-Agent` and the framing, nothing else.
///
/// A request other than GET, HEAD or OPTIONS is written at most once, whatever happens to the connection.
package final class CurlHTTPClient: HTTPClient, Sendable {
    private let settings: ClientSettings
    private let loop: TransferLoop
    private let thread: LoopThread

    /// Starts the client's thread; `settings.caFile` is read once here, so that a mistake in it is an error at once.
    package init(_ settings: ClientSettings) throws(ClientSetupError) {
        guard Self.isLibraryReady else { throw .noResources }
        if let caFile = settings.caFile { try CAFile.check(caFile) }
        self.settings = settings
        loop = try TransferLoop(settings)
        thread = try LoopThread(loop)
    }

    deinit { stop() }

    package func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        let transfer = try Transfer(request, settings, connections: loop.connections)
        await withTaskCancellationHandler {
            await withCheckedContinuation { loop.start(transfer, $0) }
        } onCancel: {
            loop.cancel(transfer)
        }
        return try transfer.result.withLock { $0 }.get()
    }

    /// Ends what is under way with `.stopped`, closes all connections and waits for the thread's end: milliseconds.
    /// Requests that come later fail with `.stopped` too. May be called more than once.
    package func stop() {
        loop.beginStopping()
        thread.join()
    }

    /// The libcurl that is really loaded, and the TLS library it uses: `libcurl/7.88.1 OpenSSL/3.0.17 …`.
    package static var libraryVersion: String {
        unsafe curl_version().map { unsafe String(cString: $0) } ?? "libcurl"
    }

    /// Once per process, before any handle: from then on libcurl's heap is cleansed as it is freed.
    private static let isLibraryReady = ccurl_global_init() == CURLE_OK
}
