"""A tab of Chromium: what it shows, what it asked for, and what it complained about."""

import base64
import json
from urllib.parse import urlsplit


class Unexpected(Exception):
    """The browser does not do what a check waits for, or refuses a command."""


class Tab:
    def __init__(self, browser, session, target):
        self.browser, self.session, self.target = browser, session, target
        self.is_open, self.loads = True, 0
        self.forget()

    def forget(self):
        # The requests of all kinds, the answers to documents, and complaints.
        self.requests, self.documents, self.complaints = [], [], []

    def begin(self, person):
        """Sent without waiting: the tab begins after these."""
        for domain in ("Page", "Network", "Log", "Runtime", "Audits"):
            self.browser.send(f"{domain}.enable", self.session)
        if person and not person.scripts:
            self.browser.send("Emulation.setScriptExecutionDisabled", self.session, value=True)

    def take(self, event, values):
        match event:
            case "Page.loadEventFired":
                self.loads += 1
            case "Network.requestWillBeSent":
                if before := values.get("redirectResponse"):
                    self.note(values, before)
                self.requests.append(values)
            case "Network.responseReceived":
                self.note(values, values["response"])
            case "Log.entryAdded":
                self.complaints.append(values["entry"])
            case "Runtime.exceptionThrown":
                self.complaints.append({"source": "exception", "text": values["exceptionDetails"]["text"]})
            case "Audits.issueAdded":
                self.complaints.append({"source": values["issue"]["code"], "text": json.dumps(values["issue"]["details"])})

    def note(self, values, response):
        if values.get("type") == "Document" and values["frameId"] == self.target:
            self.documents.append(response)

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def evaluate(self, expression):
        try:
            answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        except Unexpected as error:
            if "navigated" not in str(error):
                raise
            # The page was replaced meanwhile: of the new one.
            answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise RuntimeError(details.get("exception", {}).get("description", details["text"]))
        return answer["result"].get("value")

    def is_empty(self):
        try:
            return self.evaluate("location.protocol + document.readyState") == "data:complete"
        except Unexpected:
            return False

    def loaded(self, act, seconds=20):
        """Waits until what `act` does has loaded a page."""
        before = self.loads
        act()
        self.browser.wait(lambda: self.loads > before, "a page", seconds)

    def go(self, url):
        self.loaded(lambda: self.call("Page.navigate", url=url))

    def reload(self):
        self.loaded(lambda: self.call("Page.reload"))

    def step(self, by):
        """Back (-1) or forward (1) in the history. A page that the browser kept is shown without being loaded."""
        history = self.call("Page.getNavigationHistory")
        wanted = history["currentIndex"] + by
        self.call("Page.navigateToHistoryEntry", entryId=history["entries"][wanted]["id"])
        self.browser.wait(
            lambda: self.call("Page.getNavigationHistory")["currentIndex"] == wanted
            and self.evaluate("document.readyState") == "complete", "a step in the history")

    @property
    def history(self):
        """The addresses that Back leads to, and this one."""
        return [entry["url"] for entry in self.call("Page.getNavigationHistory")["entries"]]

    @property
    def url(self):
        history = self.call("Page.getNavigationHistory")
        return history["entries"][history["currentIndex"]]["url"]

    @property
    def path(self):
        """With the query."""
        parts = urlsplit(self.url)
        return parts.path + (f"?{parts.query}" if parts.query else "") + (f"#{parts.fragment}" if parts.fragment else "")

    @property
    def status(self):
        return self.documents[-1]["status"] if self.documents else None

    @property
    def headers(self):
        """Of the page's answer, with names in lower case."""
        return {name.lower(): value for name, value in self.documents[-1]["headers"].items()}

    @property
    def text(self):
        return self.evaluate("document.body.innerText")

    def has(self, selector):
        return self.evaluate(f"document.querySelector({json.dumps(selector)}) !== null")

    def attribute(self, selector, name):
        found = f"document.querySelector({json.dumps(selector)})"
        return self.evaluate(f"{found} && {found}.getAttribute({json.dumps(name)})")

    def place(self, selector):
        """The middle of what a person would click: for a hidden field, its form's button."""
        place = self.evaluate(f"""(() => {{
            let found = document.querySelector({json.dumps(selector)});
            if (!found) return null;
            if (found.type === "hidden") found = found.form.querySelector("button");
            found.scrollIntoView({{ block: "center", behavior: "instant" }});
            const box = found.getClientRects()[0];
            return [box.x + box.width / 2, box.y + box.height / 2];
        }})()""")
        if place is None:
            raise RuntimeError(f"{self.url} has no {selector}: {self.text[:300]}")
        return place

    def press(self, place, times=1):
        """With a mouse, `times` within a moment."""
        for number in range(1, times + 1):
            for kind in ("mousePressed", "mouseReleased"):
                self.browser.send("Input.dispatchMouseEvent", self.session, type=kind, x=place[0], y=place[1],
                                  button="left", clickCount=number)

    def click(self, selector, times=1):
        self.press(self.place(selector), times)

    def follow(self, selector, seconds=20):
        self.loaded(lambda: self.click(selector), seconds)

    def write(self, selector, text):
        self.click(selector)
        self.call("Input.insertText", text=text)

    def look(self, scheme, width, height):
        """Light or dark, in a window of this size, in front of other tabs."""
        self.call("Page.bringToFront")
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=width < 500)

    def picture(self, file):
        """Of the whole page, however long."""
        image = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"]
        file.write_bytes(base64.b64decode(image))

    def settle(self):
        """Until no request has begun for a moment."""
        count = -1
        while count != len(self.requests):
            count = len(self.requests)
            self.browser.rest(0.3)

    def close(self):
        self.browser.call("Target.closeTarget", targetId=self.target)
        self.browser.wait(lambda: not self.is_open, "the end of a tab")
