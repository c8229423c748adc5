"""Every page that a person can meet, reached as a person reaches it."""

import re
import tempfile
from contextlib import contextmanager

from browser_site import ADA, BEN, BrowserSite
from checks import SESSION, signed_in
from chromium import Chromium
from processes import free_ports, request


def pages(site, browser):
    """A name and the tab that shows the page, each time. The name of a failed login is its outcome in the log."""
    yield from people(site, browser)
    yield from refusals(site, browser)
    yield from loops(site, browser)
    yield from outages(site, browser)
    yield from configurations(site, browser)
    yield from stand_in(site, browser)
    yield from standard(site)
    yield from sample(site)


def people(site, browser):
    with browser.person() as person:
        tab = signed_in(site, person)
        tab.follow("#out")
        yield "sign-out", tab
        tab.follow('form[action="/sso/sign_out"] button')
        yield "signed-out", tab
        tab = signed_in(site, person)
        first, second = (person.tab(site.click(BEN)) for _ in range(2))
        yield "confirmation", second
        switch = 'form[action="/sso/switch"] [name="answer"][value="switch"]'
        second.follow(switch)
        first.follow(switch)
        yield "confirmation-outdated", first
        site.revoke()
        tab.reload()
        yield "session-ended", tab
        person.forget()
        tab = signed_in(site, person)
        person.forget()
        tab.follow("#save")
        yield "form-without-session", tab
        tab = person.tab(site.click(BEN))
        tab.go(f"{site.url}/admin/")
        yield "forbidden-by-a-rule", tab
        tab = person.tab(f"{site.url}/sso/no-such-page")
        yield "not-found", tab
        tab.go(f"{site.url}/sso/start?rd=//stranger.example")
        yield "start-refused", tab


def refusals(site, browser):
    site.restart()
    for name, fault, delay in (("token_refused", "expired", 0), ("access_removed", "member_404", 0),
                               ("provider_unreachable", "token_500", 0), ("provider_too_slow", "token_slow", 9000)):
        with browser.person() as person, broken(site, fault, delay):
            yield name, person.tab(site.callback())
    with browser.person() as person:
        yield "bad_request", person.tab(f"{site.url}/sso/callback?mode=sso")
        person.forget()
        yield "cookies_blocked", person.tab(site.callback(sso_flow="0" * 32))
    used = site.callback()
    with browser.person() as person:
        person.tab(used)
    with browser.person() as person, broken(site, "token_400"):
        tab = person.tab(used)
        yield "code_refused", tab
        tab.go(used)
        yield "code_spent", tab


def loops(site, browser):
    site.restart()
    with browser.person() as person:
        tab = person.tab()
        for _ in range(3):
            tab.go(f"{site.url}/sso/callback")
        yield "failed-again-and-again", tab
    with browser.person() as person:
        for _ in range(3):
            tab = person.tab(f"{site.url}/reports")
            person.forget(SESSION)
        tab.go(f"{site.url}/reports")
        yield "loop", tab


def outages(site, browser):
    with broken(site, "jwks_500"):
        site.restart()
        with browser.person() as person:
            yield "keys_unavailable", person.tab(site.callback())
    # The clients of a trusted proxy on loopback would share a larger limit.
    site.restart(trusted="127.0.0.2/32")
    for number in range(20):
        request(site.gateway, f"/sso/callback?mode=sso&code=none-{number}&state=none")
    with browser.person() as person:
        yield "too_many_attempts", person.tab(site.callback())
    site.restart()
    with browser.person() as person:
        tab = signed_in(site, person)
        for file in site.folder.glob("gateway.db*"):
            file.unlink()
        tab.follow("#out")
        tab.follow('form[action="/sso/sign_out"] button')
        yield "still-signed-in", tab
        person.forget()
        yield "store_unavailable", person.tab(site.callback())


def configurations(site, browser):
    site.restart(unknown="refuse", token="{ source: store }")
    with browser.person() as person:
        yield "not_your_installation", person.tab(site.callback())
    site.restart(confirm="always")
    with browser.person() as person:
        yield "confirmation-always", person.tab(site.callback())
    site.restart(integrations=("demo", "sandbox"))
    with browser.person() as person:
        yield "choice", person.tab(f"{site.url}/sso/start?rd=/reports")
    site.restart()


def stand_in(site, browser):
    with browser.person() as person:
        tab = person.tab(f"{site.market}/?user={ADA}")
        yield "stand-in", tab
        with broken(site, "token_500"):
            tab.reload()
            yield "stand-in-with-a-fault", tab


def standard(site):
    with tempfile.TemporaryDirectory() as folder, another(BrowserSite(site.executable, folder, standard=True)) as own:
        with own.browser.person() as person:
            tab = person.tab(f"{own.url}/sso/oidc?iss=https%3A%2F%2Felsewhere.example")
            yield "wrong-issuer", tab
            tab.go(f"{own.url}/sso/oidc/callback?code=none&state={'0' * 32}&iss=http%3A%2F%2Flocalhost%3A{own.stand_in}")
            yield "unknown-state", tab
        with own.browser.person() as person, broken(own, "authorize_denied"):
            yield "provider-refused", person.tab(own.click())
        with own.browser.person() as person, broken(own, "discovery_500"):
            own.restart()
            yield "discovery-unavailable", person.tab(own.click())


def sample(site):
    """The sample app of `try`."""
    port, = free_ports(1)
    process = site.start("try", port, site.executable, "try", "--port", port)
    browser = Chromium([], "", f"http://localhost:{port}/sso/session")
    try:
        market = re.search(r"http://localhost:(?!%d\b)\d+" % port, (site.folder / "try.log").read_text())[0]
        with browser.person() as person:
            tab = person.tab(f"http://localhost:{port}/billing")
            tab.settle()
            yield "sample-app", tab
        with browser.person() as person:
            start = f"{market}/sso/integrations/acme?user={BEN}"
            tab = person.tab(start)
            tab.go(f"http://localhost:{port}/admin/")
            yield "sample-app-forbidden", tab
    finally:
        browser.stop()
        site.stop(process)


@contextmanager
def broken(site, fault, delay=0):
    site.fault(fault, delay_ms=delay)
    try:
        yield
    finally:
        site.fault("none")


@contextmanager
def another(site):
    """With a browser of its own."""
    try:
        site.browser = Chromium(site.names, site.key, site.stranger)
        try:
            yield site
        finally:
            site.browser.stop()
    finally:
        site.stop()
