"""A TLS server that answers every request and keeps the connection. At SIGUSR1 it ends all of its connections in the
way that its first argument names. It prints a line for its port, for each connection, request and end."""

import signal
import socket
import ssl
import struct
import sys
import threading

way, certificate, key = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
waves = 0


def say(*words):
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def begin_wave(*_):
    global waves
    waves += 1


def end(connection):
    """True where what the client still sends can be read."""
    if way == "408":
        # What HAProxy and Apache httpd write to an idle connection before they close it.
        connection.sendall(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    if way in ("408", "close_notify"):
        connection.settimeout(0)
        try:
            connection.unwrap()
        except ssl.SSLWantReadError:
            pass
        connection.settimeout(0.02)
        return True
    if way == "RST":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    else:
        # No close_notify comes before this FIN.
        assert way == "FIN"
        connection.shutdown(socket.SHUT_WR)
    connection.close()
    return False


def serve(plain):
    plain.settimeout(20)
    connection = context.wrap_socket(plain, server_side=True)
    say("opened")
    connection.settimeout(0.02)
    wave, open, received = waves, True, b""
    while True:
        if open and wave != waves:
            is_readable = end(connection)
            say("ended")
            if not is_readable:
                return
            open = False
        try:
            piece = connection.recv(65536)
        except TimeoutError:
            continue
        except OSError:
            piece = b""
        if not piece:
            break
        received += piece
        head, blank, body = received.partition(b"\r\n\r\n")
        length = next((int(x[15:]) for x in head.split(b"\r\n") if x.lower().startswith(b"content-length:")), 0)
        if not blank or len(body) < length:
            continue
        received = b""
        say("heard", head.split(b" ")[1].decode())
        if open:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    if open:
        say("ended")


signal.signal(signal.SIGUSR1, begin_wave)
listener = socket.create_server(("127.0.0.1", 0), backlog=256)
say("port", listener.getsockname()[1])
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
