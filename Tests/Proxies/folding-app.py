"""An app of the kind that folds header names: /wsgi/… shows what Python's own WSGI server makes of them, /cgi/… what a
CGI program is handed by a server that turns every odd byte into an underscore (RFC 3875 section 4.1.18). Values that
fold into one name are all shown."""

import re
import subprocess
import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server


class Handler(WSGIRequestHandler):
    def get_environ(self):
        environ = super().get_environ()
        folded = {}
        for name, value in self.headers.items():
            key = "HTTP_" + re.sub("[^A-Z0-9]", "_", name.upper())
            folded[key] = folded[key] + "," + value if key in folded else value
        environ["folded"] = folded
        return environ

    def log_message(self, *_):
        pass


def app(environ, start_response):
    folded = environ.pop("folded")
    if environ["PATH_INFO"].startswith("/cgi/"):
        body = subprocess.run(["/usr/bin/env"], env=folded, capture_output=True, check=True).stdout
    else:
        shown = [f"{name}={value}" for name, value in environ.items() if name.startswith("HTTP_")]
        body = "\n".join(shown).encode("latin-1", "replace")
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


make_server("127.0.0.1", int(sys.argv[1]), app, handler_class=Handler).serve_forever()
