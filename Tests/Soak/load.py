"""Who uses the gateway during the soak test. Each actor is a thread that knows the answer it must get."""
import hashlib, hmac, json, threading, time, traceback
from world import ADA, BEN, BROKER_TOKEN, INSTALLATION, SECRET, Peer

KINDS = ["decisions", "logins", "sign_outs", "revocations", "webhooks", "installation_calls", "broker_calls", "reloads",
         "rotations", "retired_keys"]
PEOPLE = 8
# Between two requests of a person, in seconds.
PACE = 0.05
# A retired key must not seal a live session: the resident's are the oldest, of two and a half rotations.
KEPT_KEYS = 4


class Tally:
    """Counts what was done, and lists what was not as it should be."""

    def __init__(self):
        self.lock = threading.Lock()
        self.done = dict.fromkeys(KINDS, 0)
        self.unexpected = []

    def counts(self):
        with self.lock:
            return dict(self.done)

    def count(self, kind):
        with self.lock:
            self.done[kind] += 1

    def expect(self, what, wanted, found):
        if wanted != found:
            with self.lock:
                self.unexpected.append(f"{time.strftime('%H:%M:%S')} {what}: {found}, not {wanted}")


class Actor(threading.Thread):
    def __init__(self, world, tally, stopped, rotation):
        super().__init__(daemon=True)
        self.world, self.tally, self.stopped, self.rotation = world, tally, stopped, rotation
        self.stand_in = Peer(world.stand_in)
        self.gateway = Peer(world.public)
        self.cookie = None

    def run(self):
        while not self.stopped.is_set():
            try:
                self.act()
            except Exception:
                self.tally.expect(type(self).__name__, "no error", traceback.format_exc(limit=-3))
                self.stopped.wait(1)

    def wait(self, seconds):
        self.stopped.wait(seconds)

    def sign_in(self, user):
        code = self.stand_in.form("/stand-in/codes", {"integration": "acme", "user": user})
        status, headers, _ = self.gateway.request(
            "GET", f"/sso/callback?mode=sso&code={code['code']}&state={code['state']}")
        self.tally.expect("login", 303, status)
        self.tally.count("logins")
        self.take_cookie(headers)

    def take_cookie(self, headers):
        if header := headers.get("Set-Cookie"):
            self.cookie = header.split(";")[0]

    def decide(self, status, path="/dashboard?tab=usage", anonymous=False, dialect="nginx", **changed):
        """Requests a decision, and returns its headers."""
        if dialect == "nginx":
            headers = {"X-Original-Method": "GET", "X-Original-URI": path}
        else:
            headers = {"X-Forwarded-Method": "GET", "X-Forwarded-Uri": path}
        headers |= {"X-Forwarded-Host": "localhost", "X-Forwarded-Proto": "http", **changed}
        if not anonymous:
            headers["Cookie"] = self.cookie
        found, headers, _ = self.gateway.request("GET", "/authz/" + dialect, headers)
        self.tally.expect(f"{type(self).__name__}'s decision for {path}", status, found)
        self.tally.count("decisions")
        self.take_cookie(headers)
        return headers


class Person(Actor):
    """Signs in, requests pages, and signs out or just goes."""

    def act(self):
        self.gateway.close()
        self.sign_in(ADA)
        for number in range(24):
            dialect = "traefik" if number % 3 else "nginx"
            if number % 12 == 3:
                self.decide(401, anonymous=True, dialect=dialect)
            elif number % 12 == 6:
                self.decide(200, "/assets/style.css", anonymous=True, dialect=dialect)
            elif number == 9:
                self.decide(403, "/a/../b")
            else:
                headers = self.decide(200, dialect=dialect)
                self.tally.expect("role", "ADMIN", headers["X-SSO-Role"])
            self.wait(PACE)
        status, _, body = self.gateway.request("GET", "/sso/session", {"Cookie": self.cookie})
        self.tally.expect("session", (200, ADA), (status, json.loads(body).get("user_id")))
        # Half of the sessions expire.
        if self.is_odd:
            status, _, _ = self.gateway.request("POST", "/sso/sign_out", {"Cookie": self.cookie}, b"")
            self.tally.expect("sign out", 303, status)
            self.tally.count("sign_outs")
            self.decide(401)
        self.is_odd = not self.is_odd

    is_odd = True


class Resident(Actor):
    """Keeps one session through renewals, reloads and rotations, until an operator revokes it."""

    def act(self):
        self.sign_in(ADA)
        session = self.decide(200)["X-SSO-Session"]
        end = time.monotonic() + 2.5 * self.rotation
        while time.monotonic() < end and not self.stopped.is_set():
            self.decide(200)
            self.wait(0.5)
        self.world.command("sessions", "revoke", "--session", session, "--config", self.world.path("gateway.yaml"))
        self.tally.count("revocations")
        self.decide(401)


class Member(Actor):
    """Webhooks change Ben's role and remove him, while he is signed in."""

    def act(self):
        self.webhook("USER")
        self.sign_in(BEN)
        self.tally.expect("Ben's role", "USER", self.decide(200)["X-SSO-Role"])
        self.wait(1.1)
        self.webhook("ADMIN")
        self.tally.expect("Ben's role", "ADMIN", self.decide(200)["X-SSO-Role"])
        self.wait(1.1)
        self.webhook("NONE")
        self.decide(401)
        body = b'{"id":"evt_forged","type":"marketplace.member.changed","createdAt":1,"payload":{}}'
        signature = hmac.new(b"not " + SECRET.encode(), body, hashlib.sha1).hexdigest()
        status, _, _ = self.gateway.request(
            "POST", "/sso/webhook", {"Content-Type": "application/json", "X-Vercel-Signature": signature}, body)
        self.tally.expect("forged webhook", 403, status)
        # Refused webhooks have a limit of 60 in five minutes.
        self.wait(5)

    def webhook(self, role):
        answer = self.stand_in.form("/stand-in/webhooks", {"user": BEN, "role": role, "copies": 2})
        self.tally.expect("webhook", [200, 200], answer["statuses"])
        self.tally.count("webhooks")
        # The marketplace's times have whole seconds here: the next event must be a later one.
        self.wait(1.1)


class Marketplace(Actor):
    """Calls the partner's API."""

    def act(self):
        for method, wanted in (("PUT", 204), ("GET", 200)):
            answer = self.stand_in.form("/stand-in/installations", {"method": method})
            self.tally.expect(f"{method} of the installation", wanted, answer["answers"][0]["status"])
            self.tally.count("installation_calls")
            self.wait(2)


class Server(Actor):
    """A partner's server, which calls the marketplace through the broker."""

    def act(self):
        broker = Peer(self.world.broker)
        below = f"/v1/installations/{INSTALLATION}"
        event = json.dumps({"event": {"type": "resource.updated", "resourceId": "db_engine", "productId": "acme-postgres"}})
        for _ in range(20):
            for method, path, body, wanted in (("GET", "/account", None, 200), ("GET", f"/member/{ADA}", None, 200),
                                               ("POST", "/events", event, 201), ("GET", "/nothing", None, 404)):
                headers = {"Authorization": f"Bearer {BROKER_TOKEN}"}
                if body:
                    headers["Content-Type"] = "application/json"
                status, _, _ = broker.request(method, below + path, headers, body)
                self.tally.expect(f"broker: {method} {path}", wanted, status)
                self.tally.count("broker_calls")
                self.wait(0.2)
        broker.close()


class Operator(Actor):
    """Reloads a changed configuration, rotates the keys and retires old ones."""

    next_rotation = 0
    is_open = True
    reloads = 0

    def act(self):
        self.sign_in(ADA)
        self.is_open = not self.is_open
        self.world.configure("ADMIN" if self.is_open else "USER")
        self.reload()
        self.decide(200 if self.is_open else 403, "/closed/page")
        if time.monotonic() >= self.next_rotation:
            self.rotate()
            self.next_rotation = time.monotonic() + self.rotation
        self.wait(min(20, self.rotation / 3))

    def reload(self):
        self.reloads += 1
        self.world.reload(by_signal=self.reloads % 2 == 0)
        self.tally.count("reloads")

    def rotate(self):
        ring = ("--key-ring", self.world.path("keys.json"))
        self.world.command("keys", "rotate", *ring)
        self.reload()
        self.tally.count("rotations")
        with open(self.world.path("keys.json")) as file:
            old = [key["id"] for key in json.load(file)["keys"]][KEPT_KEYS:]
        if old:
            counts = self.world.command("installations", "reseal", "--config", self.world.path("gateway.yaml"))
            self.tally.expect("tokens that no key opens", True, ", 0 unreadable." in counts)
            for key in old:
                self.world.command("keys", "retire", *ring, key)
                self.tally.count("retired_keys")
            self.reload()
        self.decide(200)


def start(world, tally, stopped, rotation):
    # The installation's token first: look-ups and the broker need it.
    answer = Peer(world.stand_in).form("/stand-in/installations", {"method": "PUT"})
    tally.expect("installation", 204, answer["answers"][0]["status"])
    actors = [Person] * PEOPLE + [Resident, Member, Marketplace, Server, Operator]
    threads = [actor(world, tally, stopped, rotation) for actor in actors]
    for thread in threads:
        thread.start()
    return threads
