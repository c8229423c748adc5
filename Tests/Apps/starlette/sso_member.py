"""Middleware for Starlette and FastAPI: checks X-SSO-Assertion and sets `request.state.member`."""

import asyncio
import json
import time
import urllib.request

import jwt  # PyJWT 2.10 or later, with cryptography
from starlette.responses import JSONResponse

LEEWAY = 5  # seconds, for clocks that differ
Refused = type("Refused", (Exception,), {})
REASONS = {
    jwt.ExpiredSignatureError: "expired", jwt.ImmatureSignatureError: "not_yet_valid",
    jwt.InvalidAudienceError: "audience", jwt.InvalidIssuerError: "issuer", jwt.InvalidSignatureError: "signature",
}


class KeySet:
    """The gateway's public keys by id. They are fetched when they are `keep` seconds old and for an unknown id, but not again
    within `pause` seconds, so that forged ids cause no load. Without an answer the old keys stay in use."""

    def __init__(self, url, pause, keep):
        self.url, self.pause, self.keep, self.keys = url, pause, keep, None
        self.fetched = self.tried = -1e9
        self.lock = asyncio.Lock()
        # The environment's proxies must not decide whose keys these are.
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def fetch(self):
        with self.opener.open(self.url, timeout=3) as answer:
            return {key["kid"]: jwt.PyJWK(key, algorithm="ES256") for key in json.load(answer)["keys"]}

    async def find(self, name):
        async with self.lock:
            now = time.monotonic()
            if (not self.keys or name not in self.keys or now - self.fetched > self.keep) and now - self.tried > self.pause:
                self.tried = now
                try:
                    self.keys = await asyncio.to_thread(self.fetch)
                    self.fetched = now
                except Exception as error:
                    print(f"sso: no keys from {self.url}: {error}")
        if self.keys is None:
            raise LookupError("no keys")
        return self.keys.get(name)


class SSOMember:
    """issuer: `public_url`; audience: `app` of the rule, or the host; keys: the gateway's own /.well-known/jwks.json"""

    def __init__(self, app, issuer, audience, keys, pause=10, keep=300):
        self.app, self.issuer, self.audience, self.keys = app, issuer, audience, KeySet(keys, pause, keep)

    async def check(self, headers):
        tokens = [value.decode("latin-1") for name, value in headers if name.lower() == b"x-sso-assertion"]
        if tokens in ([], [""]):
            raise Refused("missing")
        if len(tokens) > 1:
            raise Refused("repeated")
        try:
            header = jwt.get_unverified_header(tokens[0])
            if header.get("alg") != "ES256" or header.get("typ") != "JWT" or "crit" in header:
                raise Refused("algorithm")
            if not (key := await self.keys.find(header.get("kid"))):
                raise Refused("unknown_key")
            claims = jwt.decode(
                tokens[0], key, algorithms=["ES256"], issuer=self.issuer, audience=self.audience, leeway=LEEWAY,
                options={"require": ["iss", "aud", "sub", "iat", "exp"], "strict_aud": True})
        except (jwt.PyJWTError, ValueError) as error:
            raise Refused(REASONS.get(type(error), "malformed")) from error
        if not all(texts := [claims.get(name) for name in ("integration", "installation_id", "sub", "role")]):
            raise Refused("claims")
        # The same user id under another installation is another person.
        return dict(zip(("integration", "installation", "user", "role"), texts), id="/".join(texts[:3]),
                    name=claims.get("name", ""), email=claims.get("email", ""))

    async def __call__(self, scope, receive, send):
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        try:
            scope.setdefault("state", {})["member"] = await self.check(scope["headers"])
        except Refused as error:
            return await refuse(scope, receive, send, 401, "not_signed_in", str(error))
        except LookupError:
            return await refuse(scope, receive, send, 503, "keys_unavailable")
        await self.app(scope, receive, send)


async def refuse(scope, receive, send, status, code, reason=None):
    if scope["type"] == "websocket":  # The server answers the handshake with 403.
        return await send({"type": "websocket.close", "code": 1008})
    content = {"error": {"code": code, "reason": reason}}
    await JSONResponse(content, status, {"cache-control": "no-store"})(scope, receive, send)


def has_role(request, role):
    """For routes of one role: answer 403 where it is false."""
    return request.state.member["role"] == role
