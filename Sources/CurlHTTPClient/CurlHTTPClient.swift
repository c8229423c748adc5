import CCurl
import Glibc
package import HTTP
import Locking

/// An HTTP client on libcurl's multi interface. https://curl.se/libcurl/c/libcurl-multi.html
///
/// HTTP/1.1 over TLS 1.2 or newer, with the certificate and its name always checked; plain `http` to loopback addresses
/// and Unix sockets only; no redirects, cookies, `.netrc` or content encodings; a proxy only from `ClientSettings`. A request
/// has the caller's headers, `Host`, `User-Agent` and the framing, nothing else.
///
/// A request other than GET, HEAD or OPTIONS is written at most once, whatever happens to the connection.
package final class CurlHTTPClient: HTTPClient, Sendable {
    private let settings: ClientSettings
    private let loop: TransferLoop
    private let thread: LoopThread

    /// Starts the client's thread. Reads `settings.caFile` once, so that a bad file fails the start.
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

    /// Ends open requests with `.stopped`, closes all connections and waits some milliseconds for the thread's end.
    /// Later requests fail with `.stopped` too. May be called more than once.
    package func stop() {
        loop.beginStopping()
        thread.join()
    }

    /// The loaded libcurl and its TLS library: `libcurl/7.88.1 OpenSSL/3.0.17 …`.
    package static var libraryVersion: String {
        unsafe curl_version().map { unsafe String(cString: $0) } ?? "libcurl"
    }

    /// Once per process, before any handle: from then on libcurl's heap is cleansed as it is freed.
    private static let isLibraryReady = ccurl_global_init() == CURLE_OK
}

/// Checks a CA file at the start, so that a bad file stops the start and not the first login.
private enum CAFile {
    /// In bytes.
    private static let maximumSize = 4 * 1024 * 1024

    static func check(_ path: String) throws(ClientSetupError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .caFileUnreadable(path: path, errno: errno) }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while content.count <= maximumSize {
            let count = unsafe read(descriptor, &chunk, chunk.count)
            guard count >= 0 else { throw .caFileUnreadable(path: path, errno: errno) }
            if count == 0 { break }
            content += chunk[0..<count]
        }
        guard String(decoding: content, as: UTF8.self).contains("-----BEGIN CERTIFICATE-----") else {
            throw .caFileHoldsNoCertificate(path: path)
        }
    }
}
