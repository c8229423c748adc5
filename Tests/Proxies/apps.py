"""Apps behind a proxy: `apps.py asgi PORT`, `apps.py switching PORT [FILE]`, `apps.py websocket PORT`.

Each listens on 127.0.0.1 until it is terminated. They are servers that others wrote, or as near to the bytes as a test
needs: what a proxy lets through is only shown by an app that has its own view of a request."""

import asyncio
import hashlib
import json
import sys
from urllib.parse import parse_qs

import hypercorn.asyncio
import hypercorn.config
import websockets.asyncio.server


async def asgi(scope, receive, send):
    """Echoes WebSocket messages; streams at /events, waits at /long, can be cached at /cached, else shows a request."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "bytes": message.get("bytes"), "text": message.get("text")})
    elif scope["type"] == "lifespan":
        for phase in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{phase}.complete"})
    else:
        await answer(scope, receive, send)


async def answer(scope, receive, send):
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body, more = body + message.get("body", b""), message.get("more_body", False)

    async def start(*headers):
        await send({"type": "http.response.start", "status": 200, "headers": headers})

    async def write(data, more=False):
        await send({"type": "http.response.body", "body": data, "more_body": more})

    query, path = parse_qs(scope["query_string"].decode("latin-1")), scope["raw_path"]
    if path.startswith(b"/events"):
        await start((b"content-type", b"text/event-stream"))
        count = int(query.get("count", ["17"])[0])
        for number in range(count):
            await asyncio.sleep(1 if number else 0)
            await write(b"data: %d\n\n" % number, more=True)
        await write(b"")
    elif path.startswith(b"/long"):
        await asyncio.sleep(float(query.get("seconds", ["17"])[0]))
        await start((b"content-type", b"text/plain"))
        await write(b"long")
    elif path.startswith(b"/cached"):
        await start((b"content-type", b"text/plain"), (b"cache-control", b"public, max-age=60"),
                    (b"set-cookie", b"app=1; Path=/"))
        await write(b"cached")
    else:
        target = path + (b"?" + scope["query_string"] if scope["query_string"] else b"")
        shown = {
            "method": scope["method"], "path": target.decode("latin-1"), "http_version": scope["http_version"],
            "headers": [[part.decode("latin-1") for part in field] for field in scope["headers"]],
            "body_length": len(body), "body_sha256": hashlib.sha256(body).hexdigest(),
        }
        await start((b"content-type", b"application/json"))
        await write(json.dumps(shown).encode())


async def run_asgi(port):
    config = hypercorn.config.Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.h11_max_incomplete_size = 65536  # 16 KiB of cookies
    await hypercorn.asyncio.serve(asgi, config)


async def run_websocket(port):
    async def echo(connection):
        async for message in connection:
            await connection.send(message)

    async with websockets.asyncio.server.serve(echo, "127.0.0.1", port) as server:
        await server.serve_forever()


async def read_chunks(reader):
    """Returns the chunks as they came, with their sizes and trailers."""
    raw, size = b"", 1
    while size:
        line = await reader.readuntil(b"\r\n")
        size = int(line.split(b";")[0], 16)
        raw += line
        if size:
            raw += await reader.readexactly(size + 2)
    while line != b"\r\n":
        line = await reader.readuntil(b"\r\n")
        raw += line
    return raw


async def tunnel(reader, writer):
    while line := await reader.readline():
        writer.write(b"tunnel: " + line)


async def talk(reader, writer, log):
    """Switches protocols for any Upgrade and any CONNECT, and shows every other request byte for byte."""
    keeps = True
    while keeps:
        head = await reader.readuntil(b"\r\n\r\n")
        if log:
            with open(log, "ab") as file:
                file.write(head)
        first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        fields = {}
        for line in lines:
            name, _, value = line.partition(":")
            fields.setdefault(name.strip().lower(), value.strip())
        if first.startswith("CONNECT "):
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            return await tunnel(reader, writer)
        if fields.get("expect", "").lower() == "100-continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if "chunked" in fields.get("transfer-encoding", "").lower():
            body = await read_chunks(reader)
        else:
            body = await reader.readexactly(int(fields.get("content-length", 0)))
        if "upgrade" in fields:
            writer.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n")
            writer.write(b"Upgrade: " + fields["upgrade"].encode("latin-1") + b"\r\n\r\n")
            return await tunnel(reader, writer)
        keeps = first.endswith("HTTP/1.1") and "close" not in fields.get("connection", "").lower()
        shown = head + b"\r\n--body--\r\n" + body
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n" % len(shown))
        writer.write(b"\r\n" if keeps else b"Connection: close\r\n\r\n")
        writer.write(b"" if first.startswith("HEAD ") else shown)


async def run_switching(port, log=None):
    async def serve(reader, writer):
        try:
            await talk(reader, writer, log)
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port, limit=1 << 20)
    await server.serve_forever()


kind, port, *rest = sys.argv[1:]
asyncio.run({"asgi": run_asgi, "switching": run_switching, "websocket": run_websocket}[kind](int(port), *rest))
