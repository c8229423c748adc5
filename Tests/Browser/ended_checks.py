"""A session that ends while somebody works."""

from urllib.parse import parse_qs

from browser_site import ADA, INSTALLATION
from checks import SESSION, is_gateways, member, session, signed_in, signs_in_to

PAGE = "/dashboard/resources/db_engine?tab=metrics&range=7d"
NOTE = "Two hours of work, \u00e9\u00e8"


def revoked(site, browser, checks):
    with browser.person() as person:
        tab = signed_in(site, person)
        tab.go(site.url + PAGE)
        site.revoke("--member", ADA, "--installation", INSTALLATION)
        tab.reload()
        checks.expect("a revoked session has its page", (403, True, None), (tab.status, is_gateways(tab), member(tab)))
        checks.expect("and its cookie is removed", None, session(person))
        tab.follow('a[href^="/sso/start"]')
        checks.expect("the link signs in and returns to the same page", (PAGE, ADA), (tab.path, member(tab)))


def expired(site, browser, checks):
    """The browser drops the cookie at the session's end."""
    with browser.person() as person:
        tab = signed_in(site, person)
        tab.go(site.url + PAGE)
        person.forget(SESSION)
        tab.reload()
        checks.expect("without a session the browser signs in and returns to the same page", (PAGE, ADA),
                      (tab.path, member(tab)))


def form(site, browser, checks):
    """A form that was being filled in: the person must learn that it was not sent, and must not lose it."""
    with browser.person() as person:
        tab = filled_in(site, person)
        seen = len(site.app.seen)
        site.revoke()
        tab.follow("#save")
        checks.expect("a form without a session does not reach the app", seen, len(site.app.seen))
        checks.expect("the person sees a page that says so", True, is_gateways(tab))
        checks.expect("with a link for signing in", True, signs_in_to(tab) is not None)
        tab.step(-1)
        checks.expect("Back shows the form as it was filled in", NOTE, tab.evaluate("document.querySelector('textarea').value"))
        tab.follow("#save")
        other = person.tab(f"{site.url}/dashboard")
        other.follow('a[href^="/sso/start"]')
        tab.reload()
        sent = [body for method, path, _, body in site.app.seen[seen:] if method == "POST"]
        checks.expect("after signing in in another tab a reload sends it", ["/saved", 1], [tab.path, len(sent)])
        checks.expect("as it was filled in", {"note": [NOTE]}, parse_qs(sent[-1].decode()) if sent else None)


def idle(site, browser, checks):
    """The cookie lives as long as the session at most, so only the gateway knows that it was idle."""
    site.restart(idle="1m")
    with browser.person() as person:
        tab = filled_in(site, person)
        browser.rest(61)
        seen = len(site.app.seen)
        tab.follow("#save")
        checks.expect("after a minute without requests a form does not reach the app", seen, len(site.app.seen))
        tab.step(-1)
        checks.expect("Back shows the form as it was filled in", NOTE, tab.evaluate("document.querySelector('textarea').value"))
        tab.go(site.url + PAGE)
        checks.expect("and a page signs in and is shown", (PAGE, ADA), (tab.path, member(tab)))
    site.restart()


def filled_in(site, person):
    tab = signed_in(site, person)
    tab.go(site.url + PAGE)
    tab.write("textarea", NOTE)
    return tab
