import Foundation
import TestSupport
import Testing

/// A cache in front of the site that keeps what the app allows, and `Set-Cookie` with it: some are set up so.
@Suite(.namesProxy, .enabled(if: RealProxy.installed.contains(.nginx), "needs nginx"))
struct `RT-107 A cache in front of the proxy` {
    @Test func `keeps no answer with a renewed session, and no proxy changes the app's other answers`() async throws {
        let answer: @Sendable (String) -> String = { request in
            let path = request.split(separator: " ").dropFirst().first ?? ""
            return "HTTP/1.1 200 OK\r\nCache-Control: public, max-age=60\r\nCDN-Cache-Control: max-age=60\r\n"
                + "Expires: Thu, 01 Jan 2099 00:00:00 GMT\r\nSurrogate-Control: max-age=60\r\nSet-Cookie: app=1; Path=/\r\n"
                + "Content-Length: \(path.utf8.count)\r\n\r\n\(path)"
        }
        try await ProxiedApp.behindEach(.init(idle: "1m", answer: answer)) { site in
            let cache = try await Cache(of: site)
            defer { cache.stop() }
            let cookie = try await site.signIn(as: Member.ben)
            let fresh = try await cache.ask("/fresh", cookie: cookie)
            #expect(fresh.headers.filter { $0.name == "cache-control" }.map(\.value) == ["public, max-age=60"])
            // A third of the idle time.
            try await Task.sleep(for: .seconds(21))
            let renewed = try await cache.ask("/page", cookie: cookie)
            let cookies = renewed.headers.filter { $0.name == "set-cookie" }.map(\.value)
            #expect(cookies.contains { $0.hasPrefix("app=1") } && renewed.setsSession)
            #expect(renewed.header("x-cache") == "MISS")
            let directives = renewed.headers.filter { $0.name == "cache-control" }.map(\.value).joined(separator: ", ")
            #expect(directives.hasSuffix("private, no-store"))
            #expect(Self.othersAreRight(fresh, renewed, site.proxy))
            let stranger = try await cache.ask("/page", cookie: nil)
            #expect(stranger.status == 401 && !stranger.setsSession)
            // The same in a place for anyone: nothing is renewed there.
            let open = try await cache.ask("/public/page", cookie: cookie)
            #expect(open.status == 200 && !open.setsSession)
            let again = try await cache.ask("/public/page", cookie: nil)
            #expect(again.header("x-cache") == "HIT" && !again.setsSession)
        }
    }
}

extension `RT-107 A cache in front of the proxy` {
    /// What caches obey before `Cache-Control`. nginx cannot take a header away only where a session is renewed, so it
    /// says more.
    private static func othersAreRight(_ fresh: Browser.Answer, _ renewed: Browser.Answer, _ proxy: RealProxy) -> Bool {
        ["cdn-cache-control", "surrogate-control"].allSatisfy { name in
            let directives = renewed.headers.filter { $0.name == name }.map(\.value)
            let expected = proxy.kind == "nginx" ? ["max-age=60", "private, no-store"] : []
            return fresh.header(name) == "max-age=60" && directives == expected
        }
    }
}

/// nginx that stores every answer that `Cache-Control` allows.
private struct Cache {
    private let site: ProxiedApp
    private let port: UInt16
    private let nginx: ChildProcess

    init(of site: ProxiedApp) async throws {
        self.site = site
        port = try FreePort.take(1)[0]
        let directory = site.directory + "/cache"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try """
        daemon off; pid \(directory)/nginx.pid; error_log stderr warn; worker_processes 1; user root;
        events { worker_connections 256; }
        http {
            access_log off;
            client_body_temp_path \(directory)/body; proxy_temp_path \(directory)/proxy;
            fastcgi_temp_path \(directory)/fastcgi; uwsgi_temp_path \(directory)/uwsgi; scgi_temp_path \(directory)/scgi;
            proxy_cache_path \(directory)/kept keys_zone=kept:1m;
            server {
                listen 127.0.0.1:\(port);
                location / {
                    proxy_pass http://127.0.0.1:\(site.port);
                    proxy_set_header Host localhost:\(site.port);
                    proxy_cache kept;
                    proxy_ignore_headers Set-Cookie Vary;
                    add_header X-Cache $upstream_cache_status always;
                }
            }
        }
        """.write(toFile: directory + "/nginx.conf", atomically: false, encoding: .utf8)
        let command = ["/usr/sbin/nginx", "-p", directory, "-c", directory + "/nginx.conf", "-e", "stderr"]
        guard let nginx = ChildProcess(command, in: directory, output: directory + "/log") else {
            throw ProxiedApp.CannotStart(what: "the cache")
        }
        self.nginx = nginx
        guard await ProxiedApp.answers(port) else { throw ProxiedApp.CannotStart(what: "the cache") }
    }

    func stop() { nginx.terminate() }

    func ask(_ path: String, cookie: String?) async throws -> Browser.Answer {
        try await Browser(site).ask("http://127.0.0.1:\(port)\(path)", headers: cookie.map { ["Cookie: \($0)"] } ?? [])
    }
}
