"""idpyoidc as the issuer, with PKCE. Reads `client.json` in the working directory."""
import json
from urllib.parse import parse_qs
from wsgiref.simple_server import make_server

from idpyoidc.server import Server
from idpyoidc.server.configure import OPConfiguration

client = json.load(open("client.json"))
issuer = f"http://127.0.0.1:{client['port']}"
claims = dict(client["claims"])
subject = claims.pop("sub")


def sub(*_, **__):
    return subject


configuration = {
    "issuer": issuer,
    "httpc_params": {"verify": False, "timeout": 1},
    "subject_types_supported": ["public"],
    "key_conf": {
        "uri_path": "jwks.json",
        # Access tokens are signed with the second one.
        "key_defs": [{"type": "RSA", "use": ["sig"]}, {"type": "EC", "crv": "P-256", "use": ["sig"]}]},
    "session_params": {"password": "only-for-tests", "salt": "only-for-tests", "sub_func": {"public": {"function": sub}}},
    "token_handler_args": {
        "jwks_def": {"read_only": False, "key_defs": [
            {"type": "oct", "bytes": 24, "use": ["enc"], "kid": "code"},
            {"type": "oct", "bytes": 24, "use": ["enc"], "kid": "refresh"}]},
        "code": {"lifetime": 600},
        "token": {"class": "idpyoidc.server.token.jwt_token.JWTToken", "kwargs": {"lifetime": 3600}},
        "id_token": {"class": "idpyoidc.server.token.id_token.IDToken", "kwargs": {
            "base_claims": {name: None for name in claims}}},
    },
    "endpoint": {
        "provider_config": {
            "path": ".well-known/openid-configuration",
            "class": "idpyoidc.server.oidc.provider_config.ProviderConfiguration", "kwargs": {"client_authn_method": None}},
        "authorization": {
            "path": "authorization", "class": "idpyoidc.server.oidc.authorization.Authorization",
            "kwargs": {
                "client_authn_method": None, "response_types_supported": ["code"],
                "response_modes_supported": ["query"], "claims_parameter_supported": True}},
        "token": {
            "path": "token", "class": "idpyoidc.server.oidc.token.Token",
            "kwargs": {"client_authn_method": ["client_secret_basic", "client_secret_post"]}},
    },
    "add_ons": {"pkce": {
        "function": "idpyoidc.server.oauth2.add_on.pkce.add_support",
        "kwargs": {"essential": True, "code_challenge_method": ["S256"]}}},
    "authentication": {"anon": {
        "acr": "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified",
        "class": "idpyoidc.server.user_authn.user.NoAuthn", "kwargs": {"user": "ada"}}},
    "userinfo": {"class": "idpyoidc.server.user_info.UserInfo", "kwargs": {"db": {"ada": claims}}},
    "template_dir": ".",
}
server = Server(OPConfiguration(conf=configuration, base_path="."), cwd=".")
server.keyjar.import_jwks(server.keyjar.export_jwks(True, ""), issuer)
server.context.cdb[client["client_id"]] = {
    "client_id": client["client_id"], "client_secret": client["client_secret"],
    "redirect_uris": [(client["redirect_uri"], None)], "token_endpoint_auth_method": "client_secret_basic",
    "response_types_supported": ["code"], "allowed_scopes": ["openid"], "id_token_signed_response_alg": "RS256",
}
server.context.keyjar.add_symmetric(client["client_id"], client["client_secret"])


def application(environment, start):
    path = environment["PATH_INFO"].lstrip("/")
    if path == "jwks.json":
        start("200 OK", [("Content-Type", "application/json")])
        return [server.keyjar.export_jwks_as_json().encode()]
    endpoint = next((known for known in server.endpoint.values() if known.endpoint_path == path), None)
    if endpoint is None:
        start("404 Not Found", [])
        return []
    text = environment["QUERY_STRING"]
    if environment["REQUEST_METHOD"] == "POST":
        text = environment["wsgi.input"].read(int(environment["CONTENT_LENGTH"])).decode()
    headers = {"authorization": environment["HTTP_AUTHORIZATION"]} if "HTTP_AUTHORIZATION" in environment else {}
    request = {name: values[0] for name, values in parse_qs(text).items()}
    parsed = endpoint.parse_request(request, http_info={"headers": headers, "url": issuer + "/" + path})
    arguments = parsed if "error" in parsed else endpoint.process_request(parsed, http_info={"headers": headers})
    answer = endpoint.do_response(request=parsed, **arguments)
    fields = [(name, value) for name, value in answer.get("http_headers", [])]
    if answer.get("response_placement", endpoint.response_placement) == "url":
        start("302 Found", [("Location", answer["response"])])
        return []
    start("400 Bad Request" if "error" in arguments else "200 OK", fields or [("Content-Type", "application/json")])
    return [answer["response"].encode()]


make_server("127.0.0.1", client["port"], application).serve_forever()
