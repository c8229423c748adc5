"""A standard OpenID Connect login, which the marketplace initiates (`oidc_path`)."""

import tempfile

from browser_site import ADA, BEN, BrowserSite
from checks import SESSION, failure, is_gateways, member, session
from chromium import Chromium


def standard(site, browser, checks):
    with tempfile.TemporaryDirectory() as folder:
        own = BrowserSite(site.executable, folder, standard=True)
        try:
            another = Chromium(own.names, own.key, own.stranger)
            try:
                logins(own, another, checks)
            finally:
                another.stop()
        finally:
            own.stop()


def logins(site, browser, checks):
    with browser.person() as person:
        dashboard = person.tab(f"{site.market}/?user={BEN}")
        tab, = person.opened(1, lambda: dashboard.click('a[href*="invoice_id"]'))
        checks.expect("a standard login opens the link's page", ("/billing/invoices/inv_2026_11", BEN), (tab.path, member(tab)))
        checks.expect("over the issuer's authorization endpoint", True,
                      any("/oauth/authorize?" in one["url"] for one in tab.documents))
        cookie = person.cookies()[SESSION]
        checks.expect("with the same cookie", (True, True, "Lax", "/"),
                      tuple(cookie[name] for name in ("secure", "httpOnly", "sameSite", "path")))
        checks.expect("its own cookies are gone", [], [name for name in person.cookies() if "oidc" in name])
        answer = next(one["url"] for one in tab.documents if "/sso/oidc/callback?" in one["url"])
        before = site.counters()["exchanges"]
        tab.go(answer)
        checks.expect("its answer again leads into the app", (BEN, before), (member(tab), site.counters()["exchanges"]))
    with browser.person() as person:
        tab = person.tab(answer)
        checks.expect("and in another browser to a page", (400, True), (tab.status, is_gateways(tab)))
        checks.expect("without a session", None, session(person))
        checks.expect("and the log says why", True, failure(site) in ("unknown_state", "cookies_blocked"))
        tab.go(f"{site.url}/reports")
        checks.expect("a login that begins in the app returns to its page", ("/reports", ADA), (tab.path, member(tab)))
