"""One of the gateways, as a process."""
import json, os, signal, subprocess, time

from visitor import Peer

FALSE_TIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"


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
            environment |= {"LD_PRELOAD": FALSE_TIME, "FAKETIME": f"{clock:+d}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
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
