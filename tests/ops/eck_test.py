"""The Elasticsearch of manifests/examples before the custom resource definition that Elastic publishes."""

import copy
import sys
import unittest
from pathlib import Path

import jsonschema
import yaml

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import gotools  # noqa: E402

EXAMPLE = HERE.parents[1] / "manifests/examples/elasticsearch.yaml"


def strict(schema):
    """The same, in which a field that nobody knows is wrong: an API server would drop it."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items()}
    free = "additionalProperties" in schema or schema.get("x-kubernetes-preserve-unknown-fields")
    if isinstance(schema.get("properties"), dict) and not free:
        made["additionalProperties"] = False
    return made


class Elasticsearch(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        definitions = yaml.safe_load_all(Path(gotools.eck_crds()).read_text("utf-8"))
        kind = next(d for d in definitions if d and d["spec"]["names"]["kind"] == "Elasticsearch")
        cls.versions = {version["name"]: version["schema"]["openAPIV3Schema"] for version in kind["spec"]["versions"]}
        cls.example = yaml.safe_load(EXAMPLE.read_text("utf-8"))

    def wrong(self, item):
        schema = self.versions[item["apiVersion"].rpartition("/")[2]]["properties"]["spec"]
        return [error.message for error in jsonschema.Draft202012Validator(strict(schema)).iter_errors(item["spec"])]

    def test_it_is_as_the_definition_says(self):
        self.assertEqual(self.wrong(self.example), [])

    def test_what_is_not_is_seen(self):
        for change in (lambda spec: spec.pop("version"), lambda spec: spec.update(nodesets=[]),
                       lambda spec: spec["nodeSets"][0].update(count="three")):
            broken = copy.deepcopy(self.example)
            change(broken["spec"])
            self.assertNotEqual(self.wrong(broken), [])


if __name__ == "__main__":
    unittest.main()
