"""The Debian package: what is in it, and that it comes and goes without a trace."""

import os
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

# The user outlives the package, as Debian has it: files may still be its own.
MADE_WITH_THE_USER = {"etc/passwd", "etc/group", "etc/shadow", "etc/gshadow", "etc/.pwd.lock"}
ENVIRONMENT = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"}
# FILE respring WORD… : what the shell offers for the last word, one a line.
ASK = {
    "bash": ["--norc", "-c", 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
             '$(complete -p respring | sed -E "s/.*-F ([^ ]+).*/\\1/") respring "${@: -1}"; '
             'printf "%s\\n" "${COMPREPLY[@]}"'],
    # Found and loaded as zsh does it at the first Tab. compadd and compdef belong to its line editor, which needs a
    # terminal; here the one says what it is given.
    "zsh": ["-f", "-c", 'compadd() { while [[ $1 == -?* && $1 != -- ]]; do shift; done; [[ $1 == -- ]] && shift; '
            'print -l -- ${(M)@:#${words[CURRENT]}*} }; '
            'compdef() { : }; words=("$@"); CURRENT=$#; fpath=("${0:h}"); autoload -Uz _respring; _respring'],
    "fish": ["--no-config", "-c", "source $argv[1]; complete -C (string join -- ' ' $argv[2..]) | string split -f 1 \\t"],
}


def everything_in(root):
    """Files, links and folders, but for dpkg's own books, where nothing but the name of the package may be left."""
    return {str(path.relative_to(root)) for path in root.rglob("*")
            if not path.is_relative_to(root / "var/lib/dpkg") or "respring" in path.name}


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
        before = everything_in(root)
        run(*dpkg, "--install", str(self.deb))
        self.assertLessEqual(FILES, everything_in(root))
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
        kept = {*MADE_WITH_THE_USER, "var/lib/respring", "var/lib/respring/user.db"}
        until_purged = {"etc/respring", "etc/respring/respring.yaml", "var/lib/dpkg/info/respring.list",
                        "var/lib/dpkg/info/respring.postrm"}
        self.assertEqual(everything_in(root) - before, kept | until_purged)
        said = run(*dpkg, "--purge", "respring")
        self.assertIn("is left as it is", said)
        self.assertEqual(everything_in(root) - before, kept)
        self.assertEqual(before - everything_in(root), set())
        self.assertEqual((data / "user.db").read_text(), "people")

    def test_the_man_page_is_one(self):
        out = self.folder / "extracted"
        run("dpkg-deb", "--extract", str(self.deb), str(out))
        text = run("gzip", "-dc", str(out / "usr/share/man/man1/respring.1.gz"))
        self.assertTrue(text.startswith('.TH RESPRING 1'))
        for verb in ("serve", "manifests", "doctor"):
            self.assertIn(f".SS respring {verb}\n", text)
        self.assertIn("78", text)
        self.assertEqual(self.warnings_of_man(text), "")
        self.assertIn("warning", self.warnings_of_man(text + ".NOTHING\n.fnord\n"))

    def warnings_of_man(self, text):
        page = self.folder / "respring.1"
        page.write_text(text, "utf-8")
        done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", str(page)], capture_output=True,
                              text=True, check=False, timeout=60, env={**os.environ, "MANWIDTH": "160"})
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stderr

    def test_each_shell_completes_with_its_file(self):
        """The shells themselves, asked what may stand behind some words."""
        out = self.folder / "completions"
        run("dpkg-deb", "--extract", str(self.deb), str(out))
        for shell, file in (("bash", "bash-completion/completions/respring"), ("zsh", "zsh/vendor-completions/_respring"),
                            ("fish", "fish/vendor_completions.d/respring.fish")):
            with self.subTest(shell):
                file = str(out / "usr/share" / file)
                run(shell, "-n", file)
                for words, some, none in ((("",), {"serve", "manifests", "doctor"}, {"render", "--role"}),
                                          (("manifests", ""), {"render", "diff", "check", "values"}, {"serve", "up"}),
                                          (("serve", "--r"), {"--role"}, {"render", "--format"})):
                    said = set(run(shell, *ASK[shell], file, "respring", *words, env=ENVIRONMENT).split())
                    self.assertLessEqual(some, said, (words, said))
                    self.assertEqual(none & said, set(), words)

    def test_the_same_objects_give_the_same_binary(self):
        """Linked once more; and one of the sources compiled once more, without a compiler's cache, in the same folder."""
        again = self.folder / "again"
        (link,) = run("ninja", "-C", str(BUILD), "-t", "commands", "-s", "respring").splitlines()[-1:]
        self.assertEqual(link.count(" -o respring "), 1, link)
        run("sh", "-c", link.replace(" -o respring ", f" -o {again} "), cwd=BUILD)
        self.assertEqual(again.read_bytes(), (BUILD / "respring").read_bytes())
        made = "cmd/respring/CMakeFiles/respring.dir/main.cc.o"
        (compile_it,) = run("ninja", "-C", str(BUILD), "-t", "commands", "-s", made).splitlines()[-1:]
        for option in (f" -o {made} ", f" -MF {made}.d "):
            self.assertEqual(compile_it.count(option), 1, compile_it)
            compile_it = compile_it.replace(option, f" {option.split()[0]} {again}{option.split()[0]} ")
        run("sh", "-c", compile_it, cwd=BUILD, env={**os.environ, "CCACHE_DISABLE": "1"})
        stripped = [self.folder / "first.o", self.folder / "second.o"]
        for file, out in zip((BUILD / made, f"{again}-o"), stripped):
            run("strip", "--strip-debug", "-o", str(out), str(file))  # as the package and the image are
        self.assertEqual(*(file.read_bytes() for file in stripped))


if __name__ == "__main__":
    unittest.main()
