"""Objects of the Prometheus operator before the types that it publishes."""

import json
import subprocess
import tempfile
import unittest
from pathlib import Path

import yaml

from manifests_test import ENVIRONMENTS, FOREIGN, respring

JUDGE = Path(__file__).resolve().parent / "operators/wrong.mjs"


class OperatorsObjects(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.objects = [item for environment in ENVIRONMENTS
                        for item in yaml.safe_load_all(respring("render", "--env", environment))
                        if item["kind"] in FOREIGN]

    def wrong(self, *objects):
        files = [self.folder / f"{number}.json" for number in range(len(objects))]
        for file, item in zip(files, objects):
            file.write_text(json.dumps(item), "utf-8")
        done = subprocess.run(["node", str(JUDGE), *map(str, files)], capture_output=True, text=True,
                              timeout=120, check=True)
        return json.loads(done.stdout)

    def test_they_are_as_the_operator_defines_them(self):
        self.assertEqual({item["kind"] for item in self.objects}, FOREIGN)
        self.assertEqual(self.wrong(*self.objects), [])

    def test_what_is_not_is_seen(self):
        """A field that is not there, one that is missing: else the test above proves nothing."""
        of_kind = {item["kind"]: item for item in self.objects}
        for kind, change in (("PodMonitor", lambda spec: spec.update(podMetricEndpoints=[])),
                             ("PrometheusRule", lambda spec: spec["groups"][0]["rules"][0].pop("expr"))):
            broken = json.loads(json.dumps(of_kind[kind]))
            change(broken["spec"])
            self.assertNotEqual(self.wrong(broken), [], kind)


if __name__ == "__main__":
    unittest.main()
