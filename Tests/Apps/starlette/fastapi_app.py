"""The same app with FastAPI: `python fastapi_app.py PORT ISSUER AUDIENCE KEYS`."""

import sys

import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Request

from sso_member import SSOMember, has_role


def member(request: Request):
    return request.state.member


def administrator(request: Request):
    if not has_role(request, "ADMIN"):
        raise HTTPException(403)
    return request.state.member


port, issuer, audience, keys = sys.argv[1:]
app = FastAPI()
app.add_middleware(SSOMember, issuer=issuer, audience=audience, keys=keys)


@app.get("/me")
def me(member: dict = Depends(member)):
    return member


@app.get("/team")
def team(member: dict = Depends(administrator)):
    return member


uvicorn.run(app, port=int(port), log_level="warning")
