"""manifests: what is written, replaced and refused, and how differences are told."""

import os
import re
import tempfile
import unittest
from pathlib import Path

from support.server import run


class Manifests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.out = self.folder / "deploy"

    def manifests(self, *words, **kwargs):
        return run("manifests", *words, cwd=self.folder, **kwargs)

    def render(self, *words):
        return self.manifests("render", "--env", "prod", "--out", str(self.out), *words)

    def test_what_is_rendered_differs_from_nothing_and_breaks_no_rule(self):
        done = self.render()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("create secret generic respring-cluster --from-file=key=FILE", done.stderr)
        same = self.manifests("diff", "--env", "prod", str(self.out))
        self.assertEqual(same.returncode, 0, same.stdout)
        checked = self.manifests("check", str(self.out))
        self.assertEqual((checked.returncode, checked.stdout.split(":")[0]), (0, "no findings"))

    def test_differences_are_shown_and_end_with_1(self):
        self.render()
        changed = self.out / "base/service-respring-room.yaml"
        changed.write_text(changed.read_text("utf-8").replace("targetPort: http", "targetPort: web"))
        (self.out / "base/extra.yaml").write_text("a: 1\n")
        (self.out / "base/deployment-respring-user.yaml").unlink()
        done = self.manifests("diff", "--env", "prod", str(self.out))
        self.assertEqual(done.returncode, 1)
        self.assertIn("-      targetPort: web\n+      targetPort: http\n", done.stdout)
        self.assertIn("--- base/extra.yaml", done.stdout)
        self.assertIn("3 files differ", done.stderr)

    def test_a_render_replaces_the_earlier_one_as_a_whole(self):
        self.render()
        (self.out / "base/extra.yaml").write_text("a: 1\n")
        self.assertEqual(self.render().returncode, 0)
        self.assertFalse((self.out / "base/extra.yaml").exists())
        self.assertEqual(os.listdir(self.folder), ["deploy"])

    def test_a_folder_of_somebody_else_is_left_alone(self):
        self.out.mkdir()
        (self.out / "mine.txt").write_text("mine")
        done = self.render()
        self.assertEqual(done.returncode, 4)
        self.assertIn("did not come from", done.stderr)
        self.assertEqual(os.listdir(self.folder), ["deploy"])
        self.assertEqual(os.listdir(self.out), ["mine.txt"])

    def test_a_migration_that_differs_in_anything_is_another_job(self):
        """Kubernetes refuses to change a Job, and `kubectl apply` with it."""
        names = []
        for text in ("{}", f"image: {{digest: 'sha256:{'a' * 64}'}}", "image: {pull_policy: Always}",
                     "image: {pull_secret: other}", "image: {tag: '9'}", "secrets: {databases: other}",
                     "config: {log: {level: debug}}"):
            (self.folder / "values.yaml").write_text(text)
            done = self.manifests("render", "--env", "prod", "--values", "values.yaml")
            names += re.findall(r"(?m)^  name: (respring-migrate-\w+)$", done.stdout)
        self.assertEqual((len(names), len(set(names))), (7, 7), names)

    def test_what_cannot_be_written_leaves_nothing_behind(self):
        (self.folder / "file").write_text("")
        done = self.manifests("render", "--env", "prod", "--out", "file/deploy")
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(os.listdir(self.folder), ["file"])
        done = self.manifests("render", "--env", "prod", "--out", "")
        self.assertEqual((done.returncode, os.listdir(self.folder)), (64, ["file"]), done.stderr)
        self.assertIn("the folder has no name", done.stderr)

    def test_wrong_values_end_with_78_and_write_nothing(self):
        values = self.folder / "values.yaml"
        values.write_text("roles:\n  gateway: {replica: 2}\nshutdown: {grace_seconds: 10}\n")
        done = self.render("--values", str(values))
        self.assertEqual(done.returncode, 78)
        self.assertIn("values.yaml:2: unknown setting 'roles.gateway.replica'; "
                      "did you mean 'roles.gateway.replicas'?", done.stderr)
        self.assertFalse(self.out.exists())
        missing = self.render("--values", "nowhere.yaml")
        self.assertEqual(missing.returncode, 78)

    def test_one_tree_holds_all_environments(self):
        names = [word for name in ("dev", "staging", "prod") for word in ("--env", name)]
        done = self.manifests("render", *names, "--out", str(self.out))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sorted(os.listdir(self.out / "overlays")), ["dev", "prod", "staging"])
        self.assertEqual(self.manifests("diff", *names, str(self.out)).returncode, 0)
        checked = self.manifests("check", str(self.out))
        self.assertEqual((checked.returncode, checked.stdout.split(":")[0]), (0, "no findings"))
        self.assertEqual(self.manifests("render", *names, "--out", str(self.out)).returncode, 0)
        # One of them alone would remove the others.
        alone = self.render()
        self.assertEqual(alone.returncode, 4)
        self.assertIn("kubernetes dev, which would be gone", alone.stderr)
        self.assertEqual(sorted(os.listdir(self.out / "overlays")), ["dev", "prod", "staging"])

    def test_the_folder_of_another_environment_or_target_is_left_alone(self):
        self.render()
        before = {str(path): path.read_bytes() for path in self.out.rglob("*") if path.is_file()}
        for words in (("--env", "staging"), ("--env", "prod", "--target", "systemd")):
            done = self.manifests("render", *words, "--out", str(self.out))
            self.assertEqual(done.returncode, 4, done.stderr)
            self.assertIn("kubernetes prod, which would be gone", done.stderr)
        after = {str(path): path.read_bytes() for path in self.out.rglob("*") if path.is_file()}
        self.assertEqual(after, before)
        self.assertEqual(os.listdir(self.folder), ["deploy"])

    def test_several_environments_are_a_tree_of_a_cluster(self):
        two = ("--env", "staging", "--env", "prod")
        self.assertEqual(self.manifests("render", *two).returncode, 64)
        self.assertEqual(self.manifests("render", *two, "--target", "systemd", "--out", "root").returncode, 64)
        self.assertEqual(os.listdir(self.folder), [])

    def test_unknown_environments_and_missing_words_end_with_64(self):
        done = self.manifests("render", "--env", "stagin")
        self.assertEqual(done.returncode, 64)
        self.assertIn("did you mean 'staging'?", done.stderr)
        self.assertEqual(self.manifests("render").returncode, 64)
        for word in ("", "base", "prod,dev"):
            self.assertEqual(self.manifests("render", "--env", word, "--out", "deploy").returncode, 64, word)
            self.assertFalse(self.out.exists())
        self.assertEqual(self.manifests("check").returncode, 64)
        self.assertEqual(self.manifests("check", "nowhere").returncode, 64)
        self.assertEqual(self.manifests("diff", "--env", "prod", "nowhere").returncode, 64)
        self.assertEqual(self.manifests("render", "--env", "prod", "--target", "nomad").returncode, 64)

    def test_findings_end_with_1_and_name_rule_object_and_path(self):
        self.render()
        file = self.out / "base/deployment-respring-user.yaml"
        file.write_text(file.read_text("utf-8").replace("readOnlyRootFilesystem: true",
                                                        "readOnlyRootFilesystem: false"))
        done = self.manifests("check", str(self.out))
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"prod +read-only-root +Deployment respring-user +"
                                      r"containers\[respring\]\.securityContext\.readOnlyRoot")

    def test_jobs_that_people_start_are_judged_like_the_rest(self):
        self.render()
        file = self.out / "overlays/prod/jobs/job-respring-move.yaml"
        good = file.read_text("utf-8")
        for before, after, rule in (("runAsNonRoot: true", "runAsNonRoot: false", "restricted"),
                                    ("- move\n", "- mooove\n", "command"),
                                    ("- shard-3\n", "- shard-9\n", "command")):
            self.assertIn(before, good)
            file.write_text(good.replace(before, after), "utf-8")
            done = self.manifests("check", str(self.out))
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertRegex(done.stdout, f"prod +{rule} +Job respring-move ")

    def test_every_environment_and_every_value_breaks_no_rule(self):
        own_names = str(Path(__file__).parents[1] / "golden/manifests/own-names.values.yaml")
        for words in (("dev",), ("staging",), ("prod",), ("dev", "--values", own_names)):
            out = str(self.folder / f"out-{len(words)}-{words[0]}")
            self.assertEqual(self.manifests("render", "--env", *words, "--out", out).returncode, 0)
            done = self.manifests("check", out)
            self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)

    def test_servers_that_no_policy_lets_through_are_found(self):
        self.render()
        values = self.folder / "values.yaml"
        values.write_text("network: {redis: [namespace reddis], tracing: [namespace elsewhere]}\n")
        self.assertEqual(self.render("--values", str(values)).returncode, 0)
        done = self.manifests("check", str(self.out))
        self.assertEqual(done.returncode, 1)
        for policy, setting in (("gateway", "redis.limits"), ("websocket", "redis.pubsub"),
                                ("operator", "redis.sessions"), ("room", "telemetry.otlp_endpoint")):
            self.assertRegex(done.stdout, f"network-server +NetworkPolicy respring-{policy} +.*{setting}")

    def test_what_is_no_kubernetes_is_refused(self):
        done = self.render("--target", "systemd")
        self.assertEqual(done.returncode, 0, done.stderr)
        done = self.manifests("check", str(self.out))
        self.assertEqual(done.returncode, 64, done.stdout)
        self.assertIn("is a unit of systemd", done.stderr)
        done = self.manifests("check", str(self.out / "etc"))
        self.assertEqual(done.returncode, 64, done.stdout)
        self.assertIn("it has no kind", done.stderr)

    def test_what_a_kustomization_says_beyond_what_is_read_is_refused(self):
        self.render()
        file = self.out / "overlays/prod/kustomization.yaml"
        file.write_text(file.read_text("utf-8") + "namePrefix: our-\n")
        done = self.manifests("check", str(self.out))
        self.assertEqual(done.returncode, 64)
        self.assertIn("'namePrefix' is not read here", done.stderr)

    def test_lists_of_objects_are_opened(self):
        file = self.folder / "list.yaml"
        file.write_text("kind: List\nitems: [{kind: Service, metadata: {name: a}}]\n")
        done = self.manifests("check", str(file))
        self.assertEqual(done.returncode, 1)
        self.assertIn("Service a", done.stdout)

    def test_foreign_yaml_is_judged_or_refused_never_a_crash(self):
        for text in ("", "kind: Deployment\n", "a: [1, 2\n", "- 1\n- 2\n", "just text\n",
                     "kind: Pod\nspec: {containers: 7}\n", "---\n---\n{}\n"):
            file = self.folder / "foreign.yaml"
            file.write_text(text)
            done = self.manifests("check", str(file))
            self.assertIn(done.returncode, (0, 1, 64), (text, done.stderr))


if __name__ == "__main__":
    unittest.main()
