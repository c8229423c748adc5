"""django-oauth-toolkit as the issuer, with PKCE and the `iss` of RFC 9207. Reads `client.json` in the working directory."""
import json
import os
import sys
from wsgiref.simple_server import make_server

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

client = json.load(open("client.json"))
issuer = f"http://127.0.0.1:{client['port']}/o"
key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()

# The settings name classes of this file.
sys.modules["provider"] = sys.modules["__main__"]
settings.configure(
    SECRET_KEY="only-for-tests", ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF="provider", USE_TZ=True,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.abspath("django.db")}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "oauth2_provider"],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware", "provider.SignedIn"],
    OAUTH2_PROVIDER={
        "OIDC_ENABLED": True, "OIDC_ISS_ENDPOINT": issuer, "OIDC_RSA_PRIVATE_KEY": key, "PKCE_REQUIRED": True,
        "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True, "SCOPES": {"openid": "Sign in"},
        "OAUTH2_VALIDATOR_CLASS": "provider.Claims",
    })
django.setup()

from django.contrib.auth import get_user_model
from django.urls import include, path
from oauth2_provider.models import get_application_model
from oauth2_provider.oauth2_validators import OAuth2Validator


class SignedIn:
    """The person is signed in already."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.user = get_user_model().objects.get(username="ada")
        return self.get_response(request)


class Claims(OAuth2Validator):
    oidc_claim_scope = None

    def get_additional_claims(self):
        return {name: (lambda request, value=value: value) for name, value in client["claims"].items()}


urlpatterns = [path("o/", include("oauth2_provider.urls", namespace="oauth2_provider"))]

call_command("migrate", verbosity=0)
get_user_model().objects.create_user("ada")
application = get_application_model()
application.objects.create(
    name="gateway", client_id=client["client_id"], client_secret=client["client_secret"],
    redirect_uris=client["redirect_uri"], client_type=application.CLIENT_CONFIDENTIAL,
    authorization_grant_type=application.GRANT_AUTHORIZATION_CODE, algorithm=application.RS256_ALGORITHM,
    skip_authorization=True)
make_server("127.0.0.1", client["port"], get_wsgi_application()).serve_forever()
