"""Browsers, and what the marketplace sends."""
import hashlib, hmac, json, os, sys, threading, time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../Soak"))
from world import SECRET, Peer

# Everything runs in a network namespace of its own, so these are free.
PROXY, APP = 8080, 8000
# The integration `demo` uses the stand-in, and `other` a marketplace with many installations.
STAND_IN, MARKET = 8190, 8191


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
