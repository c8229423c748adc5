"""A partner's site on this machine: a marketplace stand-in, the gateway, and nginx with the block that `snippet` prints."""

import http.server
import json
import threading
import urllib.parse

from processes import Processes, free_ports, request

ADA, BEN = "0ada0ada0ada0ada0ada0ada", "0be40be40be40be40be40be4"


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


class PartnerSite(Processes):
    def __init__(self, executable, folder):
        super().__init__(executable, folder)
        self.proxy, self.gateway, admin, self.stand_in, self.app = free_ports(5)
        self.url = f"http://localhost:{self.proxy}"
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
        self.start_nginx(self.proxy, block)

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
