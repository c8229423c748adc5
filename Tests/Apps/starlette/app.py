"""A small app behind the gateway: `python app.py PORT ISSUER AUDIENCE KEYS`."""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import Route

from sso_member import SSOMember, has_role


async def me(request):
    return JSONResponse(request.state.member)


async def team(request):
    if not has_role(request, "ADMIN"):
        raise HTTPException(403)
    return JSONResponse(request.state.member)


port, issuer, audience, keys = sys.argv[1:]
middleware = [Middleware(SSOMember, issuer=issuer, audience=audience, keys=keys)]
app = Starlette(routes=[Route("/me", me), Route("/team", team)], middleware=middleware)
uvicorn.run(app, port=int(port), log_level="warning")
