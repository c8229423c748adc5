"""The example apps: whether each can run here, how it is built, and its command."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from app_checks import KEEP, PAUSE

HERE = Path(__file__).resolve().parent
PYTHON = HERE / "../../.build-apps/bin/python"
# Kept between runs: swift-crypto is large.
SWIFT = (HERE / "../../.build-apps-swift").resolve()
EXPRESS = {"NODE_PATH": "/usr/share/nodejs"}


def answers(*command, **environment):
    done = subprocess.run(command, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, capture_output=True)
    return done.returncode == 0


def copy(folder, place):
    """The app with shorter times for its keys, so that the checks need not wait for minutes."""
    shutil.copytree(HERE / folder, place, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    changed = set()
    for file in place.rglob("*.*"):
        if file.suffix in (".js", ".py", ".rb", ".go", ".php", ".swift"):
            text = file.read_text()
            for name, usual, short in (("pause", 10, PAUSE), ("keep", 300, KEEP)):
                new = re.sub(rf"\b({name}\b(?:: Double)?[:= ]+){usual}\b", rf"\g<1>{short}", text)
                changed |= {name} if new != text else set()
                text = new
            if text != file.read_text():
                file.write_text(text)
    if changed != {"pause", "keep"}:
        raise RuntimeError(f"{folder} does not say how long it keeps its keys, or in another way than this looks for")
    return place


class ExampleApp:
    """`command` takes the app's folder and the arguments PORT ISSUER AUDIENCE KEYS."""

    def __init__(self, folder, needs, can_run, command, build=None, environment=None):
        self.folder, self.needs, self.can_run = folder, needs, can_run
        self.command, self.build, self.environment = command, build, environment or {}

    def starter(self, name, site, keys):
        place = copy(self.folder, SWIFT / "package" if self.folder == "swift" else site.folder / name)
        if self.build:
            self.build(place)
        arguments = [str(site.app), site.url, "localhost", keys]
        cache = site.folder / "php-keys.json"
        values = dict(zip(("PORT", "ISSUER", "AUDIENCE", "KEYS"), arguments), CACHE=str(cache))

        def start():
            cache.unlink(missing_ok=True)
            command = self.command(place, arguments)
            return site.start(name, site.app, *command, environment={**os.environ, **values, **self.environment})

        return start


def build_go(place):
    caches = {"GOCACHE": f"{place}/cache", "GOPATH": f"{place}/path", "GOPROXY": "off", "GOFLAGS": "-mod=mod"}
    for command in (["vet", "./..."], ["build", "-o", "app", "."]):
        subprocess.run(["go", *command], cwd=place, env={**os.environ, **caches}, check=True)


def build_swift(place):
    command = ["swift", "build", "--package-path", str(place), "--scratch-path", str(SWIFT)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stdout[-4000:] + done.stderr)


def can_run_swift():
    return shutil.which("swift") and answers(
        "swift", "package", "--package-path", str(HERE / "swift"), "--scratch-path", str(SWIFT), "resolve")


APPS = {
    "express": ExampleApp(
        "express", "nodejs and node-express", lambda: answers("node", "-e", "require('express')", **EXPRESS),
        lambda place, a: ["node", place / "app.js", *a], environment=EXPRESS),
    "node": ExampleApp(
        "express", "nodejs", lambda: shutil.which("node"), lambda place, a: ["node", place / "plain.js", *a]),
    "starlette": ExampleApp(
        "starlette", "the packages of starlette/packages.txt in .build-apps", PYTHON.exists,
        lambda place, a: [PYTHON, place / "app.py", *a]),
    "fastapi": ExampleApp(
        "starlette", "the packages of starlette/packages.txt in .build-apps", PYTHON.exists,
        lambda place, a: [PYTHON, place / "fastapi_app.py", *a]),
    "rack": ExampleApp(
        "rack", "ruby, ruby-rack and puma", lambda: shutil.which("puma"),
        lambda place, a: ["puma", "--quiet", "--bind", f"tcp://127.0.0.1:{a[0]}", place / "config.ru"]),
    "go": ExampleApp(
        "go", "golang-go", lambda: shutil.which("go"), lambda place, a: [place / "app", *a], build=build_go),
    "php": ExampleApp(
        "php", "php-cli", lambda: answers("php", "-r", "exit(extension_loaded('openssl') ? 0 : 1);"),
        lambda place, a: ["php", "-S", f"127.0.0.1:{a[0]}", place / "index.php"]),
    "swift": ExampleApp(
        "swift", "swift, and a network or a cache that has swift-crypto", can_run_swift,
        lambda place, a: [sys.executable, place / "bridge.py", SWIFT / "debug/App", *a], build=build_swift),
}
