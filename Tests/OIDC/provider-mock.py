"""oidc-provider-mock (authlib) as the issuer. Reads `client.json` in the working directory."""
import json
from wsgiref.simple_server import make_server

import oidc_provider_mock
from oidc_provider_mock import _app
from oidc_provider_mock._storage import User

# It publishes the key's id, but does not write it into its tokens.
_app.OpenIDCode.get_encode_header = lambda self, client: {"alg": "RS256", "kid": _app.storage.jwk.thumbprint()}

client = json.load(open("client.json"))
claims = dict(client["claims"])
application = oidc_provider_mock.app(
    require_nonce=True, user_claims=[User(sub=claims.pop("sub"), claims=claims)])
make_server("127.0.0.1", client["port"], application).serve_forever()
