"""One of the three gateways has its clock two minutes off."""
import time

import market
from checks import direct
from visitor import Visitor, webhook
from market import MEMBER

WRONG = 2


def slow_clock(fleet, report, quick):
    observe(fleet, report, -120)


def fast_clock(fleet, report, quick):
    observe(fleet, report, 120)


def observe(fleet, report, clock):
    wrong, right = fleet.gateways[WRONG], fleet.gateways[0]
    wrong.stop()
    wrong.start(clock)
    visitors = direct(fleet)
    names = {right: "a right clock", wrong: f"a clock {clock:+d} s"}
    number = 0

    def statuses(cookie):
        return [visitor.decide(cookie)[0] for visitor in visitors]

    def log_in(gateway):
        nonlocal number
        number += 1
        installation = f"icfg_Clocked{number:012}"
        status, cookie = Visitor(gateway.port).call_back(market.mint(installation), "other")
        return status, cookie, installation

    def scopes(cookie, installation, by):
        session = visitors[fleet.gateways.index(right)].ask(cookie)[1].get("X-SSO-Session") \
            or visitors[WRONG].ask(cookie)[1].get("X-SSO-Session")
        sender = Visitor(by.port)
        change = {"installationId": installation, "memberId": MEMBER}
        return {
            "a revoked session": lambda: by.revoke(session=session),
            "a revoked member": lambda: by.revoke(installation=installation, integration="other", member=MEMBER),
            "a revoked installation": lambda: by.revoke(installation=installation, integration="other"),
            "a webhook that removes the member": lambda: webhook(
                sender, "marketplace.member.changed", change | {"role": "NONE"}, "other"),
            "a webhook that removes the installation": lambda: webhook(
                sender, "integration-configuration.removed", {"installationId": installation}, "other"),
            "a sign-out": lambda: sender.request("POST", "/sso/sign_out", {"Cookie": cookie}, b"")[0],
        }

    # A revocation also reaches beyond all earlier ones, so the pair with the largest difference comes first.
    pairs = [(right, wrong)] if clock < 0 else [(wrong, right), (wrong, wrong), (right, wrong)]
    for gateway in (right, wrong):
        status, cookie, _ = log_in(gateway)
        report.say(f"login at {names[gateway]}: {status}; its session at the two right gateways and the wrong one: "
                   f"{statuses(cookie) if cookie else '-'}")
        # The marketplace's tokens seem to come from the future where the clock is behind.
        report.expect((cookie is not None) == (gateway is right or clock > 0), "a login at the wrong gateway")
        report.expect(not cookie or statuses(cookie) == [200] * 3, "a session is not good everywhere")
    for issuer, by in pairs:
        for index in range(6):
            status, cookie, installation = log_in(issuer)
            if not cookie:
                report.say(f"no login at {names[issuer]}: {status}")
                break
            what, send = list(scopes(cookie, installation, by).items())[index]
            answer = send()
            time.sleep(1)
            good = statuses(cookie).count(200)
            report.say(f"session of {names[issuer]}, {what} at {names[by]}: {answer},"
                       f" {'ended everywhere' if good == 0 else f'still good at {good} of 3 gateways'}")
            report.expect(good == 0, f"{what} is not in force")
        _, cookie, installation = log_in(issuer)
        change = {"installationId": installation, "memberId": MEMBER, "role": "USER"}
        answer = webhook(Visitor(by.port), "marketplace.member.changed", change, "other")
        time.sleep(1)
        roles = [visitor.decide(cookie)[1] for visitor in visitors]
        report.say(f"session of {names[issuer]}, a webhook that lowers the role at {names[by]}: {answer}, the roles are {roles}")
        report.expect(roles == ["USER"] * 3, "a lowered role is not in force")
