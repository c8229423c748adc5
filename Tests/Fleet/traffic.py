"""Constant load through nginx: people who are signed in, and people who sign in and out. Notes every answer with its time."""
import threading, time
from concurrent.futures import ThreadPoolExecutor

from visitor import Visitor, exchanges, mint, session
from world import ADA

DECIDING, LOGGING_IN = 3, 4


class Sample:
    def __init__(self, kind, began, status, detail=""):
        self.kind, self.began, self.status, self.detail = kind, began, status, detail
        self.seconds = time.monotonic() - began
        self.ended = began + self.seconds


class Load:
    def __init__(self, fleet):
        self.fleet, self.samples, self.lock = fleet, [], threading.Lock()
        self.stopped = threading.Event()
        # What the gateways have acknowledged: codes of logins that succeeded, and cookies of sessions that were ended.
        self.used, self.ended = [], []
        # Signed in beforehand, for sign-outs.
        self.leaving = []
        self.threads = []

    def start(self, leaving=0, pace=0.02):
        """`leaving`: how many people are there to sign out. `fleet.loads` is for those that a failed check has left."""
        self.fleet.loads.append(self)
        visitor = Visitor()
        self.residents = [visitor.sign_in(ADA) for _ in range(DECIDING * 2)]
        self.leaving = [visitor.sign_in(ADA) for _ in range(leaving)]
        for number in range(DECIDING):
            self.begin(self.decide, number, pace)
        for _ in range(LOGGING_IN):
            self.begin(self.log_in, pace * 5)
        if leaving:
            self.begin(self.leave)
        return self

    def begin(self, body, *arguments):
        thread = threading.Thread(target=body, args=arguments, daemon=True)
        thread.start()
        self.threads.append(thread)

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join(90)

    def note(self, kind, began, status, detail=""):
        with self.lock:
            self.samples.append(Sample(kind, began, status, detail))

    def attempt(self, kind, body):
        """Notes the answer's status, 0 for none; returns what `body` returns."""
        began = time.monotonic()
        try:
            status, value = body()
        except Exception as error:
            self.note(kind, began, 0, repr(error))
            return 0, None
        self.note(kind, began, status)
        return status, value

    def decide(self, number, pace):
        visitor = Visitor()
        cookies = self.residents[number * 2:number * 2 + 2]
        turn = 0
        while not self.stopped.is_set():
            turn += 1
            _, renewed = self.request_page(visitor, cookies[turn % 2])
            cookies[turn % 2] = renewed or cookies[turn % 2]
            self.stopped.wait(pace)

    def request_page(self, visitor, cookie):
        def ask():
            # As a program: nginx answers 401 instead of a redirect.
            status, headers, _ = visitor.request("GET", "/dashboard", {"Cookie": cookie})
            return status, session(headers)
        return self.attempt("decision", ask)

    def log_in(self, pace):
        visitor = Visitor()
        while not self.stopped.is_set():
            code = mint(ADA)
            status, cookie = self.attempt("login", lambda: visitor.call_back(code))
            if status == 303 and cookie:
                with self.lock:
                    self.used.append(code)
                # Another gateway decides about the new session.
                self.request_page(visitor, cookie)
            elif status == 303:
                self.note("login", time.monotonic(), 1, "303 without a session")
            self.stopped.wait(pace)

    def leave(self):
        """Sign-outs, spread over the run; what is refused is tried again once, as a person would."""
        visitor = Visitor()
        while self.leaving and not self.stopped.is_set():
            cookie = self.leaving.pop()
            status, _ = self.attempt("sign-out", lambda: (visitor.request(
                "POST", "/sso/sign_out", {"Cookie": cookie}, b"")[0], None))
            if status == 303:
                with self.lock:
                    self.ended.append(cookie)
            self.stopped.wait(0.4)

    def of(self, kind, since=0.0):
        with self.lock:
            return [sample for sample in self.samples if sample.kind == kind and sample.began >= since]

    def counts(self, kind, since=0.0):
        counts = {}
        for sample in self.of(kind, since):
            counts[sample.status] = counts.get(sample.status, 0) + 1
        return counts

    def failures(self, kind, good, since=0.0):
        return [sample for sample in self.of(kind, since) if sample.status not in good]

    def slowest(self, kind, since=0.0):
        return max((sample.seconds for sample in self.of(kind, since)), default=0)

    def check_acknowledged(self):
        """Nothing acknowledged is lost: problems, and how much was looked at."""
        problems = []
        # The last ones may be a moment old.
        time.sleep(2)
        visitors = [Visitor(gateway.port) for gateway in self.fleet.gateways]
        for cookie in self.ended:
            statuses = [visitor.decide(cookie)[0] for visitor in visitors]
            if statuses != [401] * len(statuses):
                problems.append(f"a sign-out that was acknowledged is not there: {statuses}")
        before = exchanges()
        turn = list(enumerate(self.used))

        def replay(numbered):
            number, code = numbered
            # The gateways count failed logins for each address.
            visitor = Visitor(self.fleet.gateways[number % len(visitors)].port)
            try:
                return visitor.call_back(code)[1]
            finally:
                visitor.close()
        with ThreadPoolExecutor(4) as pool:
            again = [cookie for cookie in pool.map(replay, turn) if cookie]
        if again:
            problems.append(f"{len(again)} used codes signed in again")
        if exchanges() != before:
            problems.append(f"{exchanges() - before} used codes were exchanged again")
        return problems, f"{len(self.ended)} sign-outs and {len(self.used)} used codes"
