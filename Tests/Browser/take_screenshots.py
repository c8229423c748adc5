"""See `screenshots`."""

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from browser_site import BrowserSite
from chromium import Chromium
from pages import pages

SIZES = {"phone": (390, 844), "desktop": (1280, 800)}


def main(executable, target, *only):
    target = Path(target)
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        site = BrowserSite(Path(executable).resolve(), folder)
        stack.callback(site.stop)
        browser = Chromium(site.names, site.key, site.stranger)
        stack.callback(browser.stop)
        for name, tab in pages(site, browser):
            if only and name not in only:
                continue
            print(f"{name}: {tab.status} {tab.evaluate('document.title')}", flush=True)
            for size, (width, height) in SIZES.items():
                for scheme in ("light", "dark"):
                    tab.look(scheme, width, height)
                    tab.picture(target / f"{name}-{size}-{scheme}.png")


if __name__ == "__main__":
    main(*sys.argv[1:])
