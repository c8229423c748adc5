"""What a deployment needs, in closed form, from few inputs and the measured costs."""

import dataclasses
import json
import math
import pathlib

COSTS = json.loads((pathlib.Path(__file__).parent / "costs.json").read_text())
CONNECTIONS = 4
# Of the build that was measured. In seconds.
INTERVAL = COSTS["interval_s"]
LARGEST_GROUP = 64
HALF = 0.5


def fitted(runs):
    """Processor seconds of the database for a statement of a change, and for a look that finds changes.

    From the runs with one and with most gateways and few revocations. The other runs are there to compare with.
    """
    few = [run for run in runs if run["rate"] == 20]
    rows = []
    for run in (min(few, key=size), max(few, key=size)):
        empty = run["revocations"] + run["gateways"] * run["seconds"] / INTERVAL
        full = (run["reading_calls"] - empty) / (2 if COSTS["looks_again"] else 1)
        empty = run["reading_calls"] - full
        # A change is six statements, and half of a look is what an empty one costs.
        rows.append((6 * run["revocations"], full + empty / 2, run["postgresql_s"]))
    (a, b, e), (c, d, f) = rows
    determinant = a * d - b * c
    return (e * d - b * f) / determinant, (a * f - e * c) / determinant


def size(run):
    return run["gateways"]


# As measured, for the comparison with measured fleets.
STATEMENT, LOOK = fitted(COSTS["runs"])
# The processors were shared with other programs, which made everything slower. What a decision cost then shows by how much:
# beside it is its cost in the manual's table of decisions.
SCALE = COSTS["decision"]["manual_us"] / COSTS["decision"]["gateway_us"]
DECISION = COSTS["decision"]["manual_us"] / 1e6
LOGIN = COSTS["login"]["gateway_us"] * SCALE / 1e6
LOGIN_STORED = COSTS["login"]["postgresql_us"] * SCALE / 1e6


@dataclasses.dataclass
class Traffic:
    """What a partner knows. `members`: different members on a day."""

    members: float
    logins_a_day: float = 1.5
    busiest_hour: float = 0.2
    session_minutes: float = 30
    requests_a_minute: float = 6
    refresh: float = 300
    signed_out: float = 0.2

    @property
    def logins(self):
        return self.members * self.logins_a_day * self.busiest_hour / 3600

    @property
    def active(self):
        """Members with an open page, by Little's law."""
        return self.logins * self.session_minutes * 60

    @property
    def decisions(self):
        return self.active * self.requests_a_minute / 60

    @property
    def lookups(self):
        """Towards the marketplace."""
        return self.logins + self.active / self.refresh

    @property
    def changes(self):
        """Each look-up stores the member's state, and each sign out a revocation."""
        return self.lookups + self.logins * self.signed_out


@dataclasses.dataclass
class Machines:
    """The database's processors and `max_connections`, the round trip to it and its disk's sync in seconds, and a
    gateway's memory in MiB."""

    cores: int = 8
    connections: int = 500
    round_trip: float = 300e-6
    sync: float = 500e-6
    gateway_memory: float = 4096


def gateway_cores(traffic):
    return traffic.decisions * DECISION + traffic.logins * LOGIN


def gateways(traffic):
    """At half a core each, and two for a machine that fails."""
    return max(2, math.ceil(gateway_cores(traffic) / HALF))


def hold(machines, group):
    """How long a group of changes has the lock."""
    return (3 + 2 * group) * (machines.round_trip + STATEMENT * SCALE) + machines.sync


def most_changes(machines):
    """A second, in the largest groups. Gateways only make such groups when changes queue."""
    return LARGEST_GROUP / hold(machines, LARGEST_GROUP)


def looks(changes, machines):
    """Of one gateway, a second: one at a time, so a look that takes longer has more changes."""
    full = 6 * machines.round_trip + LOOK * SCALE
    return 1 / (full + 1 / changes) if changes else 0


def database_cores(traffic, count, machines):
    writing = traffic.changes * 6 * STATEMENT
    following = count * (looks(traffic.changes, machines) * LOOK + LOOK / 2 / INTERVAL)
    return (writing + following) * SCALE + traffic.logins * LOGIN_STORED


def gateway_memory(traffic):
    """In MiB. Each gateway knows every member who was looked up within `session.absolute`."""
    memory = COSTS["memory"]
    known = traffic.members * (memory["member_bytes"] + traffic.logins_a_day * traffic.signed_out
                               * memory["session_revocation_bytes"])
    return memory["gateway_mib"] + known / 2**20


def use(traffic, count, machines=Machines()):
    """The used share of each resource of one database and its gateways. Above 1 it cannot be done."""
    return {
        "lock": traffic.changes / most_changes(machines),
        "processors": database_cores(traffic, count, machines) / machines.cores,
        "connections": count * CONNECTIONS / machines.connections,
        "memory": gateway_memory(traffic) / machines.gateway_memory,
    }


def first_limit(traffic, count, machines=Machines()):
    return max(use(traffic, count, machines).items(), key=lambda item: item[1])


def cells(traffic, machines=Machines()):
    """How many databases, each with the gateways of its own members, so that no resource is used by more than a half."""
    count = 1
    while True:
        part = dataclasses.replace(traffic, members=traffic.members / count)
        if first_limit(part, gateways(part), machines)[1] <= HALF:
            return count, part
        count += 1


def most_members(resource, count, machines=Machines()):
    """With which so many gateways at one database use all of one resource; 0 where they do without any member."""
    low, high = 0, 2**40
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if use(Traffic(middle), count, machines)[resource] <= 1 else (low, middle - 1)
    return low
