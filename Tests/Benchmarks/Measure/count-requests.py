"""Instructions for one request, counted by the callgrind that the server runs under.

    count-requests.py PROCESS PORT STATUS BATCHES COUNT [-s FILE] HEADER... <TARGETS

Asks on one kept connection, one request behind the other, BATCHES times COUNT of them, and prints a line for each batch:
the instructions that the whole process has taken meanwhile, by COUNT. Every answer has to be of that STATUS. The
requests' targets come from standard input, a line each, in turn; with -s, their cookies from FILE in the same way."""
import itertools
import re
import socket
import subprocess
import sys
import time

process, port, status, batches, count = (int(word) for word in sys.argv[1:6])
headers = sys.argv[6:]
cookies = [None]
if headers[:1] == ["-s"]:
    cookies = open(headers[1]).read().split("\n")[:-1]
    headers = headers[2:]
targets = [line.strip() for line in sys.stdin]
asked = zip(itertools.cycle(targets), itertools.cycle(cookies))


def request() -> bytes:
    target, cookie = next(asked)
    own = [f"Cookie: {cookie}"] if cookie else []
    return "\r\n".join([f"GET {target} HTTP/1.1", *headers, *own, "", ""]).encode()


def ask(connection: socket.socket) -> None:
    connection.sendall(request())
    answer = b""
    while (end := answer.find(b"\r\n\r\n")) < 0:
        answer += receive(connection)
    if not answer.startswith(f"HTTP/1.1 {status} ".encode()):
        sys.exit(f"count-requests: not {status}: {answer.decode(errors='replace')}")
    length = re.search(rb"\r\ncontent-length: *(\d+)\r\n", answer[: end + 2].lower())
    if not length:
        sys.exit("count-requests: an answer without a length")
    while len(answer) < end + 4 + int(length[1]):
        answer += receive(connection)


def receive(connection: socket.socket) -> bytes:
    read = connection.recv(65536)
    if not read:
        sys.exit("count-requests: the connection was closed")
    return read


def instructions() -> dict[str, int]:
    """Of each thread so far."""
    # What comes behind the last answer belongs to it.
    time.sleep(0.1)
    told = subprocess.run(
        ["vgdb", f"--pid={process}", "status", "internal"], capture_output=True, text=True, timeout=60)
    found = dict(re.findall(r"^events-(\d+): (\d+)\s*$", told.stdout, re.M))
    if not found:
        sys.exit(f"count-requests: callgrind tells no count: {told.stdout}{told.stderr}")
    return {thread: int(events) for thread, events in found.items()}


with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for _ in range(count):
        ask(connection)
    before = instructions()
    for _ in range(batches):
        for _ in range(count):
            ask(connection)
        after = instructions()
        # A thread that has ended took its count with it; another may have its number then.
        if all(after.get(thread, 0) >= events for thread, events in before.items()):
            print((sum(after.values()) - sum(before.values())) // count)
        before = after
