"""A client that sends the given fields unchanged, because other clients correct or refuse them.

`raw-client.py SOCKET` listens on a Unix socket until it is terminated, because loading takes longer than most orders do.
An order is one JSON object up to the end of what a connection sends: {"protocol": "h1" | "h2" | "h3", "port", "ca": file or null, "server_name",
"patience": seconds for a request, "requests": [...]}. Without "ca" it speaks plain TCP, or HTTP/2 by prior knowledge.
The requests follow one another on one connection, and on a new one where that was closed. The parts of a request:
  "raw": the bytes (HTTP/1.1); an empty text only reads another response. "head": true if the method is HEAD.
  "headers": [[name, value], ...] with the pseudo-header fields, "body", "trailers" (HTTP/2 and HTTP/3).
  "then" (HTTP/1.1), "data_after" (the others): bytes to send after "100 Continue" or the response's head.
  "read": "head" to close the connection after the response's head, "until": a text in the body to close it after.
The answer is {"responses": [...], "alpn", "enable_connect"}. If a response has status 0, "error" says why none came."""

import asyncio
import json
import ssl
import sys
import time
import traceback

sys.dont_write_bytecode = True  # Nothing is written beside the tests.

from raw_streams import HTTP2, HTTP3, Enough


class Answer:
    """A response, as it is shown, with what its request says of it."""

    def __init__(self, request):
        self.status, self.headers, self.body, self.trailers, self.interim = 0, [], "", [], []
        self.seconds, self.first_byte_seconds, self.closed, self.reset, self.error = 0, None, False, None, None
        self._request, self._start, self._is_tunnel, self._is_over = request, time.monotonic(), False, False
        self._connects = request.get("raw", "").startswith("CONNECT ")
        self._connects |= [":method", "CONNECT"] in request.get("headers", ())
        self._more = (request.get("then") or request.get("data_after") or "").encode("latin-1")

    async def take_head(self, status, headers, send):
        if 100 <= status < 200 and status != 101:
            self.interim.append(status)
        else:
            self.status, self.headers = status, headers
            self._is_tunnel = status == 101 or self._connects and 200 <= status < 300
        if self._more and (self.status or status == 100):
            await send(self._more)
            self._more = b""
        if self.status and self._request.get("read") == "head":
            raise Enough

    def take_body(self, data):
        if data and not self.body:
            self.first_byte_seconds = time.monotonic() - self._start
        self.body += data.decode("latin-1")
        if self._request.get("until", "\uffff") in self.body:
            raise Enough


class HTTP1:
    alpn, enable_connect = "http/1.1", False

    async def open(self, **options):
        self.reader, self.writer = await asyncio.open_connection(**options)
        self.transport = self.writer.transport
        self.close = self.transport.abort

    def is_closed(self):
        return self.reader.at_eof() or self.reader.exception() is not None

    async def send(self, data):
        self.writer.write(data)

    async def line(self):
        return (await self.reader.readuntil(b"\n")).decode("latin-1").rstrip("\r\n")

    async def fields(self):
        fields = []
        while line := await self.line():
            fields.append([part.strip(" \t") for part in line.partition(":")[::2]])
        return fields

    async def pass_on(self, size, answer):
        while size and (data := await self.reader.read(min(size, 65536))):
            size -= len(data)
            answer.take_body(data)
        return size

    async def exchange(self, request, answer):
        await self.send(request["raw"].encode("latin-1"))
        while not answer.status:
            status = int((await self.line()).split(" ")[1])
            await answer.take_head(status, await self.fields(), self.send)
        headers = {name.lower(): value for name, value in reversed(answer.headers) if not answer._is_tunnel}
        if not answer._is_tunnel and (request.get("head") or status in (204, 304)):
            return
        if "chunked" in headers.get("transfer-encoding", "").lower():
            while size := int((await self.line()).split(";")[0], 16):
                await self.pass_on(size, answer)
                await self.line()
            answer.trailers = await self.fields()
        else:
            left = await self.pass_on(int(headers.get("content-length", sys.maxsize)), answer)
            if left and "content-length" in headers:
                raise EOFError("the server closed the connection inside the body")


async def carry_out(order):
    kind = {"h1": HTTP1, "h2": HTTP2, "h3": HTTP3}[order["protocol"]]
    options = {"host": "127.0.0.1", "port": order["port"], "ssl": order["ca"],
               "server_hostname": order["server_name"] if order["ca"] else None}
    if order["ca"] and kind != HTTP3:
        options["ssl"] = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        options["ssl"].load_verify_locations(order["ca"])
        options["ssl"].set_alpn_protocols([kind.alpn])
    connection, shown = None, {"responses": [], "alpn": None, "enable_connect": False}
    for request in order["requests"]:
        answer = Answer(request)
        try:
            async with asyncio.timeout(order["patience"]):
                if not connection:
                    opening = kind()
                    await opening.open(**options)
                    connection, answer._start = opening, time.monotonic()
                await connection.exchange(request, answer)
            answer._is_over = not answer._is_tunnel
        except Enough:
            pass
        except TimeoutError:
            if not answer._is_tunnel:
                answer.error = "the response did not end in time" if answer.status else "no response in time"
        except Exception as error:
            answer.error = f"{type(error).__name__}: {error}"
        answer.seconds = time.monotonic() - answer._start
        await asyncio.sleep(0.05)  # A server that closes the connection does so just after its response.
        if connection:
            tls = connection.transport.get_extra_info("ssl_object")
            shown["alpn"] = tls.selected_alpn_protocol() if tls else "h3" if kind == HTTP3 else None
            shown["enable_connect"] = connection.enable_connect
            answer.closed = connection.is_closed()
            if answer.closed or not answer._is_over:
                connection.close()
                connection = None
        shown["responses"].append({name: value for name, value in vars(answer).items() if name[0] != "_"})
    if connection:
        connection.close()
    return shown


async def take_order(reader, writer):
    try:
        text = json.dumps(await carry_out(json.loads(await reader.read())))
    except Exception:
        text = traceback.format_exc()
    writer.write(text.encode())
    writer.close()


async def main(path):
    async with await asyncio.start_unix_server(take_order, path) as server:
        await server.serve_forever()


asyncio.run(main(sys.argv[1]))
