"""See `run`."""

import sys
import tempfile
import time
import traceback
from contextlib import ExitStack
from pathlib import Path

import ended_checks
import login_checks
import page_checks
import situation_checks
import standard_checks
from browser_site import BrowserSite
from checks import Checks
from chromium import Chromium
from tab import Unexpected

CHECKS = {
    "deep-links": login_checks.deep_links,
    "cookies": login_checks.cookies,
    "same-site": login_checks.same_site,
    "back-and-reload": login_checks.back_and_reload,
    "sign-out": login_checks.sign_out,
    "two-tabs": situation_checks.two_tabs,
    "double-click": situation_checks.double_click,
    "two-members": situation_checks.two_members,
    "no-cookies": situation_checks.no_cookies,
    "no-scripts": situation_checks.no_scripts,
    "speculation": situation_checks.speculation,
    "revoked": ended_checks.revoked,
    "expired": ended_checks.expired,
    "form": ended_checks.form,
    "standard": standard_checks.standard,
    "pages": page_checks.every_page,
    "idle": ended_checks.idle,
}
# These take minutes, so only who names them gets them.
SLOW = ("pages", "idle")


def main(executable, names):
    if unknown := set(names) - set(CHECKS):
        sys.exit(f"browser: {', '.join(sorted(unknown))}: no such check. There are {', '.join(CHECKS)}.")
    checks = Checks()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        site = BrowserSite(Path(executable).resolve(), folder)
        stack.callback(site.stop)
        browser = Chromium(site.names, site.key, site.stranger)
        stack.callback(browser.stop)
        for name in names or [name for name in CHECKS if name not in SLOW]:
            began = time.monotonic()
            try:
                CHECKS[name](site, browser, checks)
            except (Unexpected, RuntimeError, KeyError, ValueError) as error:
                checks.fail(name, f"{error}\n{''.join(traceback.format_tb(error.__traceback__)[-3:])}")
            print(f"       ({name}: {time.monotonic() - began:.1f} s)", flush=True)
    print(f"browser: {checks.passed} passed, {len(checks.failures)} failed")
    return 1 if checks.failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
