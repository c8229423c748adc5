"""Runs the gateway as kubernetes.yaml wants it, in a root file system and with mounts like a kubelet's: pod.py IMAGE

Run it as root in new mount, network and process name spaces. The stand-in and the commands of an operator's machine are the
image's own program, outside of the pod.
"""
import http.client, json, os, re, shutil, signal, stat, subprocess, sys, tempfile, time
import yaml

here = os.path.dirname(os.path.abspath(__file__))
image = os.path.abspath(sys.argv[1])
work = tempfile.mkdtemp()
children = []
with open(os.path.join(here, "kubernetes.yaml")) as file:
    documents = {document["kind"]: document for document in yaml.safe_load_all(file)}
pod = documents["StatefulSet"]["spec"]["template"]["spec"]
gateway = next(container for container in pod["initContainers"] if container["name"] == "gateway")
security = pod["securityContext"] | gateway["securityContext"]
user, group, shared_group = security["runAsUser"], security["runAsGroup"], security["fsGroup"]
with open(os.path.join(here, "Containerfile")) as file:
    environment = dict(re.findall(r"(\w+)=(\S+)", re.search(r"^ENV (.*)$", file.read(), re.M)[1]))


def check(what, holds):
    if not holds:
        with open(os.path.join(work, "gateway.log"), "a+") as log:
            log.seek(0)
            sys.exit(f"container: FAILED {what}\n{log.read()[-2000:]}")
    print(f"ok  {what}")


def run(*arguments):
    subprocess.run(arguments, check=True, capture_output=True)


class Volume:
    """Files as a kubelet mounts them: links through `..data`, which is replaced as a whole."""

    def __init__(self, mount, mode):
        self.target, self.mode, self.version = image + mount["mountPath"], mode, 0
        self.source = os.path.join(work, mount["name"])
        os.mkdir(self.source)
        run("mount", "-t", "tmpfs", "-o", "mode=1777", mount["name"], self.source)
        os.chown(self.source, 0, shared_group)
        os.chmod(self.source, 0o3777)
        run("mount", "--bind", self.source, self.target)
        run("mount", "-o", "remount,bind,ro", self.target)

    def write(self, files, mode=None):
        self.version += 1
        name = f"..2026_01_01_00_00_00.{self.version}"
        folder = os.path.join(self.source, name)
        os.mkdir(folder)
        os.chown(folder, 0, shared_group)
        os.chmod(folder, 0o2755)
        for file_name, text in files.items():
            path = os.path.join(folder, file_name)
            with open(path, "w") as file:
                file.write(text)
            os.chown(path, 0, shared_group)
            os.chmod(path, mode or self.mode)
            if not os.path.lexists(link := os.path.join(self.source, file_name)):
                os.symlink(os.path.join("..data", file_name), link)
        data = os.path.join(self.source, "..data")
        old = os.readlink(data) if os.path.lexists(data) else None
        os.symlink(name, data + "_tmp")
        os.rename(data + "_tmp", data)
        if old:
            shutil.rmtree(os.path.join(self.source, old))


def container(*arguments):
    """The command line of a process of the gateway's container."""
    return ["env", "-i", *(f"{name}={value}" for name, value in environment.items()),
            "/usr/bin/setpriv", "--no-new-privs", "--inh-caps=-all",
            "/usr/sbin/chroot", f"--userspec={user}:{group}", f"--groups={shared_group}", image, *arguments]


def execute(command):
    """What `kubectl exec` and an exec probe do: exit code and output."""
    done = subprocess.run(container(*command), capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def operator(*arguments):
    """A command on the operator's machine."""
    run("chroot", image, "/usr/bin/sso-gateway", *arguments)


def probe(name):
    return execute(gateway[name]["exec"]["command"])[0] == 0


def await_probe(name, wanted):
    for _ in range(gateway["startupProbe"]["failureThreshold"] * 20):
        if probe(name) == wanted:
            return True
        time.sleep(0.05)
    return False


def request(path, headers={}, port=4180):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers={"Host": "localhost", **headers})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.headers, body


def sign_in():
    """The cookie of a login through the stand-in; nil if it fails."""
    connection = http.client.HTTPConnection("127.0.0.1", 4190, timeout=20)
    connection.request("POST", "/stand-in/codes", json.dumps({"integration": "acme"}), {"Content-Type": "application/json"})
    code = json.loads(connection.getresponse().read())
    status, headers, _ = request(f"/sso/callback?mode=sso&code={code['code']}&state={code['state']}")
    return headers["Set-Cookie"].split(";")[0] if status == 303 else None


def decide(cookie):
    return request("/authz/nginx", {
        "Cookie": cookie, "X-Original-Method": "GET", "X-Original-URI": "/", "X-Forwarded-Host": "localhost",
        "X-Forwarded-Proto": "http"})[0]


def start():
    global process
    with open(os.path.join(work, "gateway.log"), "ab") as log:
        process = subprocess.Popen(container("/usr/bin/sso-gateway", *gateway["args"]), stdout=log, stderr=log)
    children.append(process)
    check("the startup probe succeeds", await_probe("startupProbe", True))


def stop():
    process.send_signal(signal.SIGTERM)
    return process.wait(pod["terminationGracePeriodSeconds"])


def reload():
    return execute(["/usr/bin/sso-gateway", "reload", "--config", gateway["args"][-1]])


def test():
    run("ip", "link", "set", "lo", "up")
    # A process sees only its own name space's processes.
    run("mount", "-t", "proc", "proc", "/proc")
    run("mount", "--bind", image, image)
    run("mount", "-t", "proc", "proc", image + "/proc")
    run("mount", "--rbind", "/dev", image + "/dev")
    os.mkdir(image + "/operator", 0o700)
    operator("keys", "generate", "--key-ring", "/operator/keys.json")
    operator("keys", "rotate", "--key-ring", "/operator/keys.json")
    with open(image + "/operator/keys.json") as file:
        ring = json.load(file)
    old_key = ring["keys"][1]
    rings = [json.dumps(ring | {"keys": keys}) for keys in ([old_key], ring["keys"], ring["keys"][:1])]
    shutil.rmtree(image + "/operator")
    stand_in = subprocess.Popen(["chroot", image, "/usr/bin/sso-gateway", "provider-stand-in", "--port", "4190"],
                                stdout=subprocess.DEVNULL)
    children.append(stand_in)
    for _ in range(200):
        try:
            request("/stand-in/counters", port=4190)
            break
        except OSError:
            time.sleep(0.05)
    # A server whose authority is in the image's list.
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
        "-keyout", work + "/key.pem", "-out", work + "/certificate.pem")
    with open(work + "/certificate.pem") as own, open(image + "/etc/ssl/certs/ca-certificates.crt", "a") as bundle:
        bundle.write(own.read())
    children.append(subprocess.Popen(
        ["openssl", "s_server", "-quiet", "-www", "-accept", "4191", "-key", work + "/key.pem", "-cert", work + "/certificate.pem"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    volumes = {}
    modes = {volume["name"]: volume for volume in pod["volumes"]}
    mounts = {mount["name"]: mount for mount in gateway["volumeMounts"]}
    volumes["config"] = Volume(mounts["config"], 0o644)
    volumes["secrets"] = Volume(mounts["secrets"], modes["secrets"]["secret"]["defaultMode"])
    state = os.path.join(work, "state")
    os.mkdir(state)
    # A volume as a kubelet hands it over with fsGroup.
    os.chown(state, 0, shared_group)
    os.chmod(state, 0o2775)
    run("mount", "--bind", state, image + mounts["state"]["mountPath"])
    run("mount", "-o", "remount,bind,ro,nosuid,nodev", image)

    text = documents["ConfigMap"]["data"]["gateway.yaml"]
    for name, value in (("public_url", "http://localhost:4180"), ("client_id", "oac_AcmeDemonstration01"), ("slug", "acme")):
        text = re.sub(rf"(\b{name}:) \S+", rf"\1 {value}", text)
    text += ("    jwks_url: http://localhost:4190/.well-known/jwks\n    api_url: http://localhost:4190\n"
             "    sso_url: http://localhost:4190/sso/integrations\n")
    volumes["config"].write({"gateway.yaml": text})
    secrets = {"keys.json": rings[0], "client-secret": "not-yet-the-secret"}
    volumes["secrets"].write(secrets)
    os.chown(state, 0, shared_group + 1)
    code, output = execute(["/usr/bin/sso-gateway", "check", "--config", gateway["args"][-1]])
    check("a volume that another group can write is refused", code == 1 and "can be written by others" in output)
    os.chown(state, 0, shared_group)
    os.chmod(state, 0o2775)
    code, output = execute(["/usr/bin/sso-gateway", "check", "--config", gateway["args"][-1]])
    check("check accepts the configuration as it is mounted", code == 0 or print(output))
    start()

    with open(f"/proc/{process.pid}/status") as file:
        status = dict(line.split(":", 1) for line in file)
    check(f"it runs as user {user} without capabilities", status["Uid"].split() == [str(user)] * 4
          and int(status["CapEff"], 16) == 0 and status["NoNewPrivs"].strip() == "1")
    check("its root file system is read-only", os.statvfs(f"/proc/{process.pid}/root").f_flag & os.ST_RDONLY)
    store = os.stat(state + "/gateway.db")
    check("the store is in the volume, for its user only", store.st_uid == user and stat.S_IMODE(store.st_mode) == 0o600)
    check("readiness and liveness probes succeed", probe("readinessProbe") and probe("livenessProbe"))
    before = os.times()
    for _ in range(10):
        probe("readinessProbe")
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    print(f"    a probe takes {used * 100:.0f} ms of processor time")

    volumes["config"].write({"gateway.yaml": text.replace("http://localhost:4190/.well-known", "https://localhost:4191/.well-known")})
    _, output = execute(["/usr/bin/sso-gateway", "check", "--live", "--config", gateway["args"][-1]])
    found = [line for line in output.split("\n") if "jwks_url" in line and line[:1] in "✓!✗"]
    check("the program trusts the authorities of the image", found and found[0].startswith("✓") or print(output))
    volumes["config"].write({"gateway.yaml": text})

    check("no login with a wrong client secret", sign_in() is None)
    secrets["client-secret"] = "stand-in-client-secret"
    volumes["secrets"].write(secrets)
    check("a replaced secret is not used before a reload", sign_in() is None)
    code, output = reload()
    check("reload says that the secret changed, and not the secret", code == 0 and "live.client_secret: another value" in output
          and "stand-in-client" not in output)
    first = sign_in()
    check("a login with the new secret", first is not None and decide(first) == 200)

    secrets["keys.json"] = rings[1]
    volumes["secrets"].write(secrets)
    check("reload takes a rotated key ring", reload()[0] == 0)
    second = sign_in()
    check("sessions of both keys work", decide(first) == 200 and decide(second) == 200)
    secrets["keys.json"] = rings[2]
    volumes["secrets"].write(secrets)
    process.send_signal(signal.SIGHUP)
    for _ in range(100):
        if decide(first) == 401:
            break
        time.sleep(0.1)
    check("SIGHUP retires a key: its session is refused, the other one's is not", decide(first) == 401 and decide(second) == 200)

    volumes["secrets"].write(secrets, mode=0o444)
    code, output = reload()
    check("a secret that all can read is refused", code != 0 and "client_secret_file" in output)
    check("the probes and the session do not mind", probe("readinessProbe") and probe("livenessProbe") and decide(second) == 200)
    volumes["secrets"].write(secrets)
    volumes["config"].write({"gateway.yaml": text + "nonsense: 1\n"})
    check("a wrong configuration is refused", reload()[0] != 0)
    check("the probes do not mind either", probe("readinessProbe") and probe("livenessProbe"))

    # For a gateway that is no sidecar: it must answer until load balancers know.
    volumes["config"].write({"gateway.yaml": text + "shutdown_delay: 3s\n"})
    check("reload takes a shutdown_delay", reload()[0] == 0)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    check("after SIGTERM the readiness probe fails", await_probe("readinessProbe", False))
    check("and the liveness probe, decisions and logins go on", probe("livenessProbe") and decide(second) == 200 and sign_in())
    check("it ends with 0 in time", process.wait(pod["terminationGracePeriodSeconds"]) == 0 and time.monotonic() - began < 15)
    check("the store is sound", execute(["/usr/bin/sso-gateway", "store", "check", "--config", gateway["args"][-1]])[0] == 0)
    volumes["config"].write({"gateway.yaml": text})
    start()
    check("the session survives the pod's restart", decide(second) == 200)
    began = time.monotonic()
    check("without a delay it ends at once", stop() == 0 and time.monotonic() - began < 3)


try:
    test()
    print("the gateway runs in the image as kubernetes.yaml wants it")
finally:
    for child in children:
        child.kill()
