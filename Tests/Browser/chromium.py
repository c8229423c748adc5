"""Chromium without a window, driven by the DevTools protocol over two pipes.
<https://chromedevtools.github.io/devtools-protocol/>"""

import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from tab import Tab, Unexpected

PROGRAM = shutil.which("chromium")
# What a browser does in the background is no part of a test, and needs other machines.
QUIET = ("--headless=new", "--no-first-run", "--no-default-browser-check", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-gpu", "--mute-audio",
         "--password-store=basic", "--disable-dev-shm-usage", "--hide-scrollbars", "--force-color-profile=srgb",
         "--disable-search-engine-choice-screen", "--lang=en-US",
         # What the person reads: the checks rely on no text, so they can be made in every language.
         f"--accept-lang={os.environ.get('BROWSER_LANGUAGE', 'en-US')}")


class Chromium:
    """`names`: the hosts that are this machine; no other name is known. `key`: the digest of a certificate's public key,
    which is trusted. `first`: an address that new persons visit first. `preferences`: of the profile."""

    def __init__(self, names, key, first, preferences=None):
        self.first = first
        self.folder = tempfile.mkdtemp()
        self.tabs, self.contexts, self.answers, self.unread, self.last = {}, {}, {}, b"", 0
        default = Path(self.folder, "Default")
        default.mkdir()
        (default / "Preferences").write_text(json.dumps(preferences or {}))
        known = ", ".join([*(f"MAP {name} 127.0.0.1" for name in names), "MAP * ~NOTFOUND", "EXCLUDE localhost"])
        switches = [*QUIET, f"--user-data-dir={self.folder}", f"--host-resolver-rules={known}",
                    f"--ignore-certificate-errors-spki-list={key}", "--remote-debugging-pipe", "about:blank"]
        if os.geteuid() == 0:
            switches.insert(0, "--no-sandbox")
        commands, self.commands = os.pipe()
        self.events, events = os.pipe()
        # The protocol's descriptors are 3 and 4.
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{commands} 4>&{events}', "bash", PROGRAM, *switches],
            pass_fds=(commands, events), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
        os.close(commands)
        os.close(events)
        try:
            self.call("Target.setAutoAttach", autoAttach=True, waitForDebuggerOnStart=True, flatten=True,
                      filter=[{"type": "page"}, {"exclude": True}])
        except BaseException:
            self.stop()
            raise

    def stop(self):
        try:
            self.call("Browser.close")
            self.process.wait(10)
        except (Unexpected, OSError, subprocess.TimeoutExpired):
            os.killpg(self.process.pid, 9)
            self.process.wait()
        os.close(self.commands)
        os.close(self.events)
        shutil.rmtree(self.folder, ignore_errors=True)

    def person(self, **settings):
        """A new one, with cookies of their own. `scripts=False` turns JavaScript off in all of their tabs."""
        person = Person(self, **settings)
        # A profile's first connections can fail with ERR_CERT_VERIFIER_CHANGED while it still reads its certificates.
        until = time.monotonic() + 20
        while time.monotonic() < until:
            tab = person.tab(self.first)
            status, text = tab.status, tab.text
            tab.close()
            if status:
                return person
            self.rest(0.2)
        raise Unexpected(f"{self.first} cannot be opened: {text[-300:]}")

    def send(self, method, session=None, **parameters):
        self.last += 1
        message = {"id": self.last, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        text = json.dumps(message).encode() + b"\0"
        while text:
            text = text[os.write(self.commands, text):]
        return self.last

    def call(self, method, session=None, **parameters):
        number = self.send(method, session, **parameters)
        self.wait(lambda: number in self.answers, f"an answer to {method}", 30)
        answer = self.answers.pop(number)
        if "error" in answer:
            raise Unexpected(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def wait(self, condition, what, seconds=20):
        until = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > until:
                raise Unexpected(f"there is not {what} within {seconds} s")
            self.read(0.05)

    def rest(self, seconds):
        """What happens meanwhile is noted."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.read(0.05)

    def read(self, seconds):
        if not select.select([self.events], [], [], seconds)[0]:
            return
        read = os.read(self.events, 1 << 20)
        if not read:
            raise Unexpected("the browser has ended")
        *messages, self.unread = (self.unread + read).split(b"\0")
        for message in messages:
            self.take(json.loads(message))

    def take(self, message):
        if "id" in message:
            self.answers[message["id"]] = message
        elif message["method"] == "Target.attachedToTarget":
            self.attach(message["params"])
        elif message["method"] == "Target.detachedFromTarget":
            if tab := self.tabs.pop(message["params"]["sessionId"], None):
                tab.is_open = False
        elif tab := self.tabs.get(message.get("sessionId")):
            tab.take(message["method"], message["params"])

    def attach(self, parameters):
        target, session = parameters["targetInfo"], parameters["sessionId"]
        person = self.contexts.get(target.get("browserContextId"))
        tab = Tab(self, session, target["targetId"])
        self.tabs[session] = tab
        tab.begin(person)
        if person:
            person.tabs.append(tab)
        if parameters["waitingForDebugger"]:
            self.send("Runtime.runIfWaitingForDebugger", session)


class Person:
    """Somebody with a browser profile of their own."""

    def __init__(self, browser, scripts=True):
        self.browser, self.scripts, self.tabs = browser, scripts, []
        self.context = browser.call("Target.createBrowserContext")["browserContextId"]
        browser.contexts[self.context] = self

    def tab(self, url=None):
        """A new one. Its first page is empty, because the events of a tab's first page can come before it is watched."""
        target = self.browser.call(
            "Target.createTarget", url="data:text/html,<!doctype html>", browserContextId=self.context)["targetId"]
        self.browser.wait(lambda: any(tab.target == target for tab in self.tabs), "a new tab")
        tab = next(tab for tab in self.tabs if tab.target == target)
        self.browser.wait(tab.is_empty, "an empty tab")
        tab.forget()
        if url:
            tab.go(url)
        return tab

    def opened(self, count, act):
        """The tabs that appear by what `act` does, after they are loaded."""
        before = list(self.tabs)
        act()

        def new():
            return [tab for tab in self.tabs if tab not in before]

        self.browser.wait(lambda: len(new()) >= count and all(tab.loads for tab in new()), f"{count} new tabs")
        return new()

    def cookies(self):
        """By name."""
        found = self.browser.call("Storage.getCookies", browserContextId=self.context)["cookies"]
        return {cookie["name"]: cookie for cookie in found}

    def forget(self, *names):
        """These cookies, or all."""
        keep = [cookie for name, cookie in self.cookies().items() if names and name not in names]
        self.browser.call("Storage.clearCookies", browserContextId=self.context)
        for cookie in keep:
            for field in ("size", "session", "sourceScheme", "sourcePort", "priority", "sameParty"):
                cookie.pop(field, None)
            cookie["url"] = f"https://{cookie.pop('domain')}/"
        self.browser.call("Storage.setCookies", cookies=keep, browserContextId=self.context)

    def leave(self):
        self.browser.call("Target.disposeBrowserContext", browserContextId=self.context)
        self.browser.contexts.pop(self.context)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.leave()
