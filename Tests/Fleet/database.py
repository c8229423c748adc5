"""A real PostgreSQL of Debian's packages in a folder of its own, its standby, and a pgbouncer."""
import glob, os, pwd, signal, subprocess, time

PASSWORD = "fleet-database-password"
PROGRAMS = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1] if glob.glob("/usr/lib/postgresql/*/bin") else None
ROLES = f"""CREATE ROLE sso_gateway LOGIN PASSWORD '{PASSWORD}';
CREATE ROLE standby LOGIN REPLICATION PASSWORD '{PASSWORD}';
CREATE DATABASE sso_gateway OWNER sso_gateway ENCODING 'UTF8' TEMPLATE template0;
"""


def run(*command, text=None):
    done = subprocess.run([str(word) for word in command], input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=120)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: {done.stdout}")
    return done.stdout


class Database:
    """A server in the network namespace `db`, with TLS on `address`. PostgreSQL refuses to run as root."""

    def __init__(self, folder, address, certificate):
        self.folder, self.address, self.certificate = folder, address, certificate
        self.user = pwd.getpwnam("postgres")

    def command(self, *words):
        return ["ip", "netns", "exec", "db", "setpriv", f"--reuid={self.user.pw_uid}", f"--regid={self.user.pw_gid}",
                "--init-groups", *map(str, words)]

    def own(self, path):
        os.chown(path, self.user.pw_uid, self.user.pw_gid)

    def create(self, size=None):
        """`size`: of the file system that it gets for itself, such as `100m`."""
        os.makedirs(self.folder)
        if size:
            run("mount", "-t", "tmpfs", "-o", f"size={size}", "fleet", self.folder)
        self.own(self.folder)
        run(*self.command(f"{PROGRAMS}/initdb", "-D", self.data, "-A", "scram-sha-256", "--auth-local=trust", "-U", "postgres",
                          "-E", "UTF8", "--locale=C", "--no-sync"))
        with open(os.path.join(self.data, "pg_hba.conf"), "a") as file:
            file.write("host all sso_gateway 10.9.0.0/24 scram-sha-256\nhost replication standby 10.9.0.0/24 scram-sha-256\n")
        self.configure()
        self.start()
        self.query(ROLES, "postgres")

    def create_standby(self, primary):
        """A streaming standby of a running server."""
        os.makedirs(self.folder)
        self.own(self.folder)
        run(*self.command("env", f"PGPASSWORD={PASSWORD}", f"{PROGRAMS}/pg_basebackup", "-D", self.data, "-X", "stream", "-R",
                          "-c", "fast", "--no-sync", "-d", f"host={primary.address} user=standby application_name=standby"))
        self.configure()
        self.start()

    @property
    def data(self):
        return os.path.join(self.folder, "data")

    @property
    def log(self):
        return os.path.join(self.folder, "server.log")

    def configure(self):
        for name in ("server.crt", "server.key"):
            copy = os.path.join(self.folder, name)
            with open(os.path.join(self.certificate, name), "rb") as source, open(copy, "wb") as target:
                target.write(source.read())
            os.chmod(copy, 0o600)
            self.own(copy)
        with open(os.path.join(self.data, "postgresql.conf"), "a") as file:
            file.write(f"listen_addresses = '{self.address}'\nunix_socket_directories = '{self.folder}'\nmax_connections = 60\n"
                       f"ssl = on\nssl_cert_file = '{self.folder}/server.crt'\nssl_key_file = '{self.folder}/server.key'\n"
                       "shared_buffers = 16MB\nmin_wal_size = 32MB\nmax_wal_size = 64MB\nautovacuum = on\n")

    def start(self):
        try:
            run(*self.command(f"{PROGRAMS}/pg_ctl", "start", "-D", self.data, "-l", self.log, "-w", "-t", "60"))
        except RuntimeError as error:
            with open(self.log) as log:
                raise RuntimeError(f"{error}\n{log.read()[-1500:]}") from None

    def stop(self, mode="fast"):
        run(*self.command(f"{PROGRAMS}/pg_ctl", "stop", "-D", self.data, "-m", mode, "-w"))

    def promote(self):
        run(*self.command(f"{PROGRAMS}/pg_ctl", "promote", "-D", self.data, "-w"))

    def query(self, text, name="sso_gateway"):
        return run(*self.command("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-U", "postgres",
                                 "-d", name), text=text).strip()

    def setting(self, line):
        with open(os.path.join(self.data, "postgresql.conf"), "a") as file:
            file.write(line + "\n")
        run(*self.command(f"{PROGRAMS}/pg_ctl", "reload", "-D", self.data))

    def freeze(self):
        """Stops every process of the server, and returns their ids. The first one first: it makes the others."""
        main = self.main()
        os.kill(main, signal.SIGSTOP)
        others = subprocess.run(["ps", "-o", "pid=", "--ppid", str(main)], capture_output=True, text=True).stdout.split()
        for other in others:
            os.kill(int(other), signal.SIGSTOP)
        return [main, *map(int, others)]

    def kill(self):
        """SIGKILL to every process of the server. The next start needs their shared memory."""
        ids = self.freeze()
        for one in ids:
            os.kill(one, signal.SIGKILL)
        for one in ids:
            while not is_gone(one):
                time.sleep(0.01)
            # In a namespace of its own, this process is the parent of those whose parent has died.
            try:
                os.waitpid(one, 0)
            except ChildProcessError:
                pass
        os.remove(os.path.join(self.data, "postmaster.pid"))

    def main(self):
        try:
            with open(os.path.join(self.data, "postmaster.pid")) as file:
                return int(file.readline())
        except (FileNotFoundError, ValueError):
            return None

    def is_running(self):
        return (main := self.main()) is not None and not is_gone(main)

    def remove(self):
        if self.is_running():
            self.kill()
        subprocess.run(["umount", "-l", self.folder], capture_output=True)


def is_gone(process):
    """Also where nobody has waited for it."""
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


class Pooler:
    """pgbouncer on this machine, which lends a connection for one transaction."""

    port = 6432

    def __init__(self, folder, database):
        self.folder, self.database = folder, database
        os.makedirs(folder)
        with open(os.path.join(folder, "users.txt"), "w") as file:
            file.write(f'"sso_gateway" "{PASSWORD}"\n')
        with open(os.path.join(folder, "pgbouncer.ini"), "w") as file:
            file.write(f"[databases]\nsso_gateway = host={database.address} dbname=sso_gateway\n[pgbouncer]\n"
                       f"listen_addr = 127.0.0.1\nlisten_port = {self.port}\nunix_socket_dir =\nauth_type = scram-sha-256\n"
                       f"auth_file = {folder}/users.txt\npool_mode = transaction\ndefault_pool_size = 8\n"
                       # Otherwise it asks a server that was away again only after 15 seconds.
                       "server_login_retry = 1\n")
        self.process = None

    def start(self):
        user = self.database.user
        with open(os.path.join(self.folder, "pooler.log"), "ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--init-groups", "/usr/sbin/pgbouncer",
                 os.path.join(self.folder, "pgbouncer.ini")], stdout=log, stderr=log)

    def kill(self):
        self.process.kill()
        self.process.wait()
