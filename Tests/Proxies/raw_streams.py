"""HTTP/2 and HTTP/3 for raw-client.py."""

import asyncio
from contextlib import suppress

import h2.connection
from hyperframe.frame import GoAwayFrame


class Enough(Exception):
    """The request wants no more of the response."""


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
            size = min(self.http.local_flow_control_window(stream), self.http.max_outbound_frame_size)
            if size > 0:
                self.http.send_data(stream, data[:size])
                data = data[size:]
            self.transmit()
            await asyncio.sleep(0 if size > 0 else 0.01)
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
