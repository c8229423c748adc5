"""The HTTP server before `App`, because Swift's standard library has none: `python3 bridge.py EXECUTABLE PORT ISSUER
AUDIENCE KEYS`. It takes no decision of its own but those about a refusal's status and about `/team`."""

import http.server
import json
import subprocess
import sys
import threading

executable, port, *arguments = sys.argv[1:]
app = subprocess.Popen([executable, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
lock = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with lock:
            app.stdin.write(json.dumps(self.headers.get_all("X-SSO-Assertion", [])).encode() + b"\n")
            app.stdin.flush()
            said = app.stdout.readline().strip()
        if not said.startswith(b"{"):
            status = 503 if said == b"no_keys" else 401
            said = json.dumps({"error": {"code": "not_signed_in", "reason": said.decode()}}).encode()
        else:
            status = 403 if self.path == "/team" and json.loads(said)["role"] != "ADMIN" else 200
        self.send_response(status)
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *arguments):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()
