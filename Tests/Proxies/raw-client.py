"""A client that sends exactly the fields it is told, because others correct or refuse the fields that tests need.

It reads one JSON object from stdin: {"protocol": "h1" | "h2" | "h3", "port", "ca": file or null, "server_name",
"patience": seconds for a request, "requests": [...]}. Without "ca" it speaks plain TCP, or HTTP/2 by prior knowledge.
The requests follow one another on one connection, and on a new one where that was closed. The parts of a request:
  "raw": the bytes (HTTP/1.1); an empty text only reads another response. "head": true if the method is HEAD.
  "headers": [[name, value], ...] with the pseudo-header fields, "body", "trailers" (HTTP/2 and HTTP/3).
  "then" (HTTP/1.1), "data_after" (the others): bytes to send after "100 Continue" or the response's head.
  "read": "head" to close the connection after the response's head, "until": a text in the body to close it after.
It prints {"responses": [...], "alpn", "enable_connect"}. If a response has status 0, "error" says why none came."""

import asyncio
import json
import ssl
import sys
import time
from contextlib import suppress

import h2.connection
from hyperframe.frame import GoAwayFrame


class Enough(Exception):
    """The request wants no more of the response."""


class Answer:
    """A response, as it is printed, with what its request says of it."""

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


class Streams:
    """What HTTP/2 and HTTP/3 have in common."""

    def __init__(self):
        self.events, self.closed = asyncio.Queue(), False

    def is_closed(self):
        return self.closed

    def receive(self, events):
        for event in events:
            self.events.put_nowait(event)

    async def next_event(self):
        event = await self.events.get()
        if isinstance(event, Exception):
            raise event
        if type(event).__name__ == "ConnectionTerminated":
            self.closed = True
            raise EOFError(f"the connection ended with {event.error_code}: {event.reason_phrase}")
        return event

    async def exchange(self, request, answer):
        encode = lambda fields: [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]
        body, trailers = request.get("body", "").encode("latin-1"), encode(request.get("trailers", []))
        stream, is_last = self.next_stream(), not answer._connects and not answer._more
        send = lambda data: self.send_data(stream, data, not answer._connects)
        self.http.send_headers(stream, encode(request["headers"]), is_last and not body and not trailers)

        async def send_rest():
            with suppress(h2.exceptions.StreamClosedError):  # The server may need no more of the body.
                if body:
                    await self.send_data(stream, body, is_last and not trailers)
                if trailers:
                    self.http.send_headers(stream, trailers, True)
                self.transmit()

        # The response may come before the server takes the whole body.
        sending, ended = asyncio.create_task(send_rest()), False
        while not ended:
            self.transmit()
            event = await self.next_event()
            if getattr(event, "stream_id", None) != stream:
                continue
            ended = bool(getattr(event, "stream_ended", False))
            if type(event).__name__ == "StreamReset":
                answer.reset, answer.error, ended = int(event.error_code), "the server reset the stream", True
            elif type(event).__name__ == "DataReceived":
                if self.alpn == "h2":
                    self.http.acknowledge_received_data(event.flow_controlled_length, stream)
                answer.take_body(event.data)
            elif hasattr(event, "headers"):
                fields = [[part.decode("latin-1") for part in field] for field in event.headers]
                if fields and fields[0][0] == ":status":
                    await answer.take_head(int(fields[0][1]), fields[1:], send)
                else:
                    answer.trailers = fields
        if not sending.done():
            sending.cancel()
            raise Enough


class HTTP2(Streams, asyncio.Protocol):
    alpn = "h2"

    async def open(self, **options):
        self.http = h2.connection.H2Connection(h2.config.H2Configuration(
            header_encoding=False, validate_outbound_headers=False, normalize_outbound_headers=False))
        # h2 reads nothing after GOAWAY, but a server still answers the requests that it got before.
        self.http._frame_dispatch_table[GoAwayFrame] = self.take_goaway
        self.http.initiate_connection()
        self.next_stream = self.http.get_next_available_stream_id
        await asyncio.get_running_loop().create_connection(lambda: self, **options)
        while not isinstance(await self.next_event(), h2.events.RemoteSettingsChanged):
            pass
        self.enable_connect = bool(self.http.remote_settings.enable_connect_protocol)

    # The server may say something before `create_connection` returns.
    def connection_made(self, transport):
        self.transport, self.close = transport, transport.abort
        self.transmit()

    def take_goaway(self, frame):
        self.closed = True
        return [], [EOFError(f"the server sent GOAWAY with {frame.error_code}")] if frame.error_code else []

    def transmit(self):
        self.transport.write(self.http.data_to_send())

    def data_received(self, data):
        try:
            self.receive(self.http.receive_data(data))
        except h2.exceptions.ProtocolError as error:
            self.receive([error])
        self.transmit()

    def connection_lost(self, error):
        self.closed = True
        self.receive([EOFError("the server closed the connection")])

    async def send_data(self, stream, data, ends):
        while data:
            room = min(self.http.local_flow_control_window(stream), self.http.max_outbound_frame_size)
            if room > 0:
                self.http.send_data(stream, data[:room])
                data = data[room:]
            self.transmit()
            await asyncio.sleep(0 if room > 0 else 0.01)
        if ends:
            self.http.end_stream(stream)


class HTTP3(Streams):
    alpn = "h3"

    async def open(self, host, port, ssl, server_hostname):
        # Here, because they take longer to load than most tests to run.
        from aioquic.asyncio import QuicConnectionProtocol
        from aioquic.h3.connection import H3Connection, Setting
        from aioquic.quic.configuration import QuicConfiguration
        from aioquic.quic.connection import QuicConnection

        settings = QuicConfiguration(alpn_protocols=["h3"], server_name=server_hostname, idle_timeout=600)
        settings.load_verify_locations(ssl)
        quic = QuicConnection(configuration=settings)
        self.http, self.next_stream = H3Connection(quic), quic.get_next_available_stream_id
        # aioquic takes the Content-Length of a response to HEAD for an error.
        self.http._check_content_length = lambda stream: None
        self.transport, protocol = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: QuicConnectionProtocol(quic), (host, 0))
        protocol.quic_event_received = lambda event: self.receive([*self.http.handle_event(event), event])
        self.transmit, self.close = protocol.transmit, protocol.close
        protocol.connect((host, port))
        while self.http.received_settings is None:
            await self.next_event()
        self.enable_connect = bool(self.http.received_settings.get(Setting.ENABLE_CONNECT_PROTOCOL))

    async def send_data(self, stream, data, ends):
        self.http.send_data(stream, data, ends)


async def main(order):
    kind = {"h1": HTTP1, "h2": HTTP2, "h3": HTTP3}[order["protocol"]]
    options = {"host": "127.0.0.1", "port": order["port"], "ssl": order["ca"],
               "server_hostname": order["server_name"] if order["ca"] else None}
    if order["ca"] and kind != HTTP3:
        options["ssl"] = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        options["ssl"].load_verify_locations(order["ca"])
        options["ssl"].set_alpn_protocols([kind.alpn])
    connection, printed = None, {"responses": [], "alpn": None, "enable_connect": False}
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
            printed["alpn"] = tls.selected_alpn_protocol() if tls else "h3" if kind == HTTP3 else None
            printed["enable_connect"] = connection.enable_connect
            answer.closed = connection.is_closed()
            if answer.closed or not answer._is_over:
                connection.close()
                connection = None
        printed["responses"].append({name: value for name, value in vars(answer).items() if name[0] != "_"})
    if connection:
        connection.close()
    print(json.dumps(printed))


asyncio.run(main(json.load(sys.stdin)))
