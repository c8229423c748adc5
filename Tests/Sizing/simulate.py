"""Gateways that share one database, as a discrete-event simulation: equal seeds give equal results.

Simulated are what many gateways do to one PostgreSQL: changes that wait for the lock of `change_sequence`, in groups as in
`CallGroups`; the notification of each commit; every gateway's look at the changes, one at a time, also at an interval
without a notification; and logins, as load. The database's processors are one queue.
"""

import collections
import dataclasses
import heapq
import random

from model import INTERVAL


class Processors:
    """Servers with one queue, first come, first served."""

    def __init__(self, count):
        self.free = [0.0] * count
        self.busy = 0.0

    def serve(self, now, service):
        """When a job that arrives now has been served. Calls come in the order of time."""
        start = max(now, heapq.heappop(self.free))
        heapq.heappush(self.free, start + service)
        self.busy += service
        return start + service


@dataclasses.dataclass
class Fleet:
    """Costs in seconds, rates per second."""

    gateways: int
    changes: float
    logins: float
    cores: int
    round_trip: float
    sync: float
    statement: float
    look: float
    login: float
    # A revocation looks at the changes before it is written (`LiveStore.revocations`).
    looks_first: bool = False
    # Gateways that look once more after each change that they found, as those of the measured fleets did.
    looks_again: bool = False
    # All at one gateway and at even intervals, as `revoke.py` sends them.
    even: bool = False
    largest_group: int = 64


@dataclasses.dataclass
class Gateway:
    waiting: collections.deque = dataclasses.field(default_factory=collections.deque)
    is_writing: bool = False
    is_looking: bool = False
    is_signalled: bool = False
    seen: int = 0


class Simulation:
    def __init__(self, fleet, seed=1):
        self.fleet = fleet
        self.random = random.Random(seed)
        self.now = 0.0
        self.events = []
        self.order = 0
        self.processors = Processors(fleet.cores)
        self.gateways = [Gateway() for _ in range(fleet.gateways)]
        self.lock_queue = collections.deque()
        self.is_locked = False
        self.commits = []
        self.requested = self.written = 0
        self.full_looks = self.empty_looks = 0
        # From a request to its commit, and from a commit until each gateway decides by it.
        self.write_times = []
        self.delays = []

    def at(self, time, action, *arguments):
        self.order += 1
        heapq.heappush(self.events, (time, self.order, action, arguments))

    def run(self, seconds):
        fleet = self.fleet
        for gateway in self.gateways:
            self.at(self.random.uniform(0, INTERVAL), self.poll, gateway)
        if fleet.changes:
            self.at(self.gap(fleet.changes), self.arrive)
        if fleet.logins:
            self.at(self.gap(fleet.logins), self.log_in)
        while self.events and self.events[0][0] < seconds:
            self.now, _, action, arguments = heapq.heappop(self.events)
            action(*arguments)
        return self

    def gap(self, rate):
        return self.now + (1 / rate if self.fleet.even else self.random.expovariate(rate))

    # Logins

    def log_in(self):
        self.at(self.gap(self.fleet.logins), self.log_in)
        self.processors.serve(self.now, self.fleet.login)

    # Changes

    def arrive(self):
        self.at(self.gap(self.fleet.changes), self.arrive)
        self.requested += 1
        gateway = self.gateways[0 if self.fleet.even else self.random.randrange(len(self.gateways))]
        if self.fleet.looks_first:
            self.empty_looks += 1
            done = self.processors.serve(self.now, self.fleet.look / 2) + 3 * self.fleet.round_trip
            self.at(done, self.request, gateway, self.now)
        else:
            self.request(gateway, self.now)

    def request(self, gateway, since):
        gateway.waiting.append(since)
        if not gateway.is_writing:
            gateway.is_writing = True
            self.lock_queue.append(gateway)
            self.grant()

    def grant(self):
        if self.is_locked or not self.lock_queue:
            return
        fleet = self.fleet
        self.is_locked = True
        gateway = self.lock_queue.popleft()
        group = [gateway.waiting.popleft() for _ in range(min(fleet.largest_group, len(gateway.waiting)))]
        trips = 3 + 2 * len(group)
        done = self.processors.serve(self.now, (trips + 1) * fleet.statement)
        self.at(done + trips * fleet.round_trip + fleet.sync, self.commit, gateway, group)

    def commit(self, gateway, group):
        self.write_times += [self.now - since for since in group]
        self.written += len(group)
        self.commits.append(self.now)
        self.is_locked = False
        if gateway.waiting:
            self.lock_queue.append(gateway)
        else:
            gateway.is_writing = False
        self.grant()
        for listener in self.gateways:
            self.signal(listener)

    # Looks

    def poll(self, gateway):
        self.at(self.now + INTERVAL, self.poll, gateway)
        self.signal(gateway)

    def signal(self, gateway):
        if gateway.is_looking:
            gateway.is_signalled = True
            return
        gateway.is_looking, gateway.is_signalled = True, False
        upto = len(self.commits)
        is_empty = upto == gateway.seen
        again = self.fleet.looks_again and not is_empty
        service = self.fleet.look / 2 * (is_empty + 2 * (not is_empty) + again)
        trips = 3 * (is_empty + 2 * (not is_empty) + again)
        self.empty_looks += is_empty + again
        self.full_looks += not is_empty
        done = self.processors.serve(self.now, service) + trips * self.fleet.round_trip
        self.at(done, self.finish, gateway, upto)

    def finish(self, gateway, upto):
        self.delays += [self.now - time for time in self.commits[gateway.seen:upto]]
        gateway.seen = upto
        gateway.is_looking = False
        if gateway.is_signalled:
            self.signal(gateway)


def quantile(values, share):
    """The value below which this share of the values is; 0 without values."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else 0.0
