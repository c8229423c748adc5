"""Checks the simulation: against results of queueing theory, against itself, and against measured fleets.

Prints what it found, and fails at the first difference beyond its bound.
"""

import math
import random
import sys

from model import COSTS, INTERVAL, LOOK, STATEMENT, Traffic, cells, first_limit, gateways
from simulate import Fleet, Processors, Simulation, quantile


def near(what, found, expected, bound):
    print(f"{what}: {found:.4g}, expected {expected:.4g} within {bound:.0%}")
    if not abs(found - expected) <= bound * abs(expected):
        sys.exit(f"check.py: {what} is too far off")


def require(what, holds):
    print(f"{what}: {'yes' if holds else 'NO'}")
    if not holds:
        sys.exit(f"check.py: not so: {what}")


def erlang_c(servers, load):
    """The share of jobs that wait in M/M/c."""
    last = load**servers / math.factorial(servers) * servers / (servers - load)
    return last / (sum(load**n / math.factorial(n) for n in range(servers)) + last)


def queues():
    """Mean waits of M/M/c by Erlang's formula, and of M/D/1 by Pollaczek and Khinchine."""
    for servers, load in (1, 0.7), (4, 3), (8, 5):
        draw, processors, now, waits = random.Random(servers), Processors(servers), 0.0, 0.0
        jobs = 400_000
        for _ in range(jobs):
            now += draw.expovariate(load)
            service = draw.expovariate(1)
            waits += processors.serve(now, service) - service - now
        near(f"M/M/{servers} wait", waits / jobs, erlang_c(servers, load) / (servers - load), 0.05)
    draw, processors, now, waits = random.Random(1), Processors(1), 0.0, 0.0
    for _ in range(400_000):
        now += draw.expovariate(0.6)
        waits += processors.serve(now, 1) - 1 - now
    near("M/D/1 wait", waits / 400_000, 0.6 / (2 * 0.4), 0.05)


def lock():
    """The lock alone, without groups, is an M/D/1 queue."""
    fleet = Fleet(gateways=5, changes=300, logins=0, cores=1000, round_trip=300e-6, sync=500e-6, statement=0, look=0,
                  login=0, largest_group=1)
    hold = 5 * fleet.round_trip + fleet.sync
    load = fleet.changes * hold
    times = Simulation(fleet, seed=3).run(60).write_times
    near("wait and hold of the lock", sum(times) / len(times), hold + load * hold / (2 * (1 - load)), 0.05)


def itself():
    fleet = Fleet(gateways=20, changes=50, logins=200, cores=4, round_trip=300e-6, sync=500e-6, statement=STATEMENT,
                  look=LOOK, login=COSTS["login"]["postgresql_us"] / 1e6)
    once, again, other = (Simulation(fleet, seed=seed).run(20) for seed in (7, 7, 8))
    require("equal seeds give equal results", once.delays == again.delays and once.delays != other.delays)
    require("no gateway knows a change before its commit", min(once.delays) >= 6 * fleet.round_trip)
    require("changes are written once", once.written == len(once.write_times) <= once.requested)
    unfinished = sum(len(once.commits) - gateway.seen for gateway in once.gateways)
    require("each commit reaches each gateway once", len(once.delays) + unfinished == 20 * len(once.commits))
    require("every gateway knows within a second", quantile(once.delays, 1) < 1)
    # Little's law for changes that are being written: rate times time is their mean number, known from the lock's load.
    rate = once.written / 20
    near("changes written per second", rate, fleet.changes, 0.1)
    busy = once.full_looks * LOOK + once.empty_looks * LOOK / 2 + once.written * 6 * STATEMENT
    near("processor time of looks and changes", busy / (once.processors.busy - 200 * 20 * fleet.login), 1, 0.1)


def measured():
    """Every measured fleet. The costs are from those of one and of eight with 20 revocations a second."""
    for run in COSTS["runs"]:
        if not run["revocations"]:
            calls = run["gateways"] * run["seconds"] / INTERVAL
            near(f"{run['gateways']} idle gateways, calls", run["reading_calls"], calls, 0.25)
            continue
        fleet = Fleet(
            gateways=run["gateways"], changes=run["rate"], logins=0, cores=2, round_trip=COSTS["round_trip_us"] / 1e6,
            sync=COSTS["sync_us"] / 1e6, statement=STATEMENT, look=LOOK, login=0, looks_first=True, looks_again=COSTS["looks_again"],
            even=True)
        seconds = run["revocations"] / run["rate"]
        result = Simulation(fleet, seed=5).run(seconds)
        name = f"{run['gateways']} gateways, {run['rate']} revocations/s"
        calls = result.full_looks + result.empty_looks
        if run["rate"] > 20:
            # Other programs slowed the gateways down, so that a look had several changes: there were fewer looks than without.
            require(f"{name}, no more calls than simulated", run["reading_calls"] <= 1.1 * calls)
            require(f"{name}, no more of the database", run["postgresql_s"] <= 1.1 * result.processors.busy)
            continue
        near(f"{name}, calls", run["reading_calls"], calls, 0.3)
        near(f"{name}, database", run["postgresql_s"], result.processors.busy, 0.4)


def answers():
    require("a thousand gateways at one database cannot be",
            first_limit(Traffic(members=100e6), 1000)[1] > 1)
    before = 0
    for members in (1e4, 1e5, 1e6, 1e7, 1e8):
        count, part = cells(Traffic(members=members))
        require(f"{members:,.0f} members need no fewer databases than less", count >= before)
        require("no part of them is used by more than a half", first_limit(part, gateways(part))[1] <= 0.5)
        before = count


if __name__ == "__main__":
    for part in (queues, lock, itself, measured, answers):
        part()
