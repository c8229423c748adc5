"""What people do: several tabs, impatience, two members in one browser, no cookies, no scripts."""

import json
from urllib.parse import urlsplit

from browser_site import ADA, BEN
from checks import failure, is_gateways, member, sent_to_sign_in, session, signed_in, signs_in_to
from chromium import Chromium


def two_tabs(site, browser, checks):
    """Two tabs without a session sign in at once: each returns to its own page."""
    site.fault("token_slow", delay_ms=1000, times=2)
    with browser.person() as person:
        pages = "/reports?tab=1", "/billing?tab=2"
        tabs = [person.tab() for _ in pages]
        loads = [tab.loads for tab in tabs]
        for tab, page in zip(tabs, pages):
            browser.send("Page.navigate", tab.session, url=site.url + page)
        browser.wait(lambda: all(tab.loads > before for tab, before in zip(tabs, loads)), "both pages")
        site.fault("none")
        checks.expect("two tabs that sign in at once return to their own pages", [*pages], [tab.path for tab in tabs])
        for tab in tabs:
            tab.reload()
        checks.expect("and both work with the one session", [ADA, ADA], [member(tab) for tab in tabs])
        tabs[0].go(f"{site.url}/sso/sign_out")
        tabs[0].follow('form[action="/sso/sign_out"] button')
        tabs[1].reload()
        checks.expect("signing out in one is noticed in the other", True, sent_to_sign_in(tabs[1]))


def double_click(site, browser, checks):
    """RT-103."""
    with browser.person() as person:
        dashboard = person.tab(f"{site.market}/?user={ADA}")
        tabs = person.opened(2, lambda: dashboard.click("a.open", times=2))
        checks.expect("a double click opens the app in both tabs", [("/dashboard", ADA)] * 2,
                      [(tab.path, member(tab)) for tab in tabs])
        for tab in tabs:
            tab.reload()
        checks.expect("and both stay signed in", [ADA, ADA], [member(tab) for tab in tabs])
    # Somebody who stops the slow page and clicks again: the answer to the first request is lost.
    site.app.pages["stranger.example", "/code"] = f'<a href="{site.callback(ADA, path="usage")}">open</a>'
    with browser.person() as person:
        tab = person.tab(f"{site.stranger}/code")
        before, asked, loads = site.counters()["exchanges"], len(site.answered("/sso/callback")), tab.loads
        site.fault("token_slow", delay_ms=1000)
        tab.click("a")
        browser.rest(0.4)
        tab.call("Page.stopLoading")
        tab.click("a")
        browser.wait(lambda: tab.loads > loads, "a page")
        site.fault("none")
        answers = [one["status"] for one in site.answered("/sso/callback")[asked:]]
        checks.expect("a link that is stopped and clicked again opens its page", ("/usage", ADA), (tab.path, member(tab)))
        checks.expect("by one fresh login more", (["499", "303", "303"], 2), (answers, site.counters()["exchanges"] - before))


def two_members(site, browser, checks):
    with browser.person() as person:
        tab = signed_in(site, person)
        before = session(person)
        other = person.tab(site.click(BEN, path="usage"))
        stay, switch = (f'form[action="/sso/switch"] [name="answer"][value="{answer}"]' for answer in ("stay", "switch"))
        checks.expect("another member is asked about", (200, True, True, True),
                      (other.status, is_gateways(other), other.has(stay), other.has(switch)))
        checks.expect("nothing changes before the answer", before, session(person))
        checks.expect("the question names both", [True, True],
                      [name in other.text for name in ("ada@analytical.example", "ben@analytical.example")])
        other.follow(stay)
        checks.expect("who stays is in the app as before", ("/dashboard", ADA, before),
                      (other.path, member(other), session(person)))
        other.go(site.click(BEN, path="usage"))
        other.follow(switch)
        checks.expect("who switches is the other member, at the link's page", ("/usage", BEN), (other.path, member(other)))
        tab.reload()
        checks.expect("in every tab", BEN, member(tab))
        # The question's address has a code that is used up.
        other.step(-1)
        checks.expect("Back over the question leads into the app", (200, True), (other.status, member(other) is not None))
        another = ADA if member(other) == BEN else BEN
        first, second = (person.tab(site.click(another)) for _ in range(2))
        second.follow(switch)
        now = session(person)
        first.follow(switch)
        checks.expect("a question that is out of date changes nothing", (400, True, now),
                      (first.status, is_gateways(first), session(person)))
        checks.expect("and leads on", True, signs_in_to(first) is not None)


def no_cookies(site, browser, checks):
    """RT-119."""
    blocking = Chromium(site.names, site.key, site.stranger,
                        {"profile": {"default_content_setting_values": {"cookies": 2}}})
    try:
        with blocking.person() as person:
            tab = person.tab(site.click(path="billing"))
            checks.expect("without cookies there is a page that says so", (400, True, "cookies_blocked"),
                          (tab.status, is_gateways(tab), failure(site)))
            checks.expect("after few steps", True, len(tab.documents) <= 7)
            checks.expect("with a link for signing in", True, signs_in_to(tab) is not None)
            checks.expect("no cookie was kept", [], sorted(person.cookies()))
    finally:
        blocking.stop()


def no_scripts(site, browser, checks):
    site.app.pages["stranger.example", "/script"] = "<p>off</p><script>document.body.textContent = 'on'</script>"
    with browser.person(scripts=False) as person:
        checks.expect("scripts are off", "off", person.tab(f"{site.stranger}/script").text)
        dashboard = person.tab(f"{site.market}/?user={ADA}")
        tab, = person.opened(1, lambda: dashboard.click("a.open"))
        checks.expect("without JavaScript a login opens the app", ("/dashboard", ADA), (tab.path, member(tab)))
        tab.go(site.click(BEN))
        tab.follow('form[action="/sso/switch"] [name="answer"][value="switch"]')
        checks.expect("the confirmation works", BEN, member(tab))
        tab.follow("#out")
        tab.follow('form[action="/sso/sign_out"] button')
        checks.expect("signing out works", None, session(person))
        tab.follow('a[href^="/sso/start"]')
        checks.expect("and signing in again", ADA, member(tab))


# Who shows the link, and how a browser is asked to load it ahead of the click. The dashboard's own link makes a code when it is
# loaded; the others' links have one.
AHEAD = [("stranger", "link"), ("stranger", "prefetch"), ("stranger", "prerender"), ("market", "link"),
         ("market", "prefetch"), ("market", "prerender"), ("url", "link"), ("url", "prerender")]


def speculation(site, browser, checks):
    """Browsers fetch and render pages ahead of a click. That must not use a code up, and the click must work (RT-103)."""
    for origin, kind in AHEAD:
        place = getattr(site, origin) + "/fixtures/ahead"
        address = site.click(path="usage") if origin == "market" else site.callback(path="usage")
        rules = json.dumps({kind: [{"source": "list", "urls": [address], "eagerness": "immediate"}]})
        ahead = (f'<link rel="prefetch" href="{address}">' if kind == "link"
                 else f'<script type="speculationrules">{rules}</script>')
        site.app.pages[urlsplit(place).hostname, "/fixtures/ahead"] = f'<!doctype html>{ahead}<a href="{address}">open</a>'
        with browser.person() as person:
            if origin == "url":
                signed_in(site, person)
            before, seen = site.counters()["exchanges"], len(site.answered("/sso/callback"))
            tab = person.tab(place)

            def early():
                return [one["status"] for one in site.answered("/sso/callback")[seen:] if one["http_sec_purpose"]]

            browser.wait(early, f"a request of {kind} at {place} ahead of the click")
            browser.rest(0.3)
            what = f"{kind} at {urlsplit(place).hostname}"
            checks.expect(f"{what}: the request ahead of the click is refused, and uses no code", (["403"], before),
                          (early(), site.counters()["exchanges"]))
            tab.follow("a")
            checks.expect(f"{what}: the click signs in", ("/usage", ADA), (tab.path, member(tab)))
