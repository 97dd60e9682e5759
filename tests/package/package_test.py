"""The Debian package: what is in it, and that it comes and goes without a trace."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

BUILD = Path(os.environ["RESPRING_TEST_BUILD"])
FILES = {
    "usr/bin/respring", "usr/lib/systemd/system/respring.service", "usr/lib/sysusers.d/respring.conf",
    "etc/respring/respring.yaml", "usr/share/man/man1/respring.1.gz",
    "usr/share/bash-completion/completions/respring", "usr/share/zsh/vendor-completions/_respring",
    "usr/share/fish/vendor_completions.d/respring.fish", "usr/share/doc/respring/copyright",
    "usr/share/doc/respring/operations.md", "usr/share/doc/respring/configuration.md",
}


def run(*words, **kwargs):
    done = subprocess.run(words, capture_output=True, text=True, timeout=240, check=False, **kwargs)
    assert done.returncode == 0, f"{' '.join(map(str, words))}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        run("cpack", "-G", "DEB", "--config", str(BUILD / "CPackConfig.cmake"), "-B", str(cls.folder / "made"))
        cls.deb = next((cls.folder / "made").glob("respring_*.deb"))

    def test_it_holds_what_it_should(self):
        listing = run("dpkg-deb", "--contents", str(self.deb)).splitlines()
        files = {line.split()[5].removeprefix("./") for line in listing if not line.startswith("d")}
        self.assertEqual(files, FILES)
        self.assertTrue(all(line.split()[1] == "root/root" for line in listing))
        for line in listing:
            wanted = "-rwxr-xr-x" if line.endswith("/usr/bin/respring") else "-rw-r--r--"
            if not line.startswith("d"):
                self.assertEqual(line.split()[0], wanted, line)

    def test_it_names_the_libraries_it_needs(self):
        needs = run("dpkg-deb", "--field", str(self.deb), "Depends")
        for library in ("libc6", "libsqlite3-0", "libsodium23", "librdkafka1", "libcurl4", "libtinyxml2-9"):
            self.assertIn(library, needs)

    def test_it_is_installed_works_and_is_removed(self):
        """In a root of its own, as dpkg does it there without being root."""
        root = self.folder / "root"
        (root / "var/lib/dpkg/info").mkdir(parents=True)
        (root / "var/lib/dpkg/updates").mkdir()
        (root / "etc").mkdir()
        for name in ("status", "available"):
            (root / "var/lib/dpkg" / name).touch()
        dpkg = ("dpkg", f"--root={root}", "--force-not-root", "--force-script-chrootless",
                "--force-depends", "--force-bad-path", f"--log={self.folder / 'log'}")
        run(*dpkg, "--install", str(self.deb))
        binary = root / "usr/bin/respring"
        self.assertIn('"version"', run(str(binary), "version", "--json"))
        checked = run(str(binary), "config", "check", "--config", str(root / "etc/respring/respring.yaml"))
        self.assertIn("ok:", checked)
        self.assertIn("respring:", (root / "etc/passwd").read_text("utf-8"))
        run(*dpkg, "--install", str(self.deb))  # again: an upgrade

        data = root / "var/lib/respring"
        data.mkdir(parents=True, exist_ok=True)
        (data / "user.db").write_text("people")
        run(*dpkg, "--remove", "respring")
        left = {str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()} & FILES
        self.assertEqual(left, {"etc/respring/respring.yaml"})
        said = run(*dpkg, "--purge", "respring")
        self.assertIn("is left as it is", said)
        left = {str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()} & FILES
        self.assertEqual(left, set())
        self.assertFalse((root / "etc/respring").exists())
        self.assertEqual((data / "user.db").read_text(), "people")

    def test_the_man_page_is_one(self):
        out = self.folder / "extracted"
        run("dpkg-deb", "--extract", str(self.deb), str(out))
        text = run("gzip", "-dc", str(out / "usr/share/man/man1/respring.1.gz"))
        self.assertTrue(text.startswith('.TH RESPRING 1'))
        for verb in ("serve", "manifests", "doctor"):
            self.assertIn(f".SS respring {verb}\n", text)
        self.assertIn("78", text)
        if shutil.which("man"):
            page = self.folder / "respring.1"
            page.write_text(text, "utf-8")
            self.assertEqual(subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", str(page)],
                                            capture_output=True, text=True, check=False,
                                            env={**os.environ, "MANWIDTH": "160"}).stderr, "")

    def test_completion_is_understood_by_bash(self):
        out = self.folder / "for-bash"
        run("dpkg-deb", "--extract", str(self.deb), str(out))
        run("bash", "-n", str(out / "usr/share/bash-completion/completions/respring"))


if __name__ == "__main__":
    unittest.main()
