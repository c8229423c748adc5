"""What the checks share: a line for each, and how a page is recognised whatever its words."""

from urllib.parse import parse_qs, urlsplit

from browser_site import ADA

SESSION = "__Host-sso_session"


class Checks:
    def __init__(self):
        self.passed, self.failures = 0, []

    def expect(self, what, wanted, got):
        if wanted == got:
            self.passed += 1
            print(f"ok     {what}", flush=True)
        else:
            self.fail(what, f"wanted {wanted!r}, got {got!r}")

    def fail(self, what, why):
        self.failures.append(what)
        print(f"FAILED {what}: {why}", flush=True)


def member(tab):
    """Who the app says is there; None on any other page."""
    return tab.attribute("body", "data-user")


def is_gateways(tab):
    """Every page of the gateway names the request."""
    return tab.has("footer code") and "default-src 'none'" in tab.headers.get("content-security-policy", "")


def signs_in_to(tab):
    """The page to which a page's link for signing in returns; None without such a link."""
    link = tab.attribute('a[href^="/sso/start"]', "href")
    return link and parse_qs(urlsplit(link).query).get("rd", [""])[0]


def sent_to_sign_in(tab):
    """Whether the tab's newest page was reached by way of the sign-in's start."""
    return any(urlsplit(one["url"]).path == "/sso/start" for one in tab.documents[-5:])


def failure(site):
    """The outcome of the newest failed login, as the log has it."""
    found = site.events("login_failed")
    return found[-1].get("outcome") if found else None


def signed_in(site, person, user=ADA, **more):
    """A tab of the app, after a click on the dashboard."""
    tab = person.tab(site.click(user, **more))
    if member(tab) != user:
        raise RuntimeError(f"{user} is not signed in: {tab.status} {tab.url} {tab.text[:300]}")
    return tab


def session(person):
    return person.cookies().get(SESSION, {}).get("value")
