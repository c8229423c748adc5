#!/usr/bin/env python3
"""Sends malformed requests to a gateway, byte by byte as they stand here: raw-requests.py http://HOST:PORT

A refusal is a status of 400 or more that is not the 404 of a request that was understood, or a connection that closes
without an answer (libmicrohttpd 1.0 does that). Behind a refusal nothing is answered. With GATEWAY_VECTORS set, the
published requests in its folder `http` are sent too.
"""
import base64
import json
import os
import pathlib
import re
import socket
import sys
import threading
import urllib.parse

address = urllib.parse.urlsplit(sys.argv[1])
host = address.netloc
UNDERSTOOD = {200, 204, 302, 303, 401, 403, 404, 405}


def statuses(raw, patience=0.3):
    """What the gateway answers until it closes or is silent."""
    answer = b""
    with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
        try:
            connection.sendall(raw)
            connection.settimeout(patience)
            while piece := connection.recv(65536):
                answer += piece
        except OSError:
            pass
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3})", answer)]


def is_refused(seen):
    # Not counted: libmicrohttpd 0.9.75 writes the head of some of its own refusals twice.
    return not UNDERSTOOD.intersection(seen)


def head(lines, body=""):
    return f"POST /sso/nowhere HTTP/1.1\r\nHost: {host}\r\n{lines}\r\n\r\n{body}"


canary = f"GET /sso/nowhere HTTP/1.1\r\nHost: {host}\r\n\r\n"
malformed = {
    "two equal lengths": head("Content-Length: 1\r\nContent-Length: 1", "x"),
    "two different lengths": head("Content-Length: 1\r\nContent-Length: 2", "x"),
    "a list of lengths": head("Content-Length: 1, 1", "x"),
    "a negative length": head("Content-Length: -1"),
    "a length with a sign": head("Content-Length: +1", "x"),
    "a hexadecimal length": head("Content-Length: 0x1", "x"),
    "length and chunks": head("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
    "chunks twice": head("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
    "chunks after gzip": head("Transfer-Encoding: gzip, chunked", "0\r\n\r\n"),
    "an identity coding": head("Transfer-Encoding: identity", "0\r\n\r\n"),
    "a coding with a vertical tab": head("Transfer-Encoding: \x0bchunked", "0\r\n\r\n"),
    "a chunk size that is none": head("Transfer-Encoding: chunked", "x\r\n\r\n"),
    "a blank before the colon": head("Content-Length : 1", "x"),
    "an empty name": head(": b"),
    "a line without a colon": head("Abc"),
    "a folded line": head("A: b\r\n c"),
    "a folded line with a tab": head("A: b\r\n\tc"),
    "a bare line feed": head("A: b\nB: c"),
    "a bare carriage return": head("A: b\rc"),
    "NUL in a value": head("A: b\0c"),
    "NUL in a name": head("A\0b: c"),
    "a control byte in a value": head("A: b\1c"),
    "a length written with an underscore": head("Content_Length: 0"),
    "an identity written with underscores": head("X_Forwarded_For: 192.0.2.1"),
    "two cookies": head("Cookie: a=1\r\nCookie: b=2"),
    "two hosts forwarded": head("X-Forwarded-Host: a.test\r\nX-Forwarded-Host: b.test"),
    "no host": "GET /sso/nowhere HTTP/1.1\r\nA: b\r\n\r\n",
    "two hosts": f"GET /sso/nowhere HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\n\r\n",
    "a host with a path": f"GET /sso/nowhere HTTP/1.1\r\nHost: {host}/\r\n\r\n",
    "another host in the target": f"GET http://b.test/sso/nowhere HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "NUL in the target": f"GET /sso/a\0b HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "NUL behind percent": f"GET /sso/a%00b HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "half an escape": f"GET /sso/a%2 HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "two blanks in the request line": f"GET  /sso/nowhere HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "no version": f"GET /sso/nowhere\r\nHost: {host}\r\n\r\n",
    "an unknown version": f"GET /sso/nowhere HTTP/2.0\r\nHost: {host}\r\n\r\n",
    "a small method": f"get /sso/nowhere HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "TRACE": f"TRACE /sso/nowhere HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "CONNECT": f"CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n",
}


def report(what, is_right, seen):
    print(f"ok     {what}" if is_right else f"FAILED {what}: the gateway answered {seen or 'nothing'}")


def published(name, judge):
    """Sends the rows of one published file, 16 at a time; `judge` says for a row and its answers what is wrong."""
    folder = os.environ.get("GATEWAY_VECTORS")
    if not folder:
        return
    rows = [json.loads(line) for line in (pathlib.Path(folder) / "http" / name).read_text().splitlines()]
    wrong, waiting = [], list(rows)

    def work():
        while waiting:
            try:
                row = waiting.pop()
            except IndexError:
                return
            seen = statuses(base64.b64decode(row["raw_b64"]))
            if judge(row, seen):
                wrong.append((row["id"], seen))

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report(f"{len(rows)} rows of {name}", not wrong, sorted(wrong)[:5])


for what, raw in malformed.items():
    seen = statuses((raw + canary).encode("latin-1"))
    report(f"refused: {what}", is_refused(seen), seen)
two = statuses((canary + canary).encode())
report("two good requests in one piece are two answers", two == [404, 404], two)
published("requests.jsonl", lambda row, seen: row["expect"] == "reject" and not is_refused(seen))
# This one is a good request: its one Content-Length covers the canary, which is then its body.
published("smuggling.jsonl", lambda row, seen: row["id"] != "sm-cl-get" and not is_refused(seen))
alive = statuses(canary.encode())
report("and the gateway goes on answering", alive == [404], alive)
