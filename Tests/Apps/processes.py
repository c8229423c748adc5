"""The programs of a partner's site on this machine, which tests start and stop."""

import http.client
import signal
import socket
import subprocess
import time
from pathlib import Path


def free_ports(count):
    free = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in free]
    for one in free:
        one.close()
    return ports


def request(port, path, headers=(), method="GET", body=None):
    """Status, headers and body. A header may occur more than once."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in [("Host", f"localhost:{port}"), *headers]:
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Type", "application/x-www-form-urlencoded")
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def wait_for(port, name, log):
    for _ in range(300):
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"{name} does not listen:\n{log.read_text(errors='replace')}")


class Processes:
    def __init__(self, executable, folder):
        self.executable, self.folder, self.started = str(executable), Path(folder), []
        # nginx's workers run as another user where nginx was started by root.
        self.folder.chmod(0o755)

    def run(self, *arguments):
        done = subprocess.run([self.executable, *arguments], cwd=self.folder, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{arguments}: {done.stdout}{done.stderr}")
        return done.stdout

    def start(self, name, port, *command, environment=None):
        log = self.folder / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen([str(word) for word in command], cwd=self.folder, env=environment,
                                       stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        self.started.append(process)
        wait_for(port, name, log)
        return process

    def stop(self, *processes):
        for process in reversed(processes or tuple(self.started)):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self.started.remove(process)

    def reload(self):
        """Waits until the gateway has read its configuration again."""
        log = self.folder / "gateway.log"
        count = log.read_text().count("configuration_reloaded")
        self.server.send_signal(signal.SIGHUP)
        for _ in range(200):
            if log.read_text().count("configuration_reloaded") > count:
                return
            time.sleep(0.1)
        raise RuntimeError(f"no reload: {log.read_text()}")

    def start_nginx(self, port, *sites, log="off"):
        """`sites`: parts of the `http` block. `log`: the value of `access_log`."""
        for number, block in enumerate(sites):
            (self.folder / f"site-{number}.conf").write_text(block)
        places = "".join(f"{name}_temp_path {name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (self.folder / "nginx.conf").write_text(
            f"daemon off; pid nginx.pid; error_log stderr; events {{}}\n"
            f"http {{ {places} include {self.folder}/site-*.conf; access_log {log}; }}\n")
        self.start("nginx", port, "/usr/sbin/nginx", "-p", self.folder, "-c", self.folder / "nginx.conf")
