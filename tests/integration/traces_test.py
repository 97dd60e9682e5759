"""Traces: from a request or a frame through the batch and the event log to the index, handed to a
collector as OTLP/HTTP JSON."""

import http.server
import json
import os
import re
import threading
import time
import unittest
import uuid

from support.people import PASSWORD, Person
from support.server import Server

APART = os.environ.get("RESPRING_TEST_ROLES") == "apart"
WRITTEN = {"batch commit", "announce", "publish"}
STEPS = {"http request", "deliver", "index", *WRITTEN}


class Collector:
    """Takes what is exported and checks that it is as OTLP says."""

    def __init__(self):
        self.spans, self.wrong = [], []
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):  # noqa: N802
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.take(self.path, self.headers["Content-Type"], json.loads(body))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1/traces"

    def close(self):
        self.http.shutdown()
        self.http.server_close()

    def take(self, path, kind, body):
        self.expect(path == "/v1/traces" and kind == "application/json", path + kind)
        for resource in body["resourceSpans"]:
            names = {a["key"]: a["value"]["stringValue"] for a in resource["resource"]["attributes"]}
            self.expect(names.get("service.name") == "respring", names)
            for scope in resource["scopeSpans"]:
                for span in scope["spans"]:
                    self.check(span)
                    self.spans.append(span)

    def check(self, span):
        self.expect(re.fullmatch("[0-9a-f]{32}", span["traceId"]), span)
        self.expect(re.fullmatch("[0-9a-f]{16}", span["spanId"]), span)
        self.expect(re.fullmatch("[0-9a-f]{16}", span.get("parentSpanId") or "0" * 16), span)
        begun, ended = span["startTimeUnixNano"], span["endTimeUnixNano"]
        self.expect(isinstance(begun, str) and isinstance(ended, str), span)
        self.expect(abs(int(begun) / 1e9 - time.time()) < 600 and int(ended) >= int(begun), span)
        self.expect(span["kind"] in (1, 2, 3, 4, 5) and span["name"], span)

    def expect(self, good, what):
        if not good:
            self.wrong.append(what)

    def of(self, trace):
        return [span for span in self.spans if span["traceId"] == trace]

    def wait_for(self, trace, names, root=None):
        """Until there are spans of these names and, below `root`, those that they belong to: each process exports its
        own, in its own time."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            spans = self.of(trace)
            known = {span["spanId"] for span in spans} | {root}
            whole = root is None or all(span.get("parentSpanId") in known for span in spans)
            if whole and {span["name"] for span in spans} >= names:
                return spans
            time.sleep(0.05)
        raise AssertionError(f"{names - {s['name'] for s in self.of(trace)}} of {trace} are missing")


class Traces(unittest.TestCase):
    make_collector = Collector

    @classmethod
    def setUpClass(cls):
        cls.collector = cls.make_collector()
        cls.addClassCleanup(cls.collector.close)
        cls.server = Server({"telemetry.otlp_endpoint": cls.collector.url})
        cls.addClassCleanup(cls.server.close)
        cls.server.start()
        cls.minsu = Person(cls.server, "민수")
        cls.room = cls.minsu.group("방")

    def setUp(self):
        self.somebody = self.enterContext(self.minsu.connect())  # to whom it is delivered

    def tearDown(self):
        self.assertEqual(self.collector.wrong, [])

    def send(self, traceparent):
        answer = self.minsu.request(
            "POST", f"/v1/rooms/{self.room}/messages", {"cid": str(uuid.uuid4()), "text": "흔적"},
            headers={"traceparent": traceparent})
        self.assertEqual(answer.status, 201, answer)

    def test_a_request_is_followed_to_the_index(self):
        trace = uuid.uuid4().hex
        self.send(f"00-{trace}-00f067aa0ba902b7-01")
        names = STEPS | ({"role call"} if APART else set())
        spans = self.collector.wait_for(trace, names, root="00f067aa0ba902b7")
        by_id = {span["spanId"]: span for span in spans}
        roots = [span for span in spans if span.get("parentSpanId") == "00f067aa0ba902b7"]
        self.assertEqual([span["name"] for span in roots], ["http request"])
        for span in spans:  # each one leads to the client's
            while span not in roots:
                span = by_id[span["parentSpanId"]]
        self.assertNotIn("흔적", json.dumps(spans, ensure_ascii=False))

    def test_what_rooms_and_people_do_is_followed_too(self):
        leaver = Person(self.server, "영호")
        room = self.minsu.group("첫 이름", leaver)
        asked = [(self.minsu, "PATCH", f"/v1/rooms/{room}", {"title": "새 이름"}),
                 (self.minsu, "DELETE", f"/v1/rooms/{room}/members/{leaver.id}", None),
                 (self.minsu, "PUT", f"/v1/rooms/{room}/members/{leaver.id}", {}),
                 (self.minsu, "POST", "/v1/rooms", {"kind": "group", "title": "또 하나"}),
                 (leaver, "DELETE", "/v1/users/me", {"password": PASSWORD, "messages": "keep"})]
        for who, method, path, body in asked:
            trace = uuid.uuid4().hex
            answer = who.request(method, path, body,
                                 headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
            self.assertLess(answer.status, 300, answer)
            self.collector.wait_for(trace, {"http request", *WRITTEN})

    def test_a_frame_begins_a_trace(self):
        before = {span["traceId"] for span in self.collector.spans}
        socket = self.enterContext(self.minsu.connect())
        socket.send({"op": "send", "ref": "1", "room": self.room, "cid": str(uuid.uuid4()),
                     "text": "봄"})
        deadline = time.monotonic() + 30
        frames = []
        while not frames and time.monotonic() < deadline:
            frames = [span for span in self.collector.spans if span["traceId"] not in before
                      and span["name"] == "websocket frame"]
            time.sleep(0.05)
        self.assertEqual(len(frames), 1)
        self.assertEqual(frames[0].get("parentSpanId", ""), "")
        spans = self.collector.wait_for(
            frames[0]["traceId"], {"websocket frame", "deliver", "index", *WRITTEN})
        commit = next(span for span in spans if span["name"] == "batch commit")
        self.assertEqual(commit["parentSpanId"], frames[0]["spanId"])

    def test_what_a_client_does_not_sample_is_not_exported(self):
        unsampled, sampled = uuid.uuid4().hex, uuid.uuid4().hex
        self.send(f"00-{unsampled}-00f067aa0ba902b7-00")
        self.send(f"00-{sampled}-00f067aa0ba902b7-01")
        self.collector.wait_for(sampled, STEPS)
        self.assertEqual(self.collector.of(unsampled), [])


if __name__ == "__main__":
    unittest.main()
