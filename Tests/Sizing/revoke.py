"""Revokes the sessions of members, each of another one, at an even rate. Prints how many were revoked.

    revoke.py ADMIN-ADDRESS RATE SECONDS TOKEN
"""

import http.client
import sys
import threading
import time

address, rate, seconds, token = sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
threads = 8
headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
began = time.monotonic()
revoked = [0] * threads


def work(number):
    connection = http.client.HTTPConnection(address, timeout=10)
    turn = number
    while turn < rate * seconds:
        time.sleep(max(0, began + turn / rate - time.monotonic()))
        body = '{"installation":"icfg_%024d","member":"%024d"}' % (turn % 97, turn)
        connection.request("POST", "/admin/sessions/revoke", body, headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            sys.exit(f"revoke.py: {answer.status} {text!r}")
        revoked[number] += 1
        turn += threads


workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
time.sleep(max(0, began + seconds - time.monotonic()))
print(sum(revoked))
