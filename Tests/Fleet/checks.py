"""Three gateways that work: how fast changes arrive, codes at several gateways at once, and restarts under load."""
import threading, time
from concurrent.futures import ThreadPoolExecutor

import database, market
from visitor import Visitor, exchanges, mint, webhook
from traffic import LOGGING_IN, Load
from world import ADA, BEN, INSTALLATION


class Report:
    """The lines of one check."""

    def __init__(self, name):
        self.name, self.problems = name, []

    def say(self, text):
        print(f"{self.name}: {text}", flush=True)

    def expect(self, holds, problem):
        if not holds:
            self.problems.append(problem)
            print(f"{self.name}: FAILED {problem}", flush=True)

    def distribution(self, what, times, limit=1.0):
        """`times`: since a change was sent, and since it was acknowledged. The promise is about the latter."""
        ordered, acknowledged = sorted(sent for sent, _ in times), max(since for _, since in times)
        def at(share):
            return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000
        self.say(f"{what}: {len(ordered)} times, p50 {at(.5):.0f} ms, p99 {at(.99):.0f} ms, longest {ordered[-1] * 1000:.0f} ms;"
                 f" at most {acknowledged * 1000:.0f} ms since it was acknowledged")
        self.expect(acknowledged < limit, f"{what}: {acknowledged:.2f} s until every gateway knew it, limit {limit:g} s")

    def load(self, load, since=0.0):
        """Not one decision or login may have failed."""
        for kind, good in (("decision", {200}), ("login", {303})):
            failures = load.failures(kind, good, since)
            self.say(f"{len(load.of(kind, since)):,} {kind}s through nginx, {len(failures)} failed,"
                     f" the slowest took {load.slowest(kind, since) * 1000:.0f} ms")
            first = f"{failures[0].status} {failures[0].detail}" if failures else ""
            self.expect(not failures, f"{len(failures)} {kind}s failed, the first one with {first}")


def until_everywhere(visitors, is_known, patience=10):
    """The time until every gateway has answered as `is_known` wants; each is asked all the time, from a thread of its own."""
    began = time.monotonic()
    def wait(visitor):
        while not is_known(visitor):
            if time.monotonic() - began > patience:
                raise RuntimeError(f"not known after {patience} s")
        return time.monotonic()
    with ThreadPoolExecutor(len(visitors)) as pool:
        return max(pool.map(wait, visitors))


def time_until_everywhere(visitors, send, is_known):
    """Seconds since the moment before a change is sent, seconds since it was acknowledged, and its status."""
    began = time.monotonic()
    status = send()
    answered = time.monotonic()
    known = until_everywhere(visitors, is_known)
    return known - began, known - answered, status


def direct(fleet):
    return [Visitor(gateway.port) for gateway in fleet.gateways]


def signed_in(visitor, visitors, code, integration="demo"):
    """A session that all gateways allow."""
    cookie = visitor.enter(code, integration)
    until_everywhere(visitors, lambda one: one.decide(cookie)[0] == 200)
    return cookie


def changes(fleet, report, quick):
    """A change is in every gateway's decisions within a second."""
    rounds = 40 if quick else 200
    load = Load(fleet).start()
    visitor, visitors = Visitor(), direct(fleet)
    revoked, roles, removed = [], [], []

    def timed(send, is_known):
        *times, status = time_until_everywhere(visitors, send, is_known)
        report.expect(status == 200, f"a change has the status {status}")
        return times

    ben, role = signed_in(visitor, visitors, mint(BEN)), "USER"
    for number in range(rounds):
        cookie = signed_in(visitor, visitors, mint(ADA))
        one = fleet.gateways[number % len(visitors)]
        session = visitors[0].ask(cookie)[1]["X-SSO-Session"]
        revoked.append(timed(lambda: one.revoke(session=session), lambda at: at.decide(cookie)[0] == 401))
        role = "ADMIN" if role == "USER" else "USER"
        change = {"installationId": INSTALLATION, "memberId": BEN, "role": role}
        roles.append(timed(lambda: webhook(visitor, "marketplace.member.changed", change),
                           lambda at: at.decide(ben) == (200, role)))
        installation = f"icfg_Removed{number:012}"
        guest = signed_in(visitor, visitors, market.mint(installation), "other")
        removed.append(timed(
            lambda: webhook(visitor, "integration-configuration.removed", {"installationId": installation}, "other"),
            lambda at: at.decide(guest)[0] == 401))
    fleet.stop_load()
    report.distribution("revoked session", revoked)
    report.distribution("changed role", roles)
    report.distribution("removed installation", removed)
    report.load(load)


def codes(fleet, report, quick):
    """One code at three gateways at once is exchanged once."""
    rounds = 300 if quick else 1000
    load = Load(fleet).start(pace=0.2)
    fleet.stop_load()
    before = exchanges()
    outcomes = {}
    lock = threading.Lock()

    def one(_):
        visitors, code = direct(fleet), mint(ADA)
        barrier = threading.Barrier(len(visitors))
        def call(visitor):
            barrier.wait()
            return visitor.call_back(code)
        threads, answers = [], []
        for visitor in visitors:
            threads.append(threading.Thread(target=lambda visitor=visitor: answers.append(call(visitor))))
            threads[-1].start()
        for thread in threads:
            thread.join()
        for visitor in visitors:
            visitor.close()
        sessions = sum(cookie is not None for _, cookie in answers)
        with lock:
            outcomes[sessions] = outcomes.get(sessions, 0) + 1
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(rounds)))
    exchanged = exchanges() - before
    report.say(f"{rounds} codes, each at three gateways at once: {exchanged} exchanges, {outcomes.get(1, 0)} logins")
    report.expect(exchanged == rounds, f"{exchanged} exchanges for {rounds} codes")
    report.expect(outcomes == {1: rounds}, f"sessions for each code: {outcomes}")


def restarts(fleet, report, quick):
    """SIGTERM, start and `/ready` of each gateway, one after the other; then SIGHUP of each."""
    load = Load(fleet).start()
    time.sleep(1)
    for _ in range(1 if quick else 3):
        for gateway in fleet.gateways:
            status = gateway.stop()
            report.expect(status == 0, f"a gateway's exit status is {status}")
            time.sleep(0.3)
            gateway.start()
            time.sleep(0.5)
    for _ in range(1 if quick else 3):
        for gateway in fleet.gateways:
            gateway.reload()
            time.sleep(0.3)
    fleet.stop_load()
    report.say(f"each gateway was restarted and reloaded {1 if quick else 3} times")
    report.load(load)


def crashes(fleet, report, quick):
    """SIGKILL of each gateway: nobody notices but who is just signing in, whose code nobody can use any more."""
    rounds = 1 if quick else 3
    load = Load(fleet).start()
    time.sleep(1)
    for _ in range(rounds):
        for gateway in fleet.gateways:
            gateway.process.kill()
            gateway.process.wait()
            time.sleep(0.3)
            gateway.start()
            # The proxy repeats a login at the next gateway, which waits for the one that is gone.
            time.sleep(11)
    fleet.stop_load()
    decisions, logins = load.failures("decision", {200}), load.failures("login", {303})
    slowest = load.slowest("decision") * 1000
    report.say(f"each gateway was killed {rounds} times; {len(load.of('decision')):,} decisions, {len(decisions)} failed, the slowest"
               f" took {slowest:.0f} ms; {len(load.of('login')):,} logins, {len(logins)} failed"
               f" {sorted({one.status for one in logins})}, the slowest took {load.slowest('login'):.1f} s")
    report.expect(not decisions, f"{len(decisions)} decisions failed")
    report.expect(len(logins) <= rounds * len(fleet.gateways) * LOGGING_IN, "more logins failed than were under way")


def rotation(fleet, report, quick):
    """New keys without an interruption: `rotate --prepare` everywhere, then `rotate` everywhere, as the manual says."""
    load = Load(fleet).start()
    visitor, visitors = Visitor(), direct(fleet)
    old = signed_in(visitor, visitors, mint(ADA))
    time.sleep(1)
    for _ in range(1 if quick else 3):
        for step in (["--prepare"], []):
            database.run(fleet.executable, "keys", "rotate", *step, "--key-ring", fleet.path("keys.json"))
            for gateway in fleet.gateways:
                fleet.share_ring(gateway)
                gateway.reload()
                time.sleep(0.5)
    statuses = [one.decide(old)[0] for one in visitors]
    report.expect(statuses == [200] * 3, f"the session from before the rotation: {statuses}")
    fleet.stop_load()
    report.say(f"{1 if quick else 3} rotations of the key ring on three gateways")
    report.load(load)
