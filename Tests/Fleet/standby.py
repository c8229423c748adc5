"""Failover to a standby, and a pooler between the gateways and the database."""
import time

from checks import direct, signed_in, time_until_everywhere
from visitor import Visitor, mint
from outages import Outage
from world import ADA


def revocations(fleet, count):
    """Times until a revocation at one gateway is in force at all of them; None for one that is not after ten seconds."""
    visitor, visitors, times = Visitor(), direct(fleet), []
    for number in range(count):
        cookie = signed_in(visitor, visitors, mint(ADA))
        session = visitors[0].ask(cookie)[1]["X-SSO-Session"]
        gateway = fleet.gateways[number % len(visitors)]
        try:
            *took, status = time_until_everywhere(
                visitors, lambda: gateway.revoke(session=session), lambda at: at.decide(cookie)[0] == 401)
            times.append(took if status == 200 else None)
        except RuntimeError:
            times.append(None)
    return times


def failover(fleet, report, quick):
    """The primary is killed and its synchronous standby promoted. The gateways know both addresses."""
    fleet.primary.setting("synchronous_standby_names = 'standby'")
    while fleet.primary.query("SELECT sync_state FROM pg_stat_replication") != "sync":
        time.sleep(0.1)
    with Outage(fleet, report) as outage:
        fleet.primary.kill()
        time.sleep(3)
        fleet.standby.promote()
        outage.back()
    report.distribution("revoked session at the new primary", revocations(fleet, 20))


def failover_with_loss(fleet, report, quick):
    """The standby is asynchronous and behind when the primary is killed: changes that were acknowledged are lost."""
    visitor, visitors = Visitor(), direct(fleet)
    kept = signed_in(visitor, visitors, mint(ADA))
    lost = [signed_in(visitor, visitors, mint(ADA)) for _ in range(20)]
    fleet.standby.stop()
    for cookie in lost:
        Visitor().request("POST", "/sso/sign_out", {"Cookie": cookie}, b"")
    time.sleep(1)
    fleet.primary.kill()
    fleet.standby.start()
    fleet.standby.promote()
    time.sleep(8)

    def refused(cookie):
        return all(at.decide(cookie)[0] == 401 for at in visitors)
    report.say(f"{sum(map(refused, lost))} of {len(lost)} lost sign-outs are still in force: the gateways remember them")
    report.expect(all(map(refused, lost)), "a gateway has forgotten a sign-out")
    times = revocations(fleet, 3)
    report.say(f"{times.count(None)} of {len(times)} revocations at the new primary are not in force everywhere after 10 s")
    report.expect(None not in times, "a gateway does not follow the new primary")
    for gateway in fleet.gateways:
        gateway.stop()
        gateway.start()
    visitors = direct(fleet)
    report.say(f"after a restart of the gateways {sum(map(refused, lost))} of {len(lost)} lost sign-outs are in force")
    fleet.gateways[0].revoke(all=True)
    time.sleep(1)
    report.expect(all(map(refused, [*lost, kept])), "a session is good after the revocation of all")
    report.distribution("revoked session after a restart of the gateways", revocations(fleet, 20))


def pooler(fleet, report, quick):
    """pgbouncer is killed for three seconds, and then PostgreSQL behind it."""
    times = revocations(fleet, 20 if quick else 100)
    report.distribution("revoked session through the pooler", times)
    with Outage(fleet, report) as outage:
        fleet.pooler.kill()
        time.sleep(3)
        fleet.pooler.start()
        outage.back()
    report.say("now PostgreSQL behind it")
    with Outage(fleet, report) as outage:
        fleet.primary.kill()
        time.sleep(8)
        fleet.primary.start()
        outage.back()
