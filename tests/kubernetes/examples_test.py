"""manifests/examples make the servers that manifests/prod.yaml names."""

import re
import unittest
import urllib.parse
from pathlib import Path

import yaml

import tools
from manifests_test import respring

EXAMPLES = Path(__file__).resolve().parents[2] / "manifests/examples"
# Not ours to make: any S3, and where traces go.
FOREIGN_NAMESPACES = {"storage", "observability"}


def objects():
    return [item for file in sorted(EXAMPLES.glob("*.yaml")) for item in yaml.safe_load_all(file.read_text("utf-8"))]


def served(item):
    """Host and ports that the object's operator makes of it."""
    name, space = item["metadata"]["name"], item["metadata"]["namespace"]
    match item["kind"]:
        case "Service":
            return {(f"{name}.{space}", port["port"]) for port in item["spec"]["ports"]}
        case "Kafka":  # Strimzi: NAME-kafka-bootstrap with every internal listener
            return {(f"{name}-kafka-bootstrap.{space}", listener["port"])
                    for listener in item["spec"]["kafka"]["listeners"] if listener["type"] == "internal"}
        case "Elasticsearch":  # ECK: NAME-es-http
            return {(f"{name}-es-http.{space}", 9200)}
        case "InnoDBCluster":  # the MySQL Operator: the cluster's name, to its routers
            return {(f"{name}.{space}", 3306)}
    return set()


def settings():
    """Those of all ConfigMaps with a respring.yaml."""
    for item in yaml.safe_load_all(respring("render", "--env", "prod")):
        if item["kind"] == "ConfigMap" and "respring.yaml" in item.get("data", {}):
            yield yaml.safe_load(item["data"]["respring.yaml"])


def addresses(value):
    """Of every URL with a user or without, wherever it stands."""
    if isinstance(value, dict):
        return {found for one in value.values() for found in addresses(one)}
    if isinstance(value, list):
        return {found for one in value for found in addresses(one)}
    found = set()
    for url in re.findall(r"\b(?:mysql|redis|kafka|elasticsearch\+http)://[^\s,]+", str(value)):
        parts = urllib.parse.urlsplit(url)
        found.add((parts.hostname, parts.port))
    return found


class Examples(unittest.TestCase):
    def test_they_serve_what_prod_names_and_nothing_else(self):
        wanted = {address for one in settings() for address in addresses(one)
                  if address[0].rpartition(".")[2] not in FOREIGN_NAMESPACES}
        self.assertGreater(len(wanted), 8)
        self.assertEqual(wanted, {address for item in objects() for address in served(item)})

    def test_objects_of_kubernetes_are_as_it_publishes_them(self):
        known = [item for item in objects() if item["kind"] in ("Service", "StatefulSet")]
        self.assertEqual(len(known), 4)
        for version in tools.VERSIONS:
            schemas = tools.Schemas(version)
            for item in known:
                self.assertEqual(schemas.wrong(item), [], (version, item["metadata"]["name"]))

    def test_the_databases_are_those_of_prod(self):
        made = re.findall(r"^CREATE DATABASE (\w+)", (EXAMPLES / "mysql.sql").read_text("utf-8"), re.MULTILINE)
        named = {name for one in settings() for name in re.findall(r"mysql://[^/]+/(\w+)", str(one))}
        self.assertEqual(sorted(made), sorted(named))


if __name__ == "__main__":
    unittest.main()
