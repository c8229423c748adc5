"""From the dashboard into the app, and what the browser keeps of it."""

import time
from urllib.parse import parse_qsl, urlsplit

from browser_site import ADA, APP, BEN
from checks import SESSION, is_gateways, member, sent_to_sign_in, session, signed_in

# By the parameters of a link on the dashboard, without the member.
TARGETS = {
    (): "/dashboard",
    ("resource_id=db_engine",): "/dashboard/resources/db_engine",
    ("resource_id=db_engine", "project_id=prj_website"): "/dashboard/resources/db_engine/projects/prj_website",
    ("resource_id=db_engine", "project_id=prj_website", "check_id=chk_latency"):
        "/dashboard/resources/db_engine/checks/chk_latency",
    ("resource_id=db_engine", "path=secrets"): "/dashboard/resources/db_engine/secrets",
    ("resource_id=db_engine", "support=true"): "/support",
    ("path=billing",): "/billing",
    ("path=usage",): "/usage",
    ("path=onboarding",): "/welcome",
    # Without a resource their routes cannot be filled.
    ("path=secrets",): "/dashboard",
    ("project_id=prj_website",): "/dashboard",
    ("check_id=chk_latency",): "/dashboard",
    ("path=support",): "/support",
    ("product_id=acme-postgres",): "/products/acme-postgres",
    ("invoice_id=inv_2026_11",): "/billing/invoices/inv_2026_11",
    ("experimentation_item_id=flag_dark_mode",): "/flags/flag_dark_mode",
    ("url=/reports/today?unit=ms",): "/reports/today?unit=ms",
    ("url=OWN/reports/today",): "/reports/today",
    ("url=https://evil.example/",): "/dashboard",
    ("support=true",): "/support",
    ("pr=https://git.example/acme/site/pull/7",): "/dashboard",
    ("path=no-such-area",): "/dashboard",
    ("shoe_size=43",): "/dashboard",
}


def deep_links(site, browser, checks):
    """Each kind of link on the dashboard, each in a new tab."""
    with browser.person() as person:
        dashboard = person.tab(f"{site.market}/?user={BEN}")
        links = dashboard.evaluate("[...document.querySelectorAll('a[target=_blank]')].map(a => a.getAttribute('href'))")
        missing = dict(TARGETS)
        for link in links:
            query = [pair for pair in parse_qsl(urlsplit(link).query) if pair[0] != "user"]
            kind = tuple(f"{name}={value.replace(site.url, 'OWN')}" for name, value in query)
            if kind not in missing:
                continue
            target = missing.pop(kind)
            tab, = person.opened(1, lambda: dashboard.click(f'a[href="{link}"]'))
            checks.expect(f"{' '.join(kind) or 'no deep link'}: {target}", (target, BEN, 200),
                          (tab.path, member(tab), tab.status))
            if not kind:
                arrival(site, person, tab, checks)
            tab.close()
        checks.expect("the dashboard has each of these links", [], sorted(missing))


def arrival(site, person, tab, checks):
    arrived = site.answered("/sso/callback")[-1]
    checks.expect("the arrival is from another site", "cross-site", arrived["http_sec_fetch_site"])
    checks.expect("the address with the code is not in the history", [f"{site.url}/dashboard"], tab.history)
    _, path, headers, _ = site.app.seen[-1]
    checks.expect("the app learns neither the code nor where the browser was", ("/dashboard", None),
                  (path, headers["Referer"]))
    checks.expect("scripts see no cookie", "", tab.evaluate("document.cookie"))


def cookies(site, browser, checks):
    """The session's cookie as the browser stores it."""
    with browser.person() as person:
        tab = signed_in(site, person)
        checks.expect("one cookie is left after a login", [SESSION], sorted(person.cookies()))
        cookie = person.cookies()[SESSION]
        wanted = {"secure": True, "httpOnly": True, "sameSite": "Lax", "path": "/", "domain": APP}
        # The domain of a cookie with `Domain=` would begin with a dot.
        checks.expect("it is Secure, HttpOnly, SameSite=Lax, for every path and for this host only", wanted,
                      {name: cookie.get(name) for name in wanted})
        checks.expect("it ends with the session, after 8 hours", True, abs(cookie["expires"] - time.time() - 28800) < 60)
        checks.expect("it has at most 1024 bytes", True, len(cookie["value"]) <= 1024)
        tab.go(f"{site.url}/sso/start?integration=demo&rd=/reports")
        checks.expect("a login that began here leaves no cookie of its flow", [],
                      [name for name in person.cookies() if "flow" in name])
        unsafe = [name for name, one in person.cookies().items()
                  if not (name.startswith("__Host-") and one["secure"] and one["httpOnly"] and one["sameSite"] == "Lax")]
        checks.expect("and no cookie without these attributes", [], unsafe)
        checks.expect("and leads to its page", ("/reports", ADA), (tab.path, member(tab)))


def same_site(site, browser, checks):
    """A link of another site brings the session along, its form does not."""
    site.app.pages["stranger.example", "/link"] = f'<a href="{site.url}/reports">reports</a>'
    for name, action in (("form", "/notes"), ("sign-out", "/sso/sign_out"), ("switch", "/sso/switch")):
        site.app.pages["stranger.example", f"/{name}"] = (
            f'<form method="post" action="{site.url}{action}"><input name="note" value="forged">'
            f'<input name="answer" value="switch"><button>go</button></form>')
    site.app.pages["stranger.example", "/frame"] = f'<iframe src="{site.url}/sso/sign_out"></iframe>'
    with browser.person() as person:
        tab = signed_in(site, person)
        before = session(person)
        tab.go(f"{site.stranger}/link")
        tab.follow("a")
        checks.expect("a link of another site opens the app with the session", ("/reports", ADA), (tab.path, member(tab)))
        seen = len(site.app.seen)
        tab.go(f"{site.stranger}/form")
        tab.follow("button")
        checks.expect("a form of another site has no session", 401, tab.status)
        checks.expect("and does not reach the app", seen, len(site.app.seen))
        tab.go(f"{site.stranger}/sign-out")
        tab.follow("button")
        checks.expect("a form of another site does not sign out", 403, tab.status)
        tab.go(f"{site.stranger}/switch")
        tab.follow("button")
        checks.expect("nor answer a confirmation", 400, tab.status)
        tab.go(f"{site.stranger}/frame")
        refused = [one["text"] for one in tab.complaints if "frame" in one["text"].lower()]
        checks.expect("no other site shows the gateway's pages in a frame", True, bool(refused))
        tab.go(f"{site.url}/dashboard")
        checks.expect("and the session is the same", (ADA, before), (member(tab), session(person)))


def back_and_reload(site, browser, checks):
    with browser.person() as person:
        tab = person.tab(f"{site.market}/?user={ADA}")
        tab.evaluate("document.querySelectorAll('a').forEach((link) => link.removeAttribute('target'))")
        tab.follow("a.open")
        exchanges = site.counters()["exchanges"]
        tab.reload()
        checks.expect("a reload after the login stays in the app", ("/dashboard", ADA), (tab.path, member(tab)))
        tab.step(-1)
        checks.expect("Back leads to the dashboard", f"{site.market}/?user={ADA}", tab.url)
        tab.step(1)
        checks.expect("and Forward to the app", ("/dashboard", ADA), (tab.path, member(tab)))
        checks.expect("none of them exchanged a code", exchanges, site.counters()["exchanges"])
        # From the app's own sign-in, where the callback's address could be in between.
        person.forget()
        tab.go(f"{site.url}/reports?day=1")
        history = tab.history[-2:]
        checks.expect("a login on the way leaves one entry in the history", f"{site.url}/reports?day=1", history[-1])
        tab.step(-1)
        checks.expect("Back leads to the page before it", history[0], tab.url)


def sign_out(site, browser, checks):
    """RT-50: the browser really drops the cookie. RT-117: our own forms come from pages without a referrer."""
    with browser.person() as person:
        tab = signed_in(site, person, invoice_id="inv_2026_11")
        tab.follow("#out")
        checks.expect("signing out asks first", (200, True, ADA),
                      (tab.status, tab.has('form[method="post"][action="/sso/sign_out"] button'), asked(site, person)))
        tab.follow('form[action="/sso/sign_out"] button')
        checks.expect("the button signs out", (200, True), (tab.status, is_gateways(tab)))
        checks.expect("and the session's cookie is gone", None, session(person))
        tab.follow('a[href^="/sso/start"]')
        checks.expect("the link signs in again", ("/dashboard", ADA), (tab.path, member(tab)))
        tab.follow("#out")
        tab.follow('form[action="/sso/sign_out"] button')
        # Chromium keeps whole pages, also those that may not be stored, and shows them again.
        tab.step(-2)
        tab.reload()
        checks.expect("and Back leads to no page that works", True, sent_to_sign_in(tab))


def asked(site, person):
    """Who is signed in, as the app's front end asks, in a tab of its own."""
    tab = person.tab(f"{site.url}/sso/session")
    user = tab.evaluate("JSON.parse(document.body.innerText).user_id")
    tab.close()
    return user
