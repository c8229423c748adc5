"""The database goes away under load and comes back: what people see, how long it takes, and whether anything is lost."""
import os, signal, threading, time

import database
from traffic import Load


class Outage:
    """Load before, during and after a failure."""

    def __init__(self, fleet, report, continues=False):
        """`continues`: logins must go on, as the configuration says."""
        self.fleet, self.report, self.continues = fleet, report, continues
        self.reasons = []
        self.ready_stopped = threading.Event()

    def __enter__(self):
        self.load = Load(self.fleet).start(leaving=40)
        self.watch = threading.Thread(target=self.watch_ready, daemon=True)
        self.watch.start()
        time.sleep(2)
        # Also before it: these must survive.
        self.began = time.monotonic()
        self.returned = None
        return self

    def watch_ready(self):
        while not self.ready_stopped.wait(0.1):
            for gateway in self.fleet.gateways:
                try:
                    status, reasons = gateway.ready()
                except OSError:
                    status, reasons = 0, ["none"]
                self.reasons.append((time.monotonic(), gateway.number, status, reasons))

    def back(self):
        """The failure is over now."""
        self.returned = time.monotonic()

    def __exit__(self, kind, *_):
        # Until every gateway says that its store works, and then a while.
        end = time.monotonic() + 40
        while kind is None and time.monotonic() < end and any("store" in gateway.ready()[1] for gateway in self.fleet.gateways):
            time.sleep(0.1)
        time.sleep(2)
        self.fleet.stop_load()
        self.ready_stopped.set()
        self.watch.join()
        if kind is None:
            self.tell()

    def tell(self, patience=8.0, recovery=4.0, slowest=3.0):
        report, load = self.report, self.load
        returned = self.returned or self.began
        decisions = load.of("decision", self.began)
        failed = load.failures("decision", {200})
        report.say(f"{len(decisions):,} decisions since the failure, {len(failed)} failed,"
                   f" the slowest took {load.slowest('decision', self.began) * 1000:.0f} ms")
        report.expect(not failed, f"decisions failed, the first with {failed[0].status if failed else ''}")
        report.expect(load.slowest("decision") < slowest, "a decision was slow")
        for kind, wanted in (("login", {303, 503}), ("sign-out", {303, 503})):
            counts = load.counts(kind, self.began - 6)
            odd = load.failures(kind, wanted)
            report.expect(not odd, f"{kind}: {odd[0].status} {odd[0].detail}" if odd else "")
            refused = [one for one in load.of(kind) if one.status == 503]
            text = f"{kind}s: {counts.get(303, 0)} succeeded, {len(refused)} refused"
            if refused:
                text += (f", from {min(one.ended for one in refused) - self.began:.1f} s after the failure"
                         f" to {max(one.ended for one in refused) - returned:+.1f} s of its end; the longest took"
                         f" {max(one.seconds for one in refused):.1f} s, half of them less than"
                         f" {sorted(one.seconds for one in refused)[len(refused) // 2]:.2f} s")
            waited = max((one.seconds for one in load.of(kind, self.began - 6) if one.status == 303), default=0)
            report.say(f"{text}; the longest that succeeded took {waited:.1f} s")
            report.expect(not refused or kind != "login" or not self.continues, "logins were refused")
            report.expect(all(one.seconds < patience for one in refused), f"a {kind} was refused only after {patience} s")
        good = [one.ended for one in load.of("login") if one.status == 303 and one.ended > returned]
        first = min(good) - returned if good else None
        last = max((one.ended for one in load.of("login") if one.status == 503), default=returned) - returned
        report.expect(first is not None, "no login after its return")
        degraded = [(when, number) for when, number, _, reasons in self.reasons if "store" in reasons]
        taken_out = [status for _, _, status, _ in self.reasons if status != 200]
        report.expect(not taken_out, f"/ready answers {set(taken_out)}: the proxy would take the gateway out")
        if others := {reason for *_, reasons in self.reasons for reason in reasons} - {"store"}:
            report.say(f"/ready also names {', '.join(sorted(others))}")
        if degraded:
            report.say(f"/ready names `store` from {degraded[0][0] - self.began:.1f} s after the failure to"
                       f" {degraded[-1][0] - returned:+.1f} s of its end, at {len({number for _, number in degraded})} gateways")
            report.expect(degraded[-1][0] - returned < recovery + 1.5, "the gateways were not well again in time")
        else:
            report.say("/ready never names `store`")
        if first is not None:
            report.say(f"after its return: the first login after {first:.2f} s, the last refused one at {last:+.2f} s")
            report.expect(last < recovery, f"logins were still refused {last:.2f} s after its return")
        for gateway in self.fleet.gateways:
            events = [line["event"] for line in gateway.lines() if line["event"] in ("store_unavailable", "store_available")]
            details = {line["detail"] for line in gateway.lines() if line["event"] == "store_unavailable"}
            report.say(f"log of gateway {gateway.number}: {', '.join(events) or 'nothing'} {' | '.join(sorted(details))}"[:300])
        problems, looked = load.check_acknowledged()
        for problem in problems:
            # The codes of the outage are in one gateway's memory, which is the risk that the manual names.
            if self.continues and "exchanged again" in problem:
                report.say(f"{problem}: the marketplace refuses them")
            else:
                report.expect(False, problem)
        report.say(f"acknowledged and there: {looked}")


def kill(fleet, report, quick):
    """Every process of PostgreSQL is killed, and it is started again after ten seconds."""
    with Outage(fleet, report) as outage:
        fleet.primary.kill()
        time.sleep(3 if quick else 10)
        fleet.primary.start()
        outage.back()


def continuing(fleet, report, quick):
    """As `kill`, with `login.when_store_unavailable: continue`."""
    with Outage(fleet, report, continues=True) as outage:
        fleet.primary.kill()
        time.sleep(3 if quick else 10)
        fleet.primary.start()
        outage.back()


def restart(fleet, report, quick):
    """PostgreSQL is restarted properly."""
    with Outage(fleet, report) as outage:
        fleet.primary.stop()
        fleet.primary.start()
        outage.back()


def hang(fleet, report, quick):
    """Every process of PostgreSQL stops, without an answer and without an end of the connections."""
    with Outage(fleet, report) as outage:
        stopped = fleet.primary.freeze()
        time.sleep(8 if quick else 15)
        for one in stopped:
            os.kill(one, signal.SIGCONT)
        outage.back()


def cut(fleet, report, quick):
    """The link between the gateways' network and the database's is down."""
    with Outage(fleet, report) as outage:
        database.run("ip", "-n", "db", "link", "set", "eth0", "down")
        time.sleep(8 if quick else 15)
        database.run("ip", "-n", "db", "link", "set", "eth0", "up")
        outage.back()


def drop(fleet, report, quick):
    """The database's answers are dropped on the way, as by a firewall, for longer than TCP's patience."""
    with Outage(fleet, report) as outage:
        database.run("ip", "-n", "db", "route", "add", "blackhole", "10.9.0.1/32")
        time.sleep(8 if quick else 20)
        database.run("ip", "-n", "db", "route", "del", "blackhole", "10.9.0.1/32")
        outage.back()


def full_disk(fleet, report, quick):
    """The file system of PostgreSQL's data is full."""
    with Outage(fleet, report) as outage:
        ballast = os.path.join(fleet.primary.folder, "ballast")
        with open(ballast, "wb") as file:
            try:
                while True:
                    file.write(b"\0" * 65536)
                    file.flush()
            except OSError:
                pass
        time.sleep(10)
        report.say(f"with a full disk PostgreSQL {'runs' if fleet.primary.is_running() else 'has ended'}")
        # Hurries to the moment when there is no space for its log either.
        for _ in range(8):
            try:
                fleet.primary.query("SELECT pg_switch_wal(); SELECT txid_current()")
            except RuntimeError:
                break
            time.sleep(0.3)
        time.sleep(3)
        report.say(f"without space for its log it {'runs' if fleet.primary.is_running() else 'has ended'}")
        os.remove(ballast)
        if not fleet.primary.is_running():
            fleet.primary.start()
        outage.back()


