"""What is true of every page: it needs no other site and no script, keeps to its own policy, and everybody can use it."""

from pathlib import Path

from checks import failure, is_gateways
from pages import pages

AXE = next(Path(__file__).resolve().parents[2].glob(
    ".build-browser/lib/python3*/site-packages/axe_playwright_python/axe.min.js"))
# Each rule that is broken, with the places.
FIND = """axe.run(document, { resultTypes: ["violations"] }).then((found) => found.violations.map((one) =>
    `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(", ")}`))"""
# A script that a page must not run.
TRY = """(() => {
    const script = document.createElement("script");
    script.textContent = "window.ran = true";
    document.body.append(script);
    script.remove();
    return window.ran === true || document.scripts.length > 0
        || [...document.querySelectorAll("*")].some((one) => one.getAttributeNames().some((name) => name.startsWith("on")));
})()"""
NOT_OURS = ("stand-in", "stand-in-with-a-fault", "sample-app")


def every_page(site, browser, checks):
    for name, tab in pages(site, browser):
        checks.expect(f"{name}: nothing is complained about", [], complaints(tab))
        foreign = tab.evaluate("performance.getEntriesByType('resource').map((one) => new URL(one.name))"
                               ".filter((one) => one.protocol !== 'data:' && one.origin !== location.origin).map(String)")
        checks.expect(f"{name}: nothing comes from another site", [], foreign)
        if "_" in name:
            checks.expect(f"{name}: it is that failure's page", (name, True), (failure(site), is_gateways(tab)))
        if name not in NOT_OURS:
            headers = tab.headers
            checks.expect(f"{name}: its language is said, and it may not be stored", (True, "no-store"),
                          (bool(tab.attribute("html", "lang")), headers.get("cache-control")))
        tab.look("light", 390, 844)
        checks.expect(f"{name}: it fits on a phone", True, tab.evaluate("document.documentElement.scrollWidth <= 390"))
        for scheme in ("light", "dark"):
            tab.look(scheme, 1280, 800)
            tab.evaluate(AXE.read_text() + "; undefined")
            checks.expect(f"{name}: axe finds nothing, {scheme}", [], tab.evaluate(FIND))
        if name not in NOT_OURS:
            checks.expect(f"{name}: no script runs", False, tab.evaluate(TRY))
            # What the browser says of that script.
            tab.settle()
            tab.forget()


def complaints(tab):
    """Of the browser, about this page. It always mentions an answer of 400 or more."""
    return [f"{one['source']}: {one['text'][:200]}" for one in tab.complaints
            if one["source"] not in ("network", "BounceTrackingIssue")]
