"""A partner's site under names of its own with TLS: nginx with the block that `snippet` prints, the gateway, and an app. The
marketplace's stand-in and a stranger's pages are other sites."""

import base64
import hashlib
import json
import re
import subprocess
import sys
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "Apps"))

from processes import Processes, free_ports, request
from small_app import SmallApp

ADA, BEN = "0ada0ada0ada0ada0ada0ada", "0be40be40be40be40be40be4"
INSTALLATION = "icfg_AcmeAnalyticalEngines001"
APP, MARKET, STRANGER = "app.partner.example", "dashboard.market.example", "stranger.example"
STATIC = f"{{ source: static, tokens: {{ {INSTALLATION}: stand-in-installation-token }} }}"
# Each certificate is its own authority. Chromium is told the digest of its key.
CERTIFICATE = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
               "-subj", "/CN=tests", "-addext", "subjectAltName=" + ",".join(f"DNS:{name}" for name in (APP, MARKET, STRANGER)),
               "-keyout", "key.pem", "-out", "certificate.pem")


def openssl(folder, *arguments, given=None):
    return subprocess.run(["openssl", *arguments], cwd=folder, input=given, capture_output=True, check=True).stdout


class BrowserSite(Processes):
    """`standard`: the dashboard's logins are standard ones (`oidc_path`) instead of pushed codes."""

    def __init__(self, executable, folder, standard=False):
        super().__init__(executable, folder)
        self.standard = standard
        self.port, self.gateway, self.admin, self.stand_in, self.app_port = free_ports(5)
        self.url, self.market, self.stranger = (f"https://{name}:{self.port}" for name in (APP, MARKET, STRANGER))
        self.app = SmallApp(self.app_port, APP)
        openssl(self.folder, *CERTIFICATE)
        public = openssl(self.folder, "x509", "-in", "certificate.pem", "-pubkey", "-noout")
        self.key = base64.b64encode(hashlib.sha256(
            openssl(self.folder, "pkey", "-pubin", "-outform", "der", given=public)).digest()).decode()
        self.names = (APP, MARKET, STRANGER)
        try:
            self.begin()
        except BaseException:
            self.stop()
            raise

    def begin(self):
        self.run("keys", "generate", "--key-ring", "keys.json")
        self.configure()
        addresses = ["--redirect-login-url", f"{self.url}/sso/callback"]
        if self.standard:
            addresses += ["--oidc-login-url", f"{self.url}/sso/oidc"]
        self.start("stand-in", self.stand_in, self.executable, "provider-stand-in", "--port", self.stand_in, *addresses)
        self.serve()
        block = self.run("snippet", "nginx", "--config", "gateway.yaml", "--app", f"127.0.0.1:{self.app_port}",
                         "--certificate", f"{self.folder}/certificate.pem", "--certificate-key", f"{self.folder}/key.pem")
        # The block listens on every address of a machine.
        block = re.sub(r"\n *listen \[::\].*", "", block).replace(f"listen {self.port} ", f"listen 127.0.0.1:{self.port} ")
        self.start_nginx(self.port, self.change(block), self.others(), log=f"{self.folder}/access.log tests")

    def change(self, block):
        """To break something on purpose."""
        return block

    def others(self):
        fields = "host", "request_method", "request_uri", "status", "http_sec_purpose", "http_sec_fetch_site"
        line = ", ".join(f'"{name}": "${name}"' for name in fields)
        def server(name, places):
            return (f"server {{ listen 127.0.0.1:{self.port} ssl http2; server_name {name}; {places} "
                    f"ssl_certificate {self.folder}/certificate.pem; ssl_certificate_key {self.folder}/key.pem; }}\n")
        app = f"proxy_pass http://127.0.0.1:{self.app_port}; proxy_set_header Host $host;"
        return (f"log_format tests escape=json '{{ {line} }}';\n"
                + server(MARKET, f"location / {{ proxy_pass http://127.0.0.1:{self.stand_in}; "
                                 f"proxy_set_header Host $http_host; }} location /fixtures/ {{ {app} }}")
                + server(STRANGER, f"location / {{ {app} }}"))

    def configure(self, *, token=STATIC, unknown="allow", confirm="switch", integrations=("demo",), idle="15m",
                  trusted="127.0.0.0/8"):
        stand_in = f"http://localhost:{self.stand_in}"
        # Standard logins begin there too, and a token's issuer is the stand-in only with them.
        more = f"oidc_path: /sso/oidc\n    issuer: {stand_in}" if self.standard else ""
        text = f"""\
public_url: {self.url}
listen: 127.0.0.1:{self.gateway}
admin_listen: 127.0.0.1:{self.admin}
admin_socket: {self.folder}/admin.sock
key_ring: {self.folder}/keys.json
store: sqlite:{self.folder}/gateway.db
trusted_proxies: [{trusted}]
session: {{ idle: {idle}, absolute: 8h }}
login: {{ confirm: {confirm} }}
rules:
  - {{ path: /admin/, roles: [ADMIN] }}
integrations:
"""
        for number, name in enumerate(integrations):
            place = f"/{name}" if number else ""
            text += f"""\
  {name}:
    client_id: oac_AcmeDemonstration0{number + 1}
    client_secret: stand-in-client-secret
    slug: acme
    callback_path: /sso{place}/callback
    webhook_path: /sso{place}/webhook
    jwks_url: {stand_in}/.well-known/jwks
    api_url: {stand_in}
    sso_url: {self.market}/sso/integrations
    {more}
    installations: {{ unknown: {unknown} }}
    installation_token: {token}
    routes:
      default: /dashboard
      resource: /dashboard/resources/{{resource_id}}
      project: /dashboard/resources/{{resource_id}}/projects/{{project_id}}
      check: /dashboard/resources/{{resource_id}}/checks/{{check_id}}
      product: /products/{{product_id}}
      experimentation_item: /flags/{{experimentation_item_id}}
      invoice: /billing/invoices/{{invoice_id}}
      path:
        billing: /billing
        usage: /usage
        onboarding: /welcome
        support: /support
        secrets: /dashboard/resources/{{resource_id}}/secrets
"""
        (self.folder / "gateway.yaml").write_text(text)

    def serve(self):
        self.server = self.start("gateway", self.gateway, self.executable, "serve", "--config", "gateway.yaml")

    def restart(self, **changes):
        """With another configuration, and without the attempts and the keys that it remembers."""
        self.configure(**changes)
        self.stop(self.server)
        self.serve()

    def revoke(self, *which):
        self.run("sessions", "revoke", "--config", "gateway.yaml", *(which or ("--all",)))

    def control(self, path, **fields):
        form = urllib.parse.urlencode(fields).encode()
        status, _, body = request(self.stand_in, path, method="POST", body=form)
        if status // 100 != 2:
            raise RuntimeError(f"{path}: {status} {body[:300]}")
        return json.loads(body) if body else None

    def fault(self, name, **fields):
        self.control("/stand-in/faults", fault=name, **fields)

    def counters(self):
        return json.loads(request(self.stand_in, "/stand-in/counters")[2])

    def callback(self, user=ADA, **more):
        """A callback's address with a new code."""
        made = self.control("/stand-in/codes", integration="acme", user=user)
        query = urllib.parse.urlencode({"mode": "sso", "code": made["code"], "state": made["state"], **more})
        return f"{self.url}/sso/callback?{query}"

    def click(self, user=ADA, **more):
        """The address of a link on the dashboard."""
        query = urllib.parse.urlencode({**more, "user": user})
        return f"{self.market}/sso/integrations/acme/{INSTALLATION}?{query}"

    def events(self, name=None):
        """Of the gateway's log."""
        lines = (json.loads(line) for line in (self.folder / "gateway.log").read_text().splitlines() if line[:1] == "{")
        return [line for line in lines if name in (None, line.get("event"))]

    def answered(self, path=""):
        """What nginx answered, by its log, where the request's target begins with `path`."""
        lines = map(json.loads, (self.folder / "access.log").read_text().splitlines())
        return [line for line in lines if line["request_uri"].startswith(path)]

    def stop(self, *processes):
        super().stop(*processes)
        if not processes:
            self.app.shutdown()
            self.app.server_close()
