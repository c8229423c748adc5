"""The processes of the soak test: the stand-in and a gateway that knows it."""
import hashlib, http.client, json, os, signal, socket, subprocess, threading, time

INSTALLATION = "icfg_AcmeAnalyticalEngines001"
ADA = "0ada0ada0ada0ada0ada0ada"
BEN = "0be40be40be40be40be40be4"
SECRET = "stand-in-client-secret"
BROKER_TOKEN = "soak-broker-client"


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Peer:
    """A kept connection to one listener. Not for several threads."""

    def __init__(self, target):
        self.connection = (UnixConnection(target) if isinstance(target, str)
                           else http.client.HTTPConnection("127.0.0.1", target, timeout=30))

    def request(self, method, path, headers={}, body=None):
        """Status, headers and body; a connection that the server has closed is opened again once."""
        for attempt in (1, 2):
            is_new = self.connection.sock is None
            try:
                self.connection.request(method, path, body=body, headers=headers)
                answer = self.connection.getresponse()
                return answer.status, answer.headers, answer.read()
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                self.connection.close()
                if is_new or attempt == 2:
                    raise

    def form(self, path, fields):
        """The JSON answer of one of the stand-in's controls."""
        body = "&".join(f"{name}={value}" for name, value in fields.items())
        status, _, answer = self.request("POST", path, {"Content-Type": "application/x-www-form-urlencoded"}, body)
        if status != 200:
            raise RuntimeError(f"{path} of the stand-in answers {status}: {answer}")
        return json.loads(answer)

    def close(self):
        self.connection.close()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class World:
    def __init__(self, executable, folder):
        self.executable, self.folder = executable, folder
        self.children = []
        self.public, self.admin_port, self.stand_in = free_port(), free_port(), free_port()
        self.admin, self.broker = self.path("admin.sock"), self.path("broker.sock")
        self.reloading = threading.Lock()

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        """Replaces the whole file, as editors do."""
        descriptor = os.open(self.path(name + ".new"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        os.rename(self.path(name + ".new"), self.path(name))

    def command(self, *arguments):
        """The output of one of the executable's commands."""
        done = subprocess.run([self.executable, *arguments], capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(arguments[:2])} exits with {done.returncode}: {done.stderr}{done.stdout}")
        return done.stdout

    def run(self, name, *arguments):
        with open(self.path(name + ".log"), "wb") as log:
            child = subprocess.Popen([self.executable, *arguments], stdout=log, stderr=log)
        self.children.append(child)
        return child

    def start(self):
        own = f"http://localhost:{self.public}"
        self.run("stand-in", "provider-stand-in", "--port", str(self.stand_in), "--webhook-url", own + "/sso/webhook",
                 "--partner-url", own, "--redirect-login-url", own + "/sso/callback")
        await_answer(self.stand_in, "/stand-in/counters")
        self.command("keys", "generate", "--key-ring", self.path("keys.json"))
        self.configure("ADMIN")
        self.gateway = self.run("gateway", "serve", "--config", self.path("gateway.yaml"))
        await_answer(self.admin_port, "/ping")

    def stop(self):
        for child in self.children:
            child.terminate()
        for child in self.children:
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def configure(self, closed_for):
        """`closed_for`: the role that may see /closed/."""
        stand_in = f"http://localhost:{self.stand_in}"
        self.write("gateway.yaml", f"""
public_url: http://localhost:{self.public}
listen: 127.0.0.1:{self.public}
admin_listen: 127.0.0.1:{self.admin_port}
admin_socket: {self.admin}
key_ring: {self.path("keys.json")}
store: sqlite:{self.path("gateway.db")}
# Short enough that everything kept for a session's lifetime comes and goes several times in an hour.
session: {{ idle: 5m, absolute: 10m }}
members: {{ refresh: 30s, max_age: 5m }}
broker:
  listen: unix:{self.broker}
  rate: 100000/m
  client_rate: 100000/m
  clients:
    job: {{ token_sha256: {hashlib.sha256(BROKER_TOKEN.encode()).hexdigest()}, operations: all }}
integrations:
  demo:
    client_id: oac_AcmeDemonstration01
    client_secret: {SECRET}
    slug: acme
    jwks_url: {stand_in}/.well-known/jwks
    api_url: {stand_in}
    sso_url: {stand_in}/sso/integrations
    installation_token: {{ source: store }}
    routes: {{ default: /dashboard }}
rules:
  - {{ path: /closed/, roles: [{closed_for}] }}
  - {{ path: /assets/, allow: anyone }}
""")

    def reload(self, by_signal):
        """Returns after the new configuration is in use."""
        with self.reloading:
            if by_signal:
                before = self.reloads()
                self.gateway.send_signal(signal.SIGHUP)
                for _ in range(300):
                    if self.reloads() > before:
                        return
                    time.sleep(0.1)
                raise RuntimeError("no reload within 30 s after SIGHUP")
            admin = Peer(self.admin)
            status, _, answer = admin.request("POST", "/admin/reload")
            admin.close()
            if status != 200:
                raise RuntimeError(f"/admin/reload answers {status}: {answer}")

    def reloads(self):
        admin = Peer(self.admin_port)
        _, _, text = admin.request("GET", "/metrics")
        admin.close()
        line = b'configuration_reloads_total{outcome="succeeded"} '
        return float(text.split(line)[1].split(b"\n")[0])


def await_answer(port, path):
    for _ in range(600):
        try:
            if Peer(port).request("GET", path)[0] == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"nothing answers at port {port}")
