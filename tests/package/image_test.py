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

sys.path.insert(0, str(Path(__file__).parents[1] / "integration"))
from support.ports import HeldPorts  # noqa: E402  (its folder is on the path now)

BINARY = os.environ["RESPRING_BIN"]
PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
USER = 10001


def build(out):
    done = subprocess.run([sys.executable, "-B", str(PACKAGING / "image.py"), "--binary", BINARY, "--out",
                           str(out)], capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


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
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
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

    def test_its_parts_are_listed(self):
        parts = json.loads(Path(f"{self.image}.spdx.json").read_text("utf-8"))
        self.assertEqual(parts["spdxVersion"], "SPDX-2.3")
        names = {p["name"] for p in parts["packages"]}
        for part in ("respring", "libc6", "libsqlite3-0", "librdkafka1", "libmariadb3", "libcurl4", "libtinyxml2-9", "react"):
            self.assertIn(part, names)
        ids = [p["SPDXID"] for p in parts["packages"]]
        self.assertEqual(len(ids), len(set(ids)))
        for one in ids:
            self.assertRegex(one, r"^SPDXRef-[A-Za-z0-9.-]+$")
        related = {r["relatedSpdxElement"] for r in parts["relationships"]}
        self.assertEqual(related, set(ids))
        self.assertTrue(all(p["versionInfo"] for p in parts["packages"]))
        # Every library has an owner: none was copied from nowhere.
        libraries = [m.name for m in self.members if re.search(r"\.so(\.|$)", m.name)]
        owners = sum(p["externalRefs"][0]["referenceLocator"].startswith("pkg:deb/") for p in parts["packages"])
        self.assertGreaterEqual(len(libraries), owners)
        self.assertGreater(owners, 15)


if __name__ == "__main__":
    unittest.main()
