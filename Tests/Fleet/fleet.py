"""Three gateways with one key ring and one PostgreSQL, nginx in front, and the marketplace's stand-in."""
import hashlib, hmac, json, os, signal, subprocess, sys, threading, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../Soak"))
from world import INSTALLATION, SECRET, Peer
import database, market

COUNT = 3
# Everything runs in a network namespace of its own, so these are free.
PROXY, APP = 8080, 8000
# The integration `demo` uses the stand-in, and `other` a marketplace with many installations.
STAND_IN, MARKET = 8190, 8191
PRIMARY, STANDBY = "10.9.0.2", "10.9.0.3"


class Visitor:
    """A client with a kept connection, and an address of its own: the gateway limits logins by the client's address.

    Unlike `Peer` it never repeats a request, so what it sees is what a browser would see."""

    number = 0
    counting = threading.Lock()

    def __init__(self, port=PROXY):
        with Visitor.counting:
            Visitor.number += 1
            number = Visitor.number
        address = f"127.1.{number // 250}.{number % 250 + 1}"
        self.peer = Peer(port)
        self.headers = {"Host": f"localhost:{PROXY}"}
        if port == PROXY:
            self.peer.connection.source_address = (address, 0)
        else:
            # As the proxy says it.
            self.headers["X-Forwarded-For"] = address

    def request(self, method, path, headers={}, body=None):
        try:
            self.peer.connection.request(method, path, body=body, headers={**self.headers, **headers})
            answer = self.peer.connection.getresponse()
            return answer.status, answer.headers, answer.read()
        except OSError:
            self.peer.close()
            raise

    def close(self):
        self.peer.close()

    def call_back(self, code, integration="demo"):
        """A login with a code: the status, and the session's cookie or None."""
        path = "/sso/callback" if integration == "demo" else "/sso/other/callback"
        status, headers, _ = self.request("GET", f"{path}?mode=sso&code={code['code']}&state={code['state']}")
        return status, session(headers)

    def sign_in(self, user):
        return self.enter(mint(user))

    def enter(self, code, integration="demo"):
        status, cookie = self.call_back(code, integration)
        if cookie is None:
            raise RuntimeError(f"a login of {integration} has the status {status}")
        return cookie

    def decide(self, cookie):
        """Asks a gateway directly: status and role."""
        status, headers = self.ask(cookie)
        return status, headers.get("X-SSO-Role")

    def ask(self, cookie):
        """Asks a gateway directly: status and headers."""
        status, headers, _ = self.request("GET", "/authz/nginx", {
            "X-Original-Method": "GET", "X-Original-URI": "/dashboard", "X-Forwarded-Host": f"localhost:{PROXY}",
            "X-Forwarded-Proto": "http", "Cookie": cookie})
        return status, headers


def session(headers):
    cookies = [cookie.split(";")[0] for cookie in headers.get_all("Set-Cookie") or []]
    return next((cookie for cookie in cookies if cookie.startswith("sso_session=") and len(cookie) > 20), None)


def mint(user):
    """A code, as the marketplace sends it with the browser."""
    peer = Peer(STAND_IN)
    try:
        return peer.form("/stand-in/codes", {"integration": "acme", "user": user})
    finally:
        peer.close()


def exchanges():
    return json.loads(Peer(STAND_IN).request("GET", "/stand-in/counters")[2])["exchanges"]


def webhook(visitor, name, payload, integration="demo"):
    """A genuine webhook; returns the answer's status."""
    now = time.time()
    body = json.dumps({"id": f"evt_{time.monotonic_ns()}", "type": name, "createdAt": int(now * 1000), "payload": payload})
    path = "/sso/webhook" if integration == "demo" else "/sso/other/webhook"
    signature = hmac.new(SECRET.encode(), body.encode(), hashlib.sha1).hexdigest()
    return visitor.request("POST", path, {"Content-Type": "application/json", "X-Vercel-Signature": signature}, body)[0]


class Gateway:
    """One of the gateways, in a folder of its own, as on a machine of its own."""

    def __init__(self, fleet, number):
        self.fleet, self.number = fleet, number
        self.port, self.admin_port = 8100 + number, 8110 + number
        self.folder = fleet.path(f"gateway{number}")
        self.admin, self.ring = f"{self.folder}/admin.sock", f"{self.folder}/keys.json"
        self.configuration, self.log = f"{self.folder}/gateway.yaml", f"{self.folder}/gateway.log"
        self.process = None
        os.makedirs(self.folder, mode=0o700)

    def configure(self, store):
        text = self.fleet.configuration.replace("PORT", str(self.port)).replace("ADMIN", str(self.admin_port))
        with open(self.configuration, "w") as file:
            file.write(text.replace("FOLDER", self.folder).replace("STORE", store))

    def start(self, clock=0):
        """`clock`: how many seconds its clock is ahead."""
        environment = dict(os.environ)
        if clock:
            environment |= {"LD_PRELOAD": self.fleet.false_time, "FAKETIME": f"{clock:+d}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        # The shell, because libfaketime must not begin in the gateway: it would lose its arguments.
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(["sh", "-c", 'exec "$@"', "sh", self.fleet.executable, "serve", "--config",
                                             self.configuration], env=environment, stdout=log, stderr=log)
        for _ in range(600):
            try:
                if self.ready()[0] == 200:
                    return
            except OSError:
                pass
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        with open(self.log) as file:
            raise RuntimeError(f"gateway {self.number} does not start:\n{file.read()[-1500:]}")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def ready(self):
        """The status and the reasons of `/ready`."""
        peer = Peer(self.admin_port)
        try:
            status, _, body = peer.request("GET", "/ready")
            return status, json.loads(body)["reasons"]
        finally:
            peer.close()

    def reload(self):
        """By SIGHUP; returns when it is done."""
        before = self.events().count("configuration_reloaded")
        self.process.send_signal(signal.SIGHUP)
        for _ in range(200):
            events = self.events()
            if events.count("configuration_reloaded") > before:
                return
            if "configuration_refused" in events:
                break
            time.sleep(0.05)
        raise RuntimeError(f"gateway {self.number} does not reload")

    def revoke(self, **fields):
        """What `sessions revoke` sends; returns the answer's status."""
        peer = Peer(self.admin)
        try:
            return peer.request("POST", "/admin/sessions/revoke", {"Content-Type": "application/json"}, json.dumps(fields))[0]
        finally:
            peer.close()

    def lines(self):
        with open(self.log) as file:
            return [json.loads(line) for line in file if line.endswith("}\n")]

    def events(self):
        return [line["event"] for line in self.lines()]


class Fleet:
    def __init__(self, executable, folder):
        self.executable, self.folder = executable, folder
        self.children, self.databases, self.loads = [], [], []
        self.false_time = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
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
            "store_password_file: FOLDER/password\nintegrations:\n"
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

    def start(self, size=None, standby=False, pooler=False):
        """`size`: of the database's file system."""
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
        self.await_answer(STAND_IN, "/stand-in/counters")
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
        self.await_answer(APP, "/")

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

    @staticmethod
    def await_answer(port, path):
        for _ in range(600):
            try:
                if Peer(port).request("GET", path)[0] == 200:
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"nothing answers at port {port}")
