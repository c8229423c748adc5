"""The app behind the gateway, and pages of other sites: one server that tells them apart by `Host`."""

import html
import http.server
import threading

# Every page of the app: who asks, the address, and a form.
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>App</title><link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width"></head><body data-user="{user}" data-role="{role}"><main>
<h1>{path}</h1><form method="post" action="/notes"><label>Note <textarea name="note"></textarea></label>
<button id="save">Save</button></form><a id="out" href="/sso/sign_out">Sign out</a></main></body></html>"""


class SmallApp(http.server.ThreadingHTTPServer):
    """`app`: the name under which nginx serves the app. `pages`: of other sites, by (host, path). `seen`: the app's requests as
    (method, path, headers, body)."""

    daemon_threads = True

    def __init__(self, port, app):
        self.app, self.pages, self.seen = app, {}, []
        super().__init__(("127.0.0.1", port), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(b"")

    def do_POST(self):
        self.answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def answer(self, body):
        server, host = self.server, self.headers["Host"].split(":")[0]
        if host != server.app:
            page = server.pages.get((host, self.path))
            return self.page(page or "no such page", 200 if page else 404)
        server.seen.append((self.command, self.path, self.headers, body))
        if page := server.pages.get((host, self.path)):
            return self.page(page, 200)
        if self.command == "POST":
            self.send_response(303)
            self.send_header("Location", "/saved")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        user, role = self.headers.get("X-Auth-Request-User", ""), self.headers.get("X-SSO-Role", "")
        self.page(PAGE.format(user=html.escape(user), role=html.escape(role), path=html.escape(self.path)), 200)

    def page(self, text, status):
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        # As pages for one person should have.
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        pass
