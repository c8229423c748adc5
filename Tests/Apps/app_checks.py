"""What every app behind the gateway must do."""

import json
import time

from forgeries import Ring, accepted, decode, forgeries, sign
from partner_site import ADA, BEN, request


# Of the middleware's copy that is tested, in seconds: not fetched again within `PAUSE`, and fetched again after `KEEP`.
PAUSE, KEEP = 1, 6


class Checks:
    """`start` starts the app that is checked, which begins without keys."""

    def __init__(self, site, keys, start):
        self.site, self.keys, self.start = site, keys, start
        self.passed, self.failures = 0, []

    def expect(self, what, wanted, got):
        if wanted == got:
            self.passed += 1
        else:
            self.failures.append(f"{what}: wanted {wanted}, got {got}")

    def ask(self, path, assertions=(), *headers):
        """Of the app itself, without the proxy."""
        fields = [("X-SSO-Assertion", value) for value in assertions]
        status, _, body = request(self.site.app, path, [*fields, *headers])
        return status, body

    def browse(self, path, cookie, *headers):
        fields = [("Cookie", cookie)] if cookie else []
        status, _, body = request(self.site.proxy, path, [*fields, *headers])
        return status, body

    def all(self):
        self.without_keys()
        cookies = {user: self.site.sign_in(user) for user in (ADA, BEN)}
        app = self.start()
        try:
            self.members(cookies)
            self.direct(cookies[BEN])
            self.flood(cookies[BEN])
            self.rotation(cookies[ADA])
            self.retirement(cookies[BEN])
            self.outage()
        finally:
            self.site.stop(app)

    def without_keys(self):
        self.keys.is_down = True
        app = self.start()
        try:
            token = self.site.assertion(self.site.sign_in(BEN))
            self.expect("no keys yet", 503, self.ask("/me", [token])[0])
            self.keys.is_down = False
            time.sleep(2.1)
            self.expect("keys after a while", 200, self.ask("/me", [token])[0])
        finally:
            self.keys.is_down = False
            self.site.stop(app)

    def members(self, cookies):
        status, body = self.browse("/me", cookies[BEN])
        self.expect("Ben behind nginx", 200, status)
        member = json.loads(body)
        wanted = {"user": BEN, "role": "USER", "integration": "demo", "installation": "icfg_AcmeAnalyticalEngines001",
                  "id": f"demo/icfg_AcmeAnalyticalEngines001/{BEN}"}
        self.expect("the member", wanted, {name: member.get(name) for name in wanted})
        self.expect("a name", True, bool(member["name"]))
        self.expect("Ben is no administrator", 403, self.browse("/team", cookies[BEN])[0])
        self.expect("Ada is one", 200, self.browse("/team", cookies[ADA])[0])
        ada = self.site.assertion(cookies[ADA])
        forged = [("X-SSO-Assertion", ada), ("X_SSO_Assertion", ada), ("X-SSO-Role", "ADMIN")]
        self.expect("a client's own header is replaced", 403, self.browse("/team", cookies[BEN], *forged)[0])
        self.expect("without a session nginx refuses", 401, self.browse("/me", None, *forged)[0])
        body = self.browse("/public/hello", None, *forged)[1]
        self.expect("a rule for anyone brings no member", False, ADA.encode() in body or BEN.encode() in body)

    def direct(self, cookie):
        token = self.site.assertion(cookie)
        ring = Ring(self.site.folder / "keys.json")
        claims = json.loads(decode(token.split(".")[1]))
        self.expect("the real assertion", 200, self.ask("/me", [token])[0])
        for name, text in accepted(ring, claims):
            self.expect(name, 200, self.ask("/me", [text])[0])
        for name, reasons, values in forgeries(ring, claims):
            # Other headers, and the cookie, change nothing.
            status, body = self.ask("/me", values, ("X-SSO-Role", "ADMIN"), ("X-Auth-Request-User", ADA),
                                    ("Cookie", cookie), ("Authorization", f"Bearer {token}"))
            reason = json.loads(body)["error"]["reason"] if status == 401 else body[:200]
            wanted = reason if reason in reasons else f"one of {sorted(reasons)}"
            self.expect(name, (401, wanted), (status, reason))
        self.expect("and still the real one", 200, self.ask("/me", [token])[0])

    def flood(self, cookie):
        """Unknown ids cause at most one fetch in `PAUSE`, and no member is refused meanwhile."""
        ring = Ring(self.site.folder / "keys.json")
        token = self.site.assertion(cookie)
        claims = json.loads(decode(token.split(".")[1]))
        unknown = next(values for name, _, values in forgeries(ring, claims) if name.startswith("unknown key"))
        before, began = self.keys.requests, time.monotonic()
        for _ in range(200):
            self.ask("/me", unknown)
        permitted = (time.monotonic() - began) / PAUSE + 2
        self.expect("few fetches in a flood", True, self.keys.requests - before <= permitted)
        self.expect("a member in a flood", 200, self.ask("/me", [token])[0])

    def rotation(self, cookie):
        time.sleep(2.1)
        before = self.keys.requests
        self.site.run("keys", "rotate", "--key-ring", "keys.json")
        self.site.reload()
        token = self.site.assertion(cookie)
        kid = json.loads(decode(token.split(".")[0]))["kid"]
        self.expect("the new key signs", Ring(self.site.folder / "keys.json").id, kid)
        self.expect("the new key is fetched", 200, self.ask("/me", [token])[0])
        self.expect("and once", 1, self.keys.requests - before)

    def retirement(self, cookie):
        """An operator retires a key that was disclosed: from then on it must open nothing, although the app knows it."""
        ring = Ring(self.site.folder / "keys.json", index=1)
        claims = json.loads(decode(self.site.assertion(cookie).split(".")[1]))

        def token():
            return sign(ring.key, {"alg": "ES256", "typ": "JWT", "kid": ring.id}, {**claims, "exp": int(time.time()) + 30})

        self.expect("an older key", 200, self.ask("/me", [token()])[0])
        self.site.run("keys", "retire", "--key-ring", "keys.json", ring.id)
        self.site.reload()
        time.sleep(KEEP + PAUSE)
        self.expect("a retired key", 401, self.ask("/me", [token()])[0])
        self.expect("the key in use", 200, self.ask("/me", [self.site.assertion(self.site.sign_in(BEN))])[0])

    def outage(self):
        cookie = self.site.sign_in(BEN)
        self.keys.is_down = True
        try:
            time.sleep(2.1)
            unknown = "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImZmZmZmZmZmIn0.e30." + "B" * 86
            self.expect("an unknown key in an outage", 401, self.ask("/me", [unknown])[0])
            self.expect("known keys in an outage", 200, self.ask("/me", [self.site.assertion(cookie)])[0])
        finally:
            self.keys.is_down = False
