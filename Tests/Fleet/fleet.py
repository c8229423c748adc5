"""Three gateways with one key ring and one PostgreSQL, nginx in front, and the marketplace's stand-in."""
import os, subprocess, threading

import database, market
from gateway import Gateway
from visitor import APP, MARKET, PROXY, SECRET, STAND_IN
from world import await_answer

COUNT = 3
PRIMARY, STANDBY = "10.9.0.2", "10.9.0.3"


class Fleet:
    def __init__(self, executable, folder):
        self.executable, self.folder = executable, folder
        self.children, self.databases, self.loads = [], [], []
        # PostgreSQL and nginx's workers run as other users.
        os.chmod(folder, 0o755)
        integration = """  {name}:
    client_id: {client}
    client_secret: {secret}
    slug: {slug}
    algorithms: [{algorithm}]
    callback_path: {path}/callback
    webhook_path: {path}/webhook
    jwks_url: {url}/.well-known/jwks
    api_url: {url}
    sso_url: {url}/sso/integrations
    routes: {{ default: /dashboard }}
"""
        self.configuration = (
            f"public_url: http://localhost:{PROXY}\nlisten: 127.0.0.1:PORT\nadmin_listen: 127.0.0.1:ADMIN\n"
            "trusted_proxies: [127.0.0.1/32]\nadmin_socket: FOLDER/admin.sock\nkey_ring: FOLDER/keys.json\nstore: STORE\n"
            "store_password_file: FOLDER/password\nlogin: { when_store_unavailable: POLICY }\nintegrations:\n"
            + integration.format(name="demo", client="oac_AcmeDemonstration01", secret=SECRET, slug="acme", algorithm="RS256",
                                 path="/sso", url=f"http://localhost:{STAND_IN}")
            + integration.format(name="other", client=market.CLIENT, secret=SECRET, slug="other", algorithm="ES256",
                                 path="/sso/other", url=f"http://localhost:{MARKET}"))
        self.certify()

    def path(self, name):
        return os.path.join(self.folder, name)

    def certify(self):
        """An authority, and a certificate for the database's addresses."""
        def openssl(*words):
            # Valid since yesterday: one gateway's clock is behind.
            database.run("faketime", "-f", "-1d", "openssl", *words)
        ca, key, request = self.path("ca.crt"), self.path("ca.key"), self.path("server.csr")
        curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
        openssl("req", "-x509", *curve, "-subj", "/CN=fleet", "-keyout", key, "-out", ca, "-days", "3")
        openssl("req", *curve, "-subj", "/CN=db", "-keyout", self.path("server.key"), "-out", request)
        with open(self.path("names"), "w") as file:
            file.write(f"subjectAltName=IP:{PRIMARY},IP:{STANDBY}\n")
        openssl("x509", "-req", "-in", request, "-CA", ca, "-CAkey", key, "-CAcreateserial", "-extfile", self.path("names"),
                "-out", self.path("server.crt"), "-days", "3")

    def address(self, *hosts):
        return f"postgresql://sso_gateway@{','.join(hosts)}/sso_gateway?sslrootcert={self.path('ca.crt')}"

    def database(self, name, address):
        server = database.Database(self.path(name), address, self.folder)
        self.databases.append(server)
        return server

    def spawn(self, name, *command):
        with open(self.path(name + ".log"), "wb") as log:
            self.children.append(subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder))

    def start(self, size=None, standby=False, pooler=False, policy="refuse"):
        """`size`: of the database's file system. `policy`: `login.when_store_unavailable`."""
        self.configuration = self.configuration.replace("POLICY", policy)
        self.primary = self.database("primary", PRIMARY)
        self.primary.create(size)
        store = self.address(PRIMARY)
        if standby:
            self.standby = self.database("standby", STANDBY)
            self.standby.create_standby(self.primary)
            store = self.address(PRIMARY, STANDBY)
        if pooler:
            self.pooler = database.Pooler(self.path("pooler"), self.primary)
            self.pooler.start()
            store = f"postgresql://sso_gateway@127.0.0.1:{self.pooler.port}/sso_gateway"
        self.start_marketplace()
        self.start_gateways(store)
        self.start_proxy()

    def start_marketplace(self):
        own = f"http://localhost:{PROXY}"
        self.spawn("stand-in", self.executable, "provider-stand-in", "--port", str(STAND_IN), "--code-lifetime", "600",
                   "--redirect-login-url", f"{own}/sso/callback", "--webhook-url", f"{own}/sso/webhook")
        await_answer(STAND_IN, "/stand-in/counters")
        self.market = market.Market(MARKET)

    def start_gateways(self, store):
        """With one new ring for all of them."""
        database.run(self.executable, "keys", "generate", "--key-ring", self.path("keys.json"))
        self.gateways = [Gateway(self, number) for number in range(1, COUNT + 1)]
        for gateway in self.gateways:
            with open(os.open(f"{gateway.folder}/password", os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
                file.write(database.PASSWORD)
            self.share_ring(gateway)
            gateway.configure(store)
        # All at once: they create the tables together.
        starts = [threading.Thread(target=gateway.start) for gateway in self.gateways]
        for start in starts:
            start.start()
        for start in starts:
            start.join()

    def share_ring(self, gateway):
        """Copies the operator's ring to the gateway's machine."""
        with open(self.path("keys.json")) as source:
            text = source.read()
        with open(os.open(gateway.ring + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        os.rename(gateway.ring + ".new", gateway.ring)

    def start_proxy(self):
        """The block that `snippet` prints, with a line for each gateway as the block's comment says."""
        block = database.run(self.executable, "snippet", "nginx", "--config", self.gateways[0].configuration, "--app",
                             f"127.0.0.1:{APP}")
        line = f"server 127.0.0.1:{self.gateways[0].port} max_fails=0;"
        if line not in block:
            raise RuntimeError("the snippet has no upstream line")
        lines = " ".join(f"server 127.0.0.1:{gateway.port} max_fails=0;" for gateway in self.gateways)
        with open(self.path("site.conf"), "w") as file:
            file.write(block.replace(line, lines, 1))
        places = "".join(f"{name}_temp_path {name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        with open(self.path("nginx.conf"), "w") as file:
            # The clients here keep their connections for the whole run.
            file.write(f"daemon off; pid nginx.pid; error_log stderr; events {{}} http {{ access_log off; {places}"
                       f"keepalive_requests 10000000; keepalive_time 24h; keepalive_timeout 24h; include {self.path('site.conf')};"
                       f"server {{ listen 127.0.0.1:{APP}; location / {{ return 200 app; }} }} }}\n")
        self.spawn("nginx", "/usr/sbin/nginx", "-p", self.folder, "-c", self.path("nginx.conf"))
        await_answer(APP, "/")

    def stop_load(self):
        while self.loads:
            self.loads.pop().stop()

    def stop(self):
        for gateway in getattr(self, "gateways", []):
            if gateway.process and gateway.process.poll() is None:
                gateway.stop()
        if hasattr(self, "market"):
            self.market.shutdown()
            self.market.server_close()
        for child in self.children:
            child.terminate()
        for child in self.children:
            child.wait(20)
        if hasattr(self, "pooler"):
            self.pooler.kill()
        for server in self.databases:
            server.remove()
