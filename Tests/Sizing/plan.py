"""The tables of the manual's page about sizing."""

from model import (
    COSTS, DECISION, LOGIN, LOGIN_STORED, LOOK, SCALE, STATEMENT, Machines, Traffic, cells, gateway_memory, gateways,
    most_changes, most_members, use)
from simulate import Fleet, Simulation, quantile


def row(*cells):
    print("| " + " | ".join(cells) + " |")


def rounded(value):
    """Two digits, grouped; one below ten."""
    if value < 10:
        return f"{value:.1f}" if value < 1 else f"{value:.0f}"
    digits = len(str(int(value))) - 2
    return f"{round(value / 10**digits) * 10**digits:,}"


def by_members():
    row("members a day", "logins/s", "decisions/s", "look-ups/s", "changes/s", "databases", "gateways of each", "MiB of each gateway", "databases with 1h")
    row(*["---"] * 9)
    for members in (10_000, 100_000, 1_000_000, 10_000_000, 100_000_000):
        traffic = Traffic(members)
        rare = Traffic(members, refresh=3600)
        count, part = cells(traffic)
        row(f"{members:,}", *map(rounded, (traffic.logins, traffic.decisions, traffic.lookups, traffic.changes)),
            f"{count}", f"{gateways(part)}", rounded(gateway_memory(part)), f"{cells(rare)[0]}")


def by_gateways():
    row("gateways", "lock of changes", "8 processors of the database", "4 GiB in each gateway", "500 connections")
    row(*["---"] * 5)
    for count in (2, 10, 100, 1000):
        full = "full" if use(Traffic(1), count)["connections"] > 1 else "not full"
        row(f"{count:,}", *(rounded(most_members(name, count)) for name in ("lock", "processors", "memory")), full)


def simulated():
    row("gateways", "changes/s", "written/s", "looks/s", "processors", "written in, p99 ms", "known, p99 ms")
    row(*["---"] * 7)
    machines, seconds = Machines(), 4
    for count in (2, 10, 100, 1000):
        for changes in (10, 100, 400):
            fleet = Fleet(
                gateways=count, changes=changes, logins=changes / 2, cores=machines.cores,
                round_trip=machines.round_trip, sync=machines.sync, statement=STATEMENT * SCALE, look=LOOK * SCALE,
                login=LOGIN_STORED)
            result = Simulation(fleet, seed=2026).run(seconds)
            row(f"{count:,}", f"{changes}", rounded(result.written / seconds),
                rounded((result.full_looks + result.empty_looks) / seconds),
                f"{result.processors.busy / seconds / machines.cores:.0%}",
                f"{quantile(result.write_times, 0.99) * 1000:.0f}", f"{quantile(result.delays, 0.99) * 1000:.0f}")


def costs():
    print(f"cores of all gateways together = *D* × {DECISION * 1e6:.1f} µs + *L* × {LOGIN * 1e6:.0f} µs")
    print()
    memory = COSTS["memory"]
    print(f"memory of each gateway = {memory['gateway_mib']:.0f} MiB + {memory['member_bytes']} bytes for each member of the day + "
          f"{memory['session_revocation_bytes']} bytes for each sign out")
    print()
    print(f"at most {rounded(most_changes(Machines()))} changes a second")


if __name__ == "__main__":
    by_members()
    print()
    by_gateways()
    print()
    simulated()
    print()
    costs()
