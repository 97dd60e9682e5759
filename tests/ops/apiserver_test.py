"""Every environment before a real Kubernetes API server: a server-side dry run, and no word of pod security."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration"), str(HERE.parent / "kubernetes")]
import gotools  # noqa: E402
import tools  # noqa: E402
from support.ports import HeldPorts  # noqa: E402
from support.server import run  # noqa: E402

ENVIRONMENTS = ("dev", "staging", "prod")
TOKEN = "of-this-test-alone"
# Kinds of operators, so that objects of theirs are taken; what they say is judged in tests/kubernetes.
FOREIGN = {"PodMonitor": "podmonitors", "PrometheusRule": "prometheusrules"}


def definition(kind, plural):
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{plural}.monitoring.coreos.com"},
            "spec": {"group": "monitoring.coreos.com", "scope": "Namespaced",
                     "names": {"kind": kind, "plural": plural, "singular": kind.lower()},
                     "versions": [{"name": "v1", "served": True, "storage": True,
                                   "schema": {"openAPIV3Schema": anything}}]}}


class Cluster:
    """An etcd and an API server, nobody else: what is applied stays as it is."""

    def __init__(self, folder):
        self.folder = folder
        self.processes = []
        self.ports = HeldPorts(3)
        client, peer, self.port = self.ports.numbers
        etcd = shutil.which("etcd")
        assert etcd, "there is no etcd; `make test-ops-slow` installs it (Debian's etcd-server)"
        at = f"http://127.0.0.1:{client}"
        self.begin("etcd", [etcd, "--data-dir", folder / "etcd", "--listen-client-urls", at, "--advertise-client-urls", at,
                            "--listen-peer-urls", f"http://127.0.0.1:{peer}", "--unsafe-no-fsync"])
        key = folder / "accounts.key"
        subprocess.run(["openssl", "genrsa", "-out", str(key), "2048"], check=True, capture_output=True)
        tokens = folder / "tokens.csv"
        tokens.write_text(f"{TOKEN},admin,admin,system:masters\n", "ascii")
        self.begin("apiserver", [
            gotools.apiserver(), f"--etcd-servers={at}", "--bind-address=127.0.0.1", f"--secure-port={self.port}",
            f"--cert-dir={folder / 'certificates'}", f"--token-auth-file={tokens}", "--authorization-mode=RBAC",
            "--service-account-issuer=https://cluster.invalid", f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}", "--service-cluster-ip-range=10.96.0.0/16"])
        self.wait(lambda: self.kubectl("get", "--raw", "/readyz").returncode == 0)

    def begin(self, name, words):
        with open(self.folder / f"{name}.log", "wb") as log:
            self.processes.append(subprocess.Popen([str(w) for w in words], stdin=subprocess.DEVNULL, stdout=log,
                                                   stderr=log, cwd=self.folder))

    def wait(self, done):
        deadline = time.monotonic() + 120
        while not done():
            alive = all(process.poll() is None for process in self.processes)
            logs = "".join((self.folder / f"{name}.log").read_text("utf-8")[-3000:] for name in ("etcd", "apiserver")
                           if (self.folder / f"{name}.log").exists())
            assert alive and time.monotonic() < deadline, logs
            time.sleep(0.2)

    def kubectl(self, *words, text=None):
        return subprocess.run(
            [tools.kubectl(), "--server", f"https://127.0.0.1:{self.port}", "--token", TOKEN,
             "--certificate-authority", str(self.folder / "certificates/apiserver.crt"), *words],
            input=text, capture_output=True, text=True, timeout=120, check=False,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder)})

    def apply(self, *items, dry=True):
        words = ["--dry-run=server"] if dry else []
        return self.kubectl("apply", "--server-side", "--validate=strict", *words, "-f", "-",
                            text=yaml.safe_dump_all(items))

    def close(self):
        for process in reversed(self.processes):
            process.terminate()
            process.wait(60)
        self.ports.close()


class ApiServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="respring-apiserver-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.cluster = Cluster(cls.folder)
        cls.addClassCleanup(cls.cluster.close)
        made = cls.cluster.apply(*(definition(*names) for names in FOREIGN.items()), dry=False)
        assert made.returncode == 0, made.stderr
        for plural in FOREIGN.values():
            cls.cluster.wait(lambda name=plural: cls.cluster.kubectl("get", name, "-A").returncode == 0)

    def built(self, environment):
        """What kustomize makes of the overlay; its namespace stands already, or nothing else could be judged."""
        out = self.folder / environment
        if not out.exists():
            done = run("manifests", "render", "--env", environment, "--out", str(out))
            self.assertEqual(done.returncode, 0, done.stderr)
        done = subprocess.run([tools.kubectl(), "kustomize", str(out / "overlays" / environment)],
                              capture_output=True, text=True, timeout=60, check=True)
        items = list(yaml.safe_load_all(done.stdout))
        namespaces = [item for item in items if item["kind"] == "Namespace"]
        self.assertEqual(len(namespaces), 1)
        made = self.cluster.apply(*namespaces, dry=False)
        self.assertEqual((made.returncode, made.stderr), (0, ""))
        return items

    def test_every_overlay_is_taken_without_a_warning(self):
        for environment in ENVIRONMENTS:
            with self.subTest(environment):
                items = self.built(environment)
                done = self.cluster.apply(*items)
                self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout[-3000:])
                self.assertEqual(done.stdout.count("(server dry run)"), len(items))

    def test_what_was_applied_can_be_applied_again(self):
        """Nothing that is refused the second time, as a Job that has changed; and nothing of the first stays different."""
        items = self.built("prod")
        for _ in range(2):
            done = self.cluster.apply(*items, dry=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
        again = self.cluster.kubectl("diff", "--server-side", "-f", "-", text=yaml.safe_dump_all(items))
        self.assertEqual((again.returncode, again.stdout), (0, ""), again.stderr)

    def test_jobs_for_operators_are_taken(self):
        self.built("prod")
        files = sorted((self.folder / "prod/overlays/prod/jobs").glob("*.yaml"))
        self.assertGreater(len(files), 1)
        for file in files:
            done = self.cluster.apply(*yaml.safe_load_all(file.read_text("utf-8")))
            self.assertEqual((done.returncode, done.stderr), (0, ""), file.name)

    def test_what_is_wrong_is_seen(self):
        """A pod that may do more than restricted, a field that is not there, a value out of bounds: else the tests above
        prove nothing."""
        items = self.built("prod")

        def broken(change):
            item = next(i for i in items if i["kind"] == "Deployment")
            item = yaml.safe_load(yaml.safe_dump(item))
            change(item["spec"]["template"]["spec"])
            return self.cluster.apply(item)

        allowed = broken(lambda pod: pod["containers"][0]["securityContext"].update(allowPrivilegeEscalation=True))
        self.assertIn("would violate PodSecurity", allowed.stderr)
        unknown = broken(lambda pod: pod["containers"][0].update(livenesProbe={}))
        self.assertIn("livenesProbe", unknown.stderr)
        self.assertNotEqual(unknown.returncode, 0)
        bounds = broken(lambda pod: pod.update(terminationGracePeriodSeconds=-1))
        self.assertIn("terminationGracePeriodSeconds", bounds.stderr)
        self.assertNotEqual(bounds.returncode, 0)


if __name__ == "__main__":
    unittest.main()
