"""systemd's own judgement of the units: of the package, and those that are rendered."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

BINARY = os.environ["RESPRING_BIN"]
PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
UNITS = "usr/lib/systemd/system"
ROLES = ("gateway", "message", "room", "search", "user", "websocket")
MOST_EXPOSED = 1.5  # of 10; 9.6 is a unit that says nothing


class Units(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.root = Path(folder.name) / "root"
        subprocess.run([BINARY, "manifests", "render", "--env", "prod", "--target", "systemd", "--out",
                        str(cls.root)], capture_output=True, timeout=60, check=True, env={"LC_ALL": "C"})
        shutil.copy(PACKAGING / "respring.service", cls.root / UNITS)
        cls.services = sorted(path.name for path in (cls.root / UNITS).glob("*.service"))

    def analyze(self, *words):
        return subprocess.run(["systemd-analyze", f"--root={self.root}", *words], capture_output=True, text=True,
                              timeout=60, check=False, env={"LC_ALL": "C", "PATH": os.environ["PATH"]})

    def test_there_is_one_for_each_role_that_runs(self):
        names = ("archive", "gateway", "message", "migrate", "room", "search", "user", "websocket")
        self.assertEqual(self.services, sorted([*(f"respring-{name}.service" for name in names), "respring.service"]))

    def test_enabling_the_target_starts_all_of_them(self):
        root = self.root.parent / "enabled"
        shutil.copytree(self.root, root)
        done = subprocess.run(["systemctl", f"--root={root}", "enable", "respring.target"], capture_output=True,
                              text=True, timeout=60, check=False, env={"LC_ALL": "C", "PATH": os.environ["PATH"]})
        self.assertEqual(done.returncode, 0, done.stderr)
        link = root / "etc/systemd/system/multi-user.target.wants/respring.target"
        self.assertEqual(os.readlink(link), "/" + UNITS + "/respring.target")
        jobs = self.jobs_of_a_start()
        roles = {f"respring-{name}.service" for name in ROLES}
        self.assertEqual(jobs, roles | {"respring.target", "respring-migrate.service", "respring-archive.timer"})

    def jobs_of_a_start(self):
        """What systemd itself would start with the target."""
        manager = Path("/lib/systemd/systemd")
        everybody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        self.root.parent.chmod(0o755)
        done = subprocess.run(
            [str(manager), "--test", "--system", "--unit=respring.target"], capture_output=True, text=True,
            timeout=60, check=False, **everybody,
            env={"LC_ALL": "C", "SYSTEMD_UNIT_PATH": f"{self.root / UNITS}:/lib/systemd/system"})
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        return set(re.findall(r"Action: (respring\S*) -> start", done.stdout))

    def test_migrations_and_topics_are_before_the_roles(self):
        migrate = (self.root / UNITS / "respring-migrate.service").read_text("utf-8")
        self.assertEqual(re.findall(r"^ExecStart=/usr/bin/respring (.*) --config", migrate, re.MULTILINE),
                         ["migrate up", "events topics apply"])
        for name in (*ROLES, "archive"):
            text = (self.root / UNITS / f"respring-{name}.service").read_text("utf-8")
            after = re.search(r"^After=(.*)$", text, re.MULTILINE)[1].split()
            self.assertIn("respring-migrate.service", after, name)
            # A schema that is behind is refused (4) until the migration has run.
            if name in ROLES:
                self.assertIn("RestartPreventExitStatus=64 78\n", text)

    def test_the_archive_runs_when_it_is_told_to(self):
        timer = (self.root / UNITS / "respring-archive.timer").read_text("utf-8")
        calendar = re.search(r"^OnCalendar=(.*)$", timer, re.MULTILINE)[1]
        # Steps, lists and days, too: what `calendar_of` makes of other schedules.
        for time in (calendar, "*-1/2-1,15 0..5:0/15:00 UTC", "Mon,Tue,Wed,Thu,Fri *-*-* 3:0:00 UTC"):
            done = subprocess.run(["systemd-analyze", "calendar", time], capture_output=True, text=True, timeout=60,
                                  check=False, env={"LC_ALL": "C", "PATH": os.environ["PATH"]})
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("Next elapse:", done.stdout)

    def test_each_is_hardened(self):
        for service in self.services:
            done = self.analyze("security", "--offline=true", "--no-pager", service)
            found = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
            self.assertTrue(found, done.stderr)
            self.assertLessEqual(float(found[1]), MOST_EXPOSED, service)

    def test_nothing_in_them_is_unknown(self):
        binary = self.root / "usr/bin/respring"
        binary.parent.mkdir(parents=True, exist_ok=True)
        binary.write_text("#!/bin/sh\n")
        binary.chmod(0o755)
        for service in self.services:
            said = self.analyze("verify", "--recursive-errors=no", "--man=no", str(self.root / UNITS / service)).stderr
            about = [line for line in said.splitlines() if service in line and "not executable" not in line]
            self.assertEqual(about, [])

    def test_a_fault_would_be_seen(self):
        broken = self.root / UNITS / "broken.service"
        broken.write_text("[Service]\nExecStart=/usr/bin/respring\nProtectEverything=yes\n")
        self.addCleanup(broken.unlink)
        said = self.analyze("verify", "--recursive-errors=no", "--man=no", str(broken)).stderr
        self.assertIn("ProtectEverything", said)

    def test_a_proxy_on_the_machine_is_believed_and_nobody_else(self):
        for role in ROLES:
            text = (self.root / "etc/respring" / f"{role}.yaml").read_text("utf-8")
            proxies = '"127.0.0.0/8,::1"' if role in ("gateway", "websocket") else None
            found = re.search(r"^trusted_proxies: (.*)$", text, re.MULTILINE)
            self.assertEqual(found and found[1], proxies, role)

    def test_settings_are_those_the_binary_accepts(self):
        secret = self.root / "secret"
        secret.write_text("0123456789abcdef" * 4, "utf-8")
        for file in sorted((self.root / "etc/respring").glob("*.yaml")):
            text = re.sub(r"(\w_file): .*$", rf"\1: {secret}", file.read_text("utf-8"), flags=re.MULTILINE)
            here = self.root / f"here-{file.name}"
            here.write_text(text, "utf-8")
            done = subprocess.run([BINARY, "config", "check", "--config", str(here)], capture_output=True, text=True,
                                  timeout=30, check=False, env={"LC_ALL": "C"})
            self.assertEqual(done.returncode, 0, (file.name, done.stderr))


if __name__ == "__main__":
    unittest.main()
