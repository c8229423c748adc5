"""Milliseconds from a process's start to its first right answer.

    first-answer.py PORT STATUS PATH HEADER... -- COMMAND...

Repeats the request at once until the answer has that status, then ends the process."""
import socket
import subprocess
import sys
import time

split = sys.argv.index("--")
port, status, path = int(sys.argv[1]), sys.argv[2], sys.argv[3]
lines = [f"GET {path} HTTP/1.1", "Connection: close", *sys.argv[4:split], "", ""]
request = "\r\n".join(lines).encode()


def answers() -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(request)
            return connection.recv(4096).startswith(f"HTTP/1.1 {status}".encode())
    except OSError:
        return False


began = time.monotonic()
process = subprocess.Popen(sys.argv[split + 1 :], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    while not answers():
        if process.poll() is not None or time.monotonic() - began > 20:
            sys.exit("first-answer: no right answer")
    print(f"{(time.monotonic() - began) * 1000:.1f}")
finally:
    process.terminate()
    process.wait()
