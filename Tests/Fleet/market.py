"""A marketplace of any number of installations: a code is its installation's id and a random part. The stand-in has one."""
import http.server, json, secrets, threading, time, urllib.parse

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

CLIENT = "oac_AcmeOther01"
MEMBER = "0c40c40c40c40c40c40c40c4"


class Market(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port):
        key = ec.generate_private_key(ec.SECP256R1())
        public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key())) | {"kid": "other", "alg": "ES256", "use": "sig"}
        self.exchanges = 0

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(handler):
                handler.answer({"keys": [public]})

            def do_POST(handler):
                self.exchanges += 1
                body = handler.rfile.read(int(handler.headers["Content-Length"])).decode()
                code = json.loads(body)["code"] if body.startswith("{") else urllib.parse.parse_qs(body)["code"][0]
                handler.answer({"id_token": jwt.encode(
                    claims(code.split(".")[0]), key, algorithm="ES256", headers={"kid": "other"})})

            def answer(handler, value):
                text = json.dumps(value).encode()
                handler.send_response(200)
                handler.send_header("Content-Type", "application/json")
                handler.send_header("Content-Length", str(len(text)))
                handler.end_headers()
                handler.wfile.write(text)

            def log_message(handler, *arguments):
                pass

        super().__init__(("127.0.0.1", port), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


def claims(installation):
    now = int(time.time())
    return {"iss": "https://marketplace.vercel.com", "aud": CLIENT, "sub": f"account:4b1d0c0de0000000b0b00000:user:{MEMBER}",
            "account_id": "4b1d0c0de0000000b0b00000", "installation_id": installation, "user_id": MEMBER, "user_role": "ADMIN",
            "user_name": "Grace Guest", "iat": now, "exp": now + 300, "type": "id_token"}


def mint(installation):
    return {"code": f"{installation}.{secrets.token_hex(12)}", "state": secrets.token_hex(12)}
