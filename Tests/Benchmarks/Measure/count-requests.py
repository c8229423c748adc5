"""Instructions for one request, counted by the callgrind that the server runs under.

    count-requests.py PROCESS PORT STATUS BATCHES COUNT [-s FILE] HEADER... <TARGETS

Sends BATCHES times COUNT requests on one kept connection, one after the other, and prints a line for each batch: the
instructions of the whole process divided by COUNT. Every answer must have that STATUS. The targets are the lines of standard
input, in turn; with -s, the cookies are the lines of FILE in the same way."""
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
requests = zip(itertools.cycle(targets), itertools.cycle(cookies))


def request() -> bytes:
    target, cookie = next(requests)
    own = [f"Cookie: {cookie}"] if cookie else []
    return "\r\n".join([f"GET {target} HTTP/1.1", *headers, *own, "", ""]).encode()


def send(connection: socket.socket) -> None:
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
    """The count of each thread so far."""
    # The work after the last answer belongs to it.
    time.sleep(0.1)
    status = subprocess.run(
        ["vgdb", f"--pid={process}", "status", "internal"], capture_output=True, text=True, timeout=60)
    found = dict(re.findall(r"^events-(\d+): (\d+)\s*$", status.stdout, re.M))
    if not found:
        sys.exit(f"count-requests: no count from callgrind: {status.stdout}{status.stderr}")
    return {thread: int(events) for thread, events in found.items()}


with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for _ in range(count):
        send(connection)
    before = instructions()
    for _ in range(batches):
        for _ in range(count):
            send(connection)
        after = instructions()
        # The count of an ended thread is lost, and a new thread may have its number.
        if all(after.get(thread, 0) >= events for thread, events in before.items()):
            print((sum(after.values()) - sum(before.values())) // count)
        before = after
