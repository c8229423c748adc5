"""Assertions that an app must refuse, and for which reason. Nearly all have the gateway's real signature or key id, so that
each is refused for the one thing that is wrong with it."""

import base64
import hashlib
import hmac
import json
import time

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature


def encode(value):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Ring:
    """A signing key of the gateway's own, from its key ring. The first one is in use."""

    def __init__(self, path, index=0):
        entry = json.loads(path.read_text())["keys"][index]
        self.id = entry["id"]
        self.key = ec.derive_private_key(int.from_bytes(decode(entry["assertion_key"]), "big"), ec.SECP256R1())


def sign(key, header, claims, form="raw"):
    text = f"{encode(header)}.{encode(claims)}"
    signature = key.sign(text.encode(), ec.ECDSA(hashes.SHA256()))
    if form == "raw":
        r, s = decode_dss_signature(signature)
        signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return f"{text}.{encode(signature)}"


def without(values, name):
    return {key: value for key, value in values.items() if key != name}


def accepted(ring, claims):
    """Beside the gateway's own. They prove that the forgeries are not refused for how they are made."""
    header, now = {"alg": "ES256", "typ": "JWT", "kid": ring.id}, int(time.time())
    yield "a token that is signed as the gateway signs", sign(ring.key, header, claims)
    yield "expired within the leeway", sign(ring.key, header, {**claims, "exp": now - 2})
    yield "begins within the leeway", sign(ring.key, header, {**claims, "iat": now + 2, "nbf": now + 2})
    yield "without a name", sign(ring.key, header, without(claims, "name"))


def forgeries(ring, claims):
    """Name, the permitted reasons, and the values of the header."""
    header, now = {"alg": "ES256", "typ": "JWT", "kid": ring.id}, int(time.time())
    good = sign(ring.key, header, claims)
    head, body, signature = good.split(".")
    other = ec.generate_private_key(ec.SECP256R1())
    public = ring.key.public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    point = public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    form = {"malformed", "algorithm"}

    yield "no header", {"missing"}, []
    yield "an empty header", {"missing"}, [""]
    yield "twice the same", {"repeated"}, [good, good]
    yield "a forged one before the real one", {"repeated"}, ["e30.e30." + signature, good]
    yield "a forged one behind the real one", {"repeated"}, [good, "e30.e30." + signature]
    for text in ("x", "..", "...", f"{head}.{body}", f"{head}.{body}.", good + ".", good + "." + signature, good + "!",
                 f"Bearer {good}", f"{head}.{body}.{signature[:-4]}", "e30.e30." + "A" * 9000,
                 f"{encode(b'[]')}.{body}.{signature}", f"{encode(b'no JSON')}.{body}.{signature}"):
        yield f"malformed: {text[:20]}… of {len(text)} characters", form | {"signature", "unknown_key"}, [text]
    for algorithm in ("none", "None", "NONE", "nOnE", ""):
        bare = f"{encode({**header, 'alg': algorithm})}.{body}."
        yield f"alg {algorithm!r} without a signature", form, [bare]
        yield f"alg {algorithm!r} with a signature", form, [bare + signature]
    for name, secret in (("PEM", pem), ("PEM without its line end", pem.strip()), ("point", point), ("nothing", b"")):
        text = f"{encode({**header, 'alg': 'HS256'})}.{body}"
        mac = hmac.new(secret, text.encode(), hashlib.sha256).digest()
        yield f"HS256 with the public key as its secret: {name}", form, [f"{text}.{encode(mac)}"]
        text = f"{encode({**header, 'alg': 'HS512'})}.{body}"
        mac = hmac.new(secret, text.encode(), hashlib.sha512).digest()
        yield f"HS512 with the public key as its secret: {name}", form, [f"{text}.{encode(mac)}"]
    for algorithm in ("es256", "ES384", "RS256", "EdDSA", ["ES256"], None):
        yield f"alg {algorithm!r}", form, [sign(ring.key, {**header, "alg": algorithm}, claims)]
    yield "no alg", form, [sign(ring.key, without(header, "alg"), claims)]
    yield "another type", form, [sign(ring.key, {**header, "typ": "at+jwt"}, claims)]
    yield "a critical extension", form, [sign(ring.key, {**header, "crit": ["exp"], "exp": 1}, claims)]
    yield "another key under the same id", {"signature"}, [sign(other, header, claims)]
    numbers = other.public_key().public_numbers()
    jwk = {"kty": "EC", "crv": "P-256", "kid": ring.id,
           "x": encode(numbers.x.to_bytes(32, "big")), "y": encode(numbers.y.to_bytes(32, "big"))}
    yield "another key that it brings", {"signature"}, [sign(other, {**header, "jwk": jwk}, claims)]
    yield "another address of keys", {"signature"}, [sign(other, {**header, "jku": "http://127.0.0.1:9/"}, claims)]
    for name in ("ffffffff", "", "../keys", "__proto__", "constructor"):
        yield f"unknown key {name!r}", {"unknown_key"}, [sign(other, {**header, "kid": name}, claims)]
    for value in (None, 1, [ring.id], {"a": 1}):
        yield f"key id {value!r}", {"unknown_key", *form}, [sign(ring.key, {**header, "kid": value}, claims)]
    yield "no key id", {"unknown_key", *form}, [sign(ring.key, without(header, "kid"), claims)]
    yield "changed claims", {"signature"}, [f"{head}.{encode({**claims, 'role': 'ADMIN'})}.{signature}"]
    yield "a changed header", {"signature"}, [f"{encode({**header, 'x': 1})}.{body}.{signature}"]
    yield "a changed signature", {"signature"}, [f"{head}.{body}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"]
    yield "a signature of zeros (CVE-2022-21449)", {"signature", "malformed"}, [f"{head}.{body}.{'A' * 86}"]
    yield "a signature in ASN.1", {"malformed", "signature"}, [sign(ring.key, header, claims, form="ASN.1")]
    for value in ("http://localhost:1", claims["iss"] + "/", claims["iss"].upper(), None):
        yield f"issuer {value!r}", {"issuer", "malformed"}, [sign(ring.key, header, {**claims, "iss": value})]
    for value in ("other.example", "LOCALHOST", "", None, ["other.example"], ["localhost", "other.example"]):
        yield f"audience {value!r}", {"audience", "malformed"}, [sign(ring.key, header, {**claims, "aud": value})]
    for value in (now - 7, 0, -1, None):
        yield f"expired at {value!r}", {"expired", "malformed"}, [sign(ring.key, header, {**claims, "exp": value})]
    yield "issued in the future", {"not_yet_valid"}, [sign(ring.key, header, {**claims, "iat": now + 60})]
    yield "not valid yet", {"not_yet_valid"}, [sign(ring.key, header, {**claims, "nbf": now + 60})]
    reasons = {"iss": "issuer", "aud": "audience", "exp": "expired", "iat": "not_yet_valid"}
    for name in ("iss", "aud", "exp", "iat", "sub", "integration", "installation_id", "role"):
        permitted = {reasons.get(name, "claims"), "malformed"}
        yield f"without {name}", permitted, [sign(ring.key, header, without(claims, name))]
    yield "an empty user id", {"claims"}, [sign(ring.key, header, {**claims, "sub": ""})]
