"""Every environment, as kustomize builds it and as Kubernetes' schemas see it."""

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import yaml

import tools

BINARY = os.environ["RESPRING_BIN"]
ENVIRONMENTS = ("dev", "staging", "prod")
# Every value and switch at once.
OWN_NAMES = str(Path(__file__).resolve().parents[1] / "golden/manifests/own-names.values.yaml")
# Kinds of operators, which Kubernetes does not publish.
FOREIGN = {"PodMonitor", "PrometheusRule"}


def respring(*words):
    return subprocess.run([BINARY, "manifests", *words], capture_output=True, text=True, timeout=60,
                          check=True, env={"LC_ALL": "C.UTF-8"}).stdout


def by_name(text):
    found = {}
    for item in yaml.safe_load_all(text):
        key = (item["kind"], item["metadata"]["name"])
        assert key not in found, f"{key} stands there twice"
        found[key] = item
    return found


class Manifests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def build(self, environment):
        out = self.folder / environment
        respring("render", "--env", environment, "--out", str(out))
        return subprocess.run([tools.kubectl(), "kustomize", str(out / "overlays" / environment)],
                              capture_output=True, text=True, timeout=60, check=True).stdout

    def test_kustomize_makes_of_base_and_overlay_what_the_stream_says(self):
        for environment in ENVIRONMENTS:
            with self.subTest(environment):
                built = by_name(self.build(environment))
                stream = by_name(respring("render", "--env", environment))
                self.assertEqual(sorted(built), sorted(stream))
                for key, item in stream.items():
                    self.assertEqual(built[key], item, key)

    def test_kustomize_builds_the_base_alone(self):
        respring("render", "--env", "prod", "--out", str(self.folder / "prod"))
        done = subprocess.run([tools.kubectl(), "kustomize", str(self.folder / "prod" / "base")],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_what_kustomize_built_keeps_every_rule(self):
        built = self.folder / "built.yaml"
        built.write_text(self.build("prod"), "utf-8")
        self.assertIn("no findings", respring("check", str(built)))

    def test_the_schemas_of_the_oldest_and_the_newest_version_accept_all_objects(self):
        for version in tools.VERSIONS:
            schemas = tools.Schemas(version)
            for environment in (*ENVIRONMENTS, "own names"):
                words = ("dev", "--values", OWN_NAMES) if environment == "own names" else (environment,)
                for key, item in by_name(respring("render", "--env", *words)).items():
                    wrong = schemas.wrong(item)
                    if wrong is None:
                        self.assertIn(item["kind"], FOREIGN)
                        continue
                    self.assertEqual(wrong, [], f"{version} {environment} {key}")

    def test_jobs_for_operators_fit_the_schema_and_start_suspended(self):
        respring("render", "--env", "prod", "--out", str(self.folder / "prod"))
        files = sorted((self.folder / "prod/overlays/prod/jobs").glob("*.yaml"))
        self.assertEqual([f.name for f in files],
                         ["job-respring-doctor.yaml", "job-respring-move.yaml", "job-respring-rebalance.yaml"])
        schemas = tools.Schemas(tools.VERSIONS[-1])
        for file in files:
            job = yaml.safe_load(file.read_text("utf-8"))
            self.assertEqual(schemas.wrong(job), [])
            self.assertIs(job["spec"]["suspend"], True)
            asks = file.name == "job-respring-doctor.yaml"  # what it finds once it finds again
            self.assertEqual(job["spec"]["backoffLimit"], 0 if asks else 6)

    def test_jobs_end_and_repeat_nothing_that_was_refused(self):
        respring("render", "--env", "prod", "--out", str(self.folder / "prod"))
        rendered = by_name(respring("render", "--env", "prod"))
        specs = [item["spec"] for (kind, _), item in rendered.items() if kind == "Job"]
        specs += [item["spec"]["jobTemplate"]["spec"] for (kind, _), item in rendered.items() if kind == "CronJob"]
        specs += [yaml.safe_load(file.read_text("utf-8"))["spec"]
                  for file in (self.folder / "prod/overlays/prod/jobs").glob("*.yaml")]
        self.assertEqual(len(specs), 5)
        for spec in specs:
            self.assertGreater(spec["activeDeadlineSeconds"], 0)
            asks = spec["template"]["spec"]["containers"][0]["args"] == ["doctor"]
            self.assertEqual(spec["backoffLimit"] > 0, not asks)
            # Kubernetes takes a failure policy only so.
            self.assertEqual(spec["template"]["spec"]["restartPolicy"], "Never")
            final, disrupted = spec["podFailurePolicy"]["rules"]
            self.assertEqual(final, {"action": "FailJob", "onExitCodes": {"operator": "In", "values": [4, 64, 78]}})
            self.assertEqual(disrupted["action"], "Ignore")

    def test_development_servers_are_watched_and_changed_with_their_settings(self):
        sets = {name: item["spec"]["template"] for (kind, name), item in
                by_name(respring("render", "--env", "dev")).items() if kind == "StatefulSet"}
        self.assertEqual(sorted(sets), [f"respring-{name}" for name in ("elasticsearch", "kafka", "mysql", "redis")])
        for name, template in sets.items():
            container, = template["spec"]["containers"]
            self.assertIn("livenessProbe", container, name)
            self.assertIs(container["securityContext"]["readOnlyRootFilesystem"], name[9:] in ("mysql", "redis"), name)
        self.assertIn("respring/config-hash", sets["respring-mysql"]["metadata"]["annotations"])

    def test_development_servers_ask_for_the_passwords_that_are_named(self):
        values = self.folder / "values.yaml"
        values.write_text(json.dumps({"secrets": {"redis": "r", "search": "s"}, "config": {
            "search": "elasticsearch+http://elastic@respring-elasticsearch:9200"}}))
        for words, wanted in (((), set()), (("--values", str(values)), {("r", "REDIS_PASSWORD"), ("s", "ELASTIC_PASSWORD")})):
            rendered = by_name(respring("render", "--env", "dev", *words))
            asked = {(variable["valueFrom"]["secretKeyRef"]["name"], variable["name"])
                     for name in ("redis", "elasticsearch")
                     for variable in rendered["StatefulSet", f"respring-{name}"]["spec"]["template"]["spec"]
                     ["containers"][0].get("env", []) if "valueFrom" in variable}
            self.assertEqual(asked, wanted)
            redis, = rendered["StatefulSet", "respring-redis"]["spec"]["template"]["spec"]["containers"]
            self.assertEqual('--requirepass "$REDIS_PASSWORD"' in redis["command"][-1], bool(wanted))

    def test_pods_carry_the_recommended_labels_and_ask_names_of_kube_system_only(self):
        wanted = {f"app.kubernetes.io/{name}" for name in
                  ("name", "component", "instance", "version", "part-of", "managed-by")}
        for (kind, name), item in by_name(respring("render", "--env", "dev")).items():
            template = item.get("spec", {}).get("template")
            if template:
                self.assertEqual(wanted - set(template["metadata"]["labels"]), set(), (kind, name))
            if kind == "NetworkPolicy":
                rules = [rule for rule in item["spec"].get("egress", []) if {"protocol": "UDP", "port": 53} in
                         rule.get("ports", [])]
                for rule in rules:
                    self.assertEqual([peer["namespaceSelector"] for peer in rule["to"]],
                                     [{"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}])

    def test_one_secret_may_hold_everything_and_have_the_longest_name(self):
        name = "s" * 62 + "x"
        values = self.folder / "values.yaml"
        values.write_text(json.dumps({"secrets": {"cluster": name, "databases": name, "redis": name[:-1] + "y"}}))
        rendered = by_name(respring("render", "--env", "dev", "--values", str(values)))
        schemas = tools.Schemas(tools.VERSIONS[-1])
        pod = rendered["Deployment", "respring-user"]["spec"]["template"]["spec"]
        for workload in rendered.values():
            if workload["kind"] == "Deployment":
                self.assertEqual(schemas.wrong(workload), [])
        names = [volume["name"] for volume in pod["volumes"]]
        mounted = [mount["mountPath"] for mount in pod["containers"][0]["volumeMounts"]]
        self.assertEqual((len(set(names)), len(set(mounted))), (4, 4), (names, mounted))
        self.assertLessEqual(max(map(len, names)), 63)
        self.assertEqual([mount["name"] for mount in pod["containers"][0]["volumeMounts"]], names)
        both = [volume["secret"]["items"] for volume in pod["volumes"] if volume.get("secret", {}).get("secretName") == name]
        self.assertEqual([[item["key"] for item in items] for items in both], [["key", "password"]])
        self.assertIn("no findings", respring("check", str(self.stream(values))))

    def stream(self, values):
        file = self.folder / "stream.yaml"
        file.write_text(respring("render", "--env", "dev", "--values", str(values)), "utf-8")
        return file

    def test_the_schemas_do_refuse(self):
        """Else the tests above would prove nothing."""
        deployment = by_name(respring("render", "--env", "prod"))["Deployment", "respring-user"]
        schemas = tools.Schemas(tools.VERSIONS[-1])
        for path, value in ((("spec", "replica"), 2), (("spec", "strategy"), "Recreate")):
            broken = json.loads(json.dumps(deployment))
            broken[path[0]][path[1]] = value
            self.assertNotEqual(schemas.wrong(broken), [])


if __name__ == "__main__":
    unittest.main()
