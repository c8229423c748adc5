"""A partner's site on this machine: a marketplace stand-in, the gateway, and nginx with the block that `snippet` prints."""

import http.client
import http.server
import json
import signal
import socket
import subprocess
import threading
import time
import urllib.parse
from pathlib import Path

ADA, BEN = "0ada0ada0ada0ada0ada0ada", "0be40be40be40be40be40be4"


def request(port, path, headers=(), method="GET", body=None):
    """Status, headers and body. A header may occur more than once."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in [("Host", f"localhost:{port}"), *headers]:
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Type", "application/x-www-form-urlencoded")
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def wait_for(port, name, log):
    for _ in range(300):
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"{name} does not listen:\n{log.read_text(errors='replace')}")


class KeyServer(http.server.ThreadingHTTPServer):
    """The gateway's /.well-known/jwks.json with a count of its requests, and without an answer where `is_down`."""

    def __init__(self, gateway_port):
        self.requests, self.is_down = 0, False

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(handler):
                self.requests += 1
                status, _, body = request(gateway_port, "/.well-known/jwks.json")
                handler.send_response(503 if self.is_down else status)
                handler.end_headers()
                handler.wfile.write(b"down" if self.is_down else body)

            def log_message(handler, *arguments):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/.well-known/jwks.json"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class PartnerSite:
    def __init__(self, executable, folder):
        self.executable, self.folder, self.started = str(executable), Path(folder), []
        free = [socket.create_server(("127.0.0.1", 0)) for _ in range(5)]
        self.proxy, self.gateway, admin, self.stand_in, self.app = (one.getsockname()[1] for one in free)
        for one in free:
            one.close()
        self.url = f"http://localhost:{self.proxy}"
        # nginx's workers run as another user where nginx was started by root.
        self.folder.chmod(0o755)
        self.run("keys", "generate", "--key-ring", "keys.json")
        (self.folder / "gateway.yaml").write_text(f"""\
public_url: {self.url}
listen: 127.0.0.1:{self.gateway}
admin_listen: 127.0.0.1:{admin}
key_ring: keys.json
integrations:
  demo:
    client_id: oac_AcmeDemonstration01
    client_secret: stand-in-client-secret
    slug: acme
    algorithms: [ES256]
    jwks_url: http://localhost:{self.stand_in}/.well-known/jwks
    api_url: http://localhost:{self.stand_in}
    sso_url: http://localhost:{self.stand_in}/sso/integrations
    routes: {{ default: /me }}
rules:
  - {{ path: /public/, allow: anyone }}
""")
        self.start("stand-in", self.stand_in, self.executable, "provider-stand-in", "--port", self.stand_in,
                   "--algorithm", "ES256", "--redirect-login-url", f"{self.url}/sso/callback")
        self.server = self.start("gateway", self.gateway, self.executable, "serve", "--config", "gateway.yaml")
        block = self.run("snippet", "nginx", "--config", "gateway.yaml", "--app", f"127.0.0.1:{self.app}")
        (self.folder / "site.conf").write_text(block)
        places = "".join(f"{name}_temp_path {name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (self.folder / "nginx.conf").write_text(
            f"daemon off; pid nginx.pid; error_log stderr; events {{}}\n"
            f"http {{ access_log off; {places} include {self.folder}/site.conf; }}\n")
        self.start("nginx", self.proxy, "/usr/sbin/nginx", "-p", self.folder, "-c", self.folder / "nginx.conf")

    def run(self, *arguments):
        done = subprocess.run([self.executable, *arguments], cwd=self.folder, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{arguments}: {done.stdout}{done.stderr}")
        return done.stdout

    def start(self, name, port, *command, environment=None):
        log = self.folder / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen([str(word) for word in command], cwd=self.folder, env=environment,
                                       stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        self.started.append(process)
        wait_for(port, name, log)
        return process

    def stop(self, *processes):
        for process in reversed(processes or tuple(self.started)):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self.started.remove(process)

    def reload(self):
        """Waits until the gateway has read its configuration again."""
        log = self.folder / "gateway.log"
        count = log.read_text().count("configuration_reloaded")
        self.server.send_signal(signal.SIGHUP)
        for _ in range(200):
            if log.read_text().count("configuration_reloaded") > count:
                return
            time.sleep(0.1)
        raise RuntimeError(f"no reload: {log.read_text()}")

    def sign_in(self, user):
        """The `Cookie` of a browser that came from the marketplace's dashboard."""
        form = urllib.parse.urlencode({"integration": "acme", "user": user}).encode()
        code = json.loads(request(self.stand_in, "/stand-in/codes", method="POST", body=form)[2])
        query = urllib.parse.urlencode({"mode": "sso", "code": code["code"], "state": code["state"]})
        status, headers, body = request(self.proxy, f"/sso/callback?{query}")
        if status != 303:
            raise RuntimeError(f"the login of {user}: {status} {body[:500]}")
        return next(cookie.split(";")[0] for cookie in headers.get_all("Set-Cookie") if "sso_session=" in cookie)

    def assertion(self, cookie):
        """As the app gets it from nginx."""
        headers = [("X-Original-Method", "GET"), ("X-Original-URI", "/me"), ("X-Forwarded-Host", f"localhost:{self.proxy}"),
                   ("X-Forwarded-Proto", "http"), ("Cookie", cookie)]
        return request(self.gateway, "/authz/nginx", headers)[1]["X-SSO-Assertion"]
