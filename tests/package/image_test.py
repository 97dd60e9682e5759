"""The image: reproducible, complete, without a shell, and it runs as nobody special."""

import gzip
import hashlib
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
sys.path[:0] = [str(ROOT / "tests/integration"), str(PACKAGING)]
import image  # noqa: E402  (their folders are on the path now)
import sbom  # noqa: E402
import validator  # noqa: E402
from support.ports import HeldPorts  # noqa: E402

BINARY = os.environ["RESPRING_BIN"]
USER = 10001


def build(out):
    done = subprocess.run([sys.executable, "-B", str(PACKAGING / "image.py"), "--binary", BINARY, "--out",
                           str(out)], capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"{' '.join(map(str, words))}: {done.stderr[-2000:]}"
    return done.stdout


def skopeo(*words):
    return run("skopeo", "--insecure-policy", *words)


def owners(paths):
    """{path: the package that dpkg knows to own it}, or None."""
    def forms(path):
        real = os.path.realpath(path)
        return path, real, real.removeprefix("/usr"), f"/usr{path}"

    said = subprocess.run(["dpkg-query", "-S", *{form for path in paths for form in forms(path)}], capture_output=True,
                          text=True, check=False, timeout=60).stdout
    known = {line.split(": ", 1)[1]: re.split("[:,]", line)[0] for line in said.splitlines()}
    return {path: next((known[form] for form in forms(path) if form in known), None) for path in paths}


class Image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.image = cls.folder / "image"
        build(cls.image)
        index = cls.read(json.loads((cls.image / "index.json").read_text())["manifests"][0])
        cls.manifest = json.loads(index)
        cls.config = json.loads(cls.read(cls.manifest["config"]))
        cls.root = cls.folder / "root"
        (layer,) = cls.manifest["layers"]
        cls.layer = cls.folder / "layer.tar.gz"
        cls.layer.write_bytes(cls.read(layer))
        with tarfile.open(cls.layer) as tar:
            cls.members = tar.getmembers()
            tar.extractall(cls.root)

    @classmethod
    def read(cls, descriptor):
        """A blob, as long and with the digest that is said of it."""
        data = (cls.image / "blobs" / descriptor["digest"].replace(":", "/")).read_bytes()
        assert len(data) == descriptor["size"]
        assert "sha256:" + hashlib.sha256(data).hexdigest() == descriptor["digest"]
        return data

    def chroot(self, *words):
        """In the image's files alone, as its user where that is allowed."""
        if os.geteuid() == 0:
            return ["chroot", f"--userspec={USER}:{USER}", str(self.root), *words]
        return ["unshare", "--user", "--map-root-user", "chroot", str(self.root), *words]

    def test_the_same_inputs_give_the_same_bytes(self):
        again = self.folder / "again"
        build(again)
        for name in ("index.json", "oci-layout"):
            self.assertEqual((again / name).read_bytes(), (self.image / name).read_bytes())
        self.assertEqual(Path(f"{again}.spdx.json").read_bytes(), Path(f"{self.image}.spdx.json").read_bytes())

    def test_the_layer_is_the_one_that_the_configuration_means(self):

        plain = gzip.decompress(self.layer.read_bytes())
        self.assertEqual(self.config["rootfs"]["diff_ids"], ["sha256:" + hashlib.sha256(plain).hexdigest()])
        self.assertEqual(self.config["config"]["User"], f"{USER}:{USER}")
        self.assertLess(len(self.layer.read_bytes()), 50_000_000)

    def test_nothing_else_is_in_it(self):
        names = [m.name for m in self.members if m.isfile()]
        self.assertEqual(len(names), len(set(names)))
        programs = [n for n in names if "/bin/" in n]
        self.assertEqual(programs, ["usr/bin/respring"])
        self.assertTrue(all(m.mtime == 0 and not m.mode & 0o022 for m in self.members))
        owned = {m.name for m in self.members if m.uid}
        self.assertEqual(owned, {"tmp", "var/lib/respring"})

    def test_it_runs_and_ends_without_anything_of_this_machine(self):
        if os.geteuid() == 0:
            os.chown(self.root / "var/lib/respring", USER, USER)
            os.chmod(self.folder, 0o755)
        held = HeldPorts(1)
        self.addCleanup(held.close)
        port = held.numbers[0]
        process = subprocess.Popen(
            self.chroot("/usr/bin/respring", "serve", "--set", "data_dir=/var/lib/respring", "--set",
                        "listen=127.0.0.1:0", "--set", f"admin_listen=127.0.0.1:{port}"),
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True)
        try:
            self.wait_ready(process, port)
        finally:
            process.terminate()
            said = process.communicate(timeout=40)[1]
        self.assertEqual(process.returncode, 0, said[-2000:])

    def wait_ready(self, process, port):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            self.assertIsNone(process.poll(), "it ended by itself")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        self.fail("it was not ready in time")

    def test_a_registry_would_take_it(self):
        """skopeo, which sends it there, reads the layout, checks every digest and understands the configuration."""
        copied = self.folder / "copied"
        skopeo("copy", f"oci:{self.image}:respring", f"oci:{copied}:respring")
        for kind in ("manifest", "config"):
            words = ("inspect", "--raw", *(["--config"] if kind == "config" else []))
            self.assertEqual(skopeo(*words, f"oci:{copied}:respring"), skopeo(*words, f"oci:{self.image}:respring"))
        known = json.loads(skopeo("inspect", f"oci:{self.image}:respring"))
        self.assertEqual((known["Os"], known["Architecture"]), ("linux", run("dpkg", "--print-architecture").strip()))
        self.assertEqual(known["Layers"], [self.manifest["layers"][0]["digest"]])

    def test_the_architecture_is_that_of_the_binary(self):
        header = bytearray(Path(BINARY).read_bytes()[:20])
        other = self.folder / "other"
        header[18:20] = (0xB7).to_bytes(2, "little")
        other.write_bytes(header)
        self.assertEqual(image.architecture(other), "arm64")
        for wrong in (b"", b"#!/bin/sh\n" * 3, bytes(header[:18]) + b"\xff\xff"):
            other.write_bytes(wrong)
            with self.assertRaises(SystemExit):
                image.architecture(other)

    def parts(self):
        return json.loads(Path(f"{self.image}.spdx.json").read_text("utf-8"))

    def names(self, how):
        """Of the parts that are related to respring in this way."""
        parts = self.parts()
        names = {p["SPDXID"]: p["name"] for p in parts["packages"]}
        return {names[r["relatedSpdxElement"]] for r in parts["relationships"] if r["relationshipType"] == how}

    def test_its_parts_are_listed_as_spdx_has_it(self):
        parts = self.parts()
        self.assertEqual(parts["spdxVersion"], "SPDX-2.3")
        text = Path(f"{self.image}.spdx.json").read_text("utf-8")
        self.assertEqual(validator.wrong_with(text), [])
        # A validator that finds nothing wrong with anything would prove nothing.
        for right, wrong in (('"downloadLocation": "NOASSERTION"', '"downloadLocation": "here"'),
                             ('"STATIC_LINK"', '"LINKED"')):
            self.assertIn(right, text)
            self.assertNotEqual(validator.wrong_with(text.replace(right, wrong)), [], wrong)
        related = {r["relatedSpdxElement"] for r in parts["relationships"]}
        self.assertEqual(related, {p["SPDXID"] for p in parts["packages"]})
        self.assertTrue(all(p["versionInfo"] for p in parts["packages"]))
        for part in ("libc6", "libsqlite3-0", "librdkafka1", "libmariadb3", "libcurl4", "libtinyxml2-9", "react"):
            self.assertIn(part, self.names("CONTAINS"))

    def test_every_file_of_others_has_a_package_that_is_listed(self):
        listed = self.names("CONTAINS")
        ours = {"usr/bin/respring", "etc/passwd", "etc/group", "etc/nsswitch.conf"}
        others = [m.name for m in self.members if m.isfile() and m.name not in ours]
        self.assertIn("etc/ssl/certs/ca-certificates.crt", others)
        packages = owners([f"/{name}" for name in others])
        packages["/etc/ssl/certs/ca-certificates.crt"] = "ca-certificates"  # which makes it
        self.assertEqual([path for path, package in packages.items() if package not in listed], [])
        owning = set(packages.values())
        debian = {p["name"] for p in self.parts()["packages"]
                  if p["externalRefs"][0]["referenceLocator"].startswith("pkg:deb/")}
        self.assertEqual(listed & debian, owning, "and nothing that is not there")

    def test_what_is_compiled_in_is_listed(self):
        """What the sources include from other packages' headers, most of which leave no library behind."""
        compiled = self.names("STATIC_LINK")
        included = set()
        for file in (file for folder in ("pkg", "cmd") for file in (ROOT / folder).rglob("*.[ch]*")):
            included.update(re.findall(r"^#include <([^>]+)>", file.read_text("utf-8"), re.M))
        places = ("/usr/include", "/usr/include/c++/12")
        paths = [f"{place}/{header}" for place in places for header in included if Path(place, header).is_file()]
        packages = set(owners(paths).values())
        self.assertGreaterEqual(packages, {"libboost1.74-dev", "nlohmann-json3-dev", "libcli11-dev", "libspdlog-dev"})
        self.assertLessEqual(packages, compiled)

    def test_a_file_of_nobody_is_no_part(self):
        with self.assertRaisesRegex(ValueError, "no package owns .*image_test.py"):
            sbom.spdx("0", {Path("/usr/bin/dpkg"), Path(__file__)}, set())


if __name__ == "__main__":
    unittest.main()
