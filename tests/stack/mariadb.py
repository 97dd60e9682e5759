"""MariaDB from Debian, with the same user, certificates and durability as MySQL."""

from stack.mysql import USERS, SqlServer, as_user
from stack.places import cached
from stack.process import run

PROGRAM = "/usr/sbin/mariadbd"


class Mariadb(SqlServer):
    def install(self):
        template()

    def prepare(self):
        self.copy_template(template())

    def command(self):
        return [PROGRAM, "--no-defaults", *self.common_flags(),
                f"--innodb-log-file-size={self.profile['redo']}"]


def template():
    version = run([PROGRAM, "--no-defaults", "--version"], "MariaDB").split("Ver ")[1].split("-")[0]
    return cached(f"mariadb-{version}-data-1", _initialise)


def _initialise(target):
    run(["mariadb-install-db", "--no-defaults", *as_user(), f"--datadir={target}",
         "--auth-root-authentication-method=normal", "--skip-test-db"],
        "initialising MariaDB", timeout=180)
    users = target / "users.sql"
    users.write_text("FLUSH PRIVILEGES;\n" + USERS, "ascii")
    with open(users, "rb") as sql:
        run([PROGRAM, "--no-defaults", "--bootstrap", *as_user(), f"--datadir={target}"],
            "making MariaDB's user", stdin=sql, timeout=60)
    users.unlink()
