#!/usr/bin/env python3
"""The documents describe exactly what the binary serves: the routes, their methods, the frames."""

import re
import unittest
from pathlib import Path

from support import contract
from support.case import ServerTest
from support.schema import Mismatch, Validator

SOURCES = Path(__file__).resolve().parents[2] / "pkg/services"
METHODS = ("get", "post", "put", "patch", "delete")
EXAMPLES = {"room": "7309482375000064", "user": "7309482000000010", "session": "current", "seq": "1",
            "emoji": "%F0%9F%91%8D", "code": "none"}


def documented():
    """{(METHOD, path)} of docs/openapi.json."""
    return {(method.upper(), path) for path, item in contract.openapi()["paths"].items()
            for method in METHODS if method in item}


def routed():
    """{(METHOD, path)} that the sources add to a router."""
    found = set()
    for file in SOURCES.glob("*/*.cc"):
        text = file.read_text(encoding="utf-8")
        names = {}
        for name, expression in re.findall(r"const std::string (\w+) = ([^;]*\"/[^;]*);", text):
            names[name] = value_of(expression, names)
        for method, expression in re.findall(
                r"\.add\((?:net::)?Method::(\w+),\s*([^,]+),", text):
            found.add((method.rstrip("_").upper(), value_of(expression, names)))
    return found


def value_of(expression, names):
    """What a C++ sum of literals and names known so far means."""
    parts = [part.strip() for part in expression.split("+")]
    return "".join(part[1:-1] if part.startswith('"') else names[part] for part in parts)


class Documents(ServerTest):
    def test_both_are_served_as_they_are_in_docs(self):
        for name in ("openapi", "asyncapi"):
            answer = self.anyone.get(f"/v1/{name}.json")
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer.body.decode(), (contract.DOCS / f"{name}.json").read_text())
        self.assertTrue(contract.openapi()["openapi"].startswith("3.1"))
        self.assertTrue(contract.asyncapi()["asyncapi"].startswith("3.0"))

    def test_the_document_has_the_routes_of_the_sources_and_no_other(self):
        self.assertGreater(len(routed()), 30, "the routes were found in the sources")
        self.assertEqual(documented() - {("GET", "/v1/ws")}, routed())

    def test_each_path_serves_the_documented_methods_and_no_other(self):
        person = self.person()
        for path, item in contract.openapi()["paths"].items():
            concrete = re.sub(r"\{(\w+)\}", lambda m: EXAMPLES[m.group(1)], path)
            wanted = {m.upper() for m in METHODS if m in item}
            if "GET" in wanted and path != "/v1/ws":
                wanted.add("HEAD")
            with self.subTest(path=path):
                for method in ("OPTIONS", "TRACE", "BREW"):
                    answer = person.request(method, concrete, checked=False)
                    self.refused(answer, 405, "method_not_allowed")
                    allowed = {m.strip() for m in answer.headers["allow"].split(",")}
                    self.assertEqual(allowed, wanted)

    def test_every_documented_call_is_answered_by_its_route(self):
        person = self.person()
        # Nobody is erased or logged out by this, since the bodies are not valid.
        for method, path in sorted(documented()):
            concrete = re.sub(r"\{(\w+)\}", lambda m: EXAMPLES[m.group(1)], path)
            with self.subTest(method=method, path=path):
                answer = person.request(method, concrete, raw=None if method == "GET" else b"[]")
                self.assertNotIn(answer.status, (405, 500))
                self.assertNotEqual(answer.json and answer.json.get("detail"),
                                    "there is nothing at this path")

    def test_what_is_not_documented_is_not_served(self):
        person = self.person()
        for path in ("/v1", "/v1/", "/v1/attachments", "/v1/webhooks", "/v1/push-subscriptions/1",
                     "/v1/rooms/", "/v1/rooms//log", "/v1/rooms/1/log/", "/v2/rooms", "/V1/rooms",
                     "/v1/rooms/../users/me", "/v1/rooms/1/hooks", "/v1/hooks/abc"):
            with self.subTest(path=path):
                self.refused(person.request("GET", path, checked=False), 404, "not_found")

    def test_everything_but_three_calls_needs_credentials(self):
        public = {("POST", "/v1/users"), ("POST", "/v1/sessions"), ("GET", "/v1/openapi.json"),
                  ("GET", "/v1/asyncapi.json")}
        for method, path in sorted(documented() - {("GET", "/v1/ws")}):
            concrete = re.sub(r"\{(\w+)\}", lambda m: EXAMPLES[m.group(1)], path)
            item = contract.openapi()["paths"][path][method.lower()]
            with self.subTest(method=method, path=path):
                self.assertEqual(item.get("security") == [], (method, path) in public)
                if (method, path) not in public:
                    answer = self.anyone.request(method, concrete)
                    self.refused(answer, 401, "unauthenticated")
                    self.assertIn("Bearer", answer.headers["www-authenticate"])

    def test_the_documents_refer_to_what_is_there_and_examples_fit(self):
        for document in (contract.openapi(), contract.asyncapi()):
            validator = Validator(document)
            for node in nodes(document):
                if "$ref" in node:
                    self.assertIsNotNone(validator.resolve(node))
                if "examples" in node and "payload" not in node and \
                        any(word in node for word in ("type", "oneOf", "properties")):
                    for example in node["examples"]:
                        self.fits(validator, node, example)
                if "payload" in node and "examples" in node:
                    for example in node["examples"]:
                        self.fits(validator, node["payload"], example["payload"])

    def fits(self, validator, schema, example):
        try:
            validator.check(schema, example)
        except Mismatch as mismatch:
            self.fail(f"an example is not as its schema says: {mismatch}")

    def test_every_component_is_used(self):
        for document in (contract.openapi(), contract.asyncapi()):
            used = {node["$ref"] for node in nodes(document) if "$ref" in node}
            for kind in ("schemas", "responses", "parameters", "messages"):
                for name in document["components"].get(kind, {}):
                    self.assertIn(f"#/components/{kind}/{name}", used)

    def test_ops_of_the_sources_are_the_frames_of_the_document(self):
        client = (SOURCES / "websocket/client_frame.cc").read_text(encoding="utf-8")
        server = "".join(path.read_text(encoding="utf-8") for path in (
            SOURCES / "websocket/server_frame.cc", SOURCES / "message/announce.cc"))
        table = client[client.index("kOps = {"):]
        received = set(re.findall(r'Op\{"(\w+)"', table))
        sent = set(re.findall(r'begin\("(\w+)"\)|"op", "(\w+)"|\{"op":"(\w+)"', server))
        sent = {name for names in sent for name in names if name}
        messages = contract.asyncapi()["components"]["messages"]
        of = lambda side: {m["name"] for k, m in messages.items() if k.startswith(side)}
        self.assertEqual(of("client_"), received)
        self.assertEqual(of("server_"), sent)


def nodes(value):
    """Every object in a document."""
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from nodes(part)
    elif isinstance(value, list):
        for part in value:
            yield from nodes(part)


if __name__ == "__main__":
    unittest.main()
