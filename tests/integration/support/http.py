"""HTTP as a client library sees it, and raw bytes for what no library would send."""

import http.client
import json
import socket
from urllib.parse import quote, urlencode

from support import contract


class Answer:
    """A response: status, headers (lower case), bytes, and JSON when it is JSON."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body
        kind = headers.get("content-type", "")
        is_json = "json" in kind and "jsonl" not in kind and body
        self.json = json.loads(body) if is_json else None

    @property
    def code(self):
        return self.json.get("code") if isinstance(self.json, dict) else None

    @property
    def fields(self):
        """{field: code} of what was wrong with the request; of a field the first."""
        return {e["field"]: e["code"] for e in reversed((self.json or {}).get("errors", []))}

    def __repr__(self):
        return f"{self.status} {self.body[:400]!r}"


class Client:
    """Speaks to one server; every answer is held against docs/openapi.json."""

    def __init__(self, server, token=None, headers=None):
        self.server = server
        self.token = token
        self.headers = headers or {}

    def request(self, method, path, body=None, *, query=None, headers=None, raw=None, checked=True):
        """`body` is sent as JSON; `raw` as it is (bytes, with the JSON media type by default)."""
        sent = {"Host": f"127.0.0.1:{self.server.port}", **self.headers}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        data = raw
        if body is not None:
            data = json.dumps(body, ensure_ascii=False).encode("utf-8")
        if data is not None:
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        sent = {name: value for name, value in sent.items() if value is not None}
        if query:
            path += "?" + urlencode(query)
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        try:
            connection.request(method, path, body=data, headers=sent)
            response = connection.getresponse()
            names = {name.lower(): value for name, value in response.getheaders()}
            answer = Answer(response.status, names, response.read())
        finally:
            connection.close()
        if checked:
            contract.check_answer(method, path, answer)
        return answer

    def get(self, path, **query):
        return self.request("GET", path, query=query or None)

    def post(self, path, body=None, **more):
        return self.request("POST", path, body, **more)

    def put(self, path, body=None, **more):
        return self.request("PUT", path, body, **more)

    def patch(self, path, body=None, **more):
        return self.request("PATCH", path, body, **more)

    def delete(self, path, body=None, **more):
        return self.request("DELETE", path, body, **more)


def segment(text):
    """Text as one segment of a path."""
    return quote(text, safe="")


def exchange(port, data, *, timeout=10, finish=False):
    """Sends raw bytes and reads until the server closes; what it answered."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as s:
        try:
            s.sendall(data)
            if finish:
                s.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it may close before it has read everything
        return read_to_end(s)


def read_to_end(s):
    pieces = []
    try:
        while piece := s.recv(65536):
            pieces.append(piece)
    except ConnectionResetError:
        pass
    return b"".join(pieces)


def parse(data):
    """The first response in raw bytes."""
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    status = int(lines[0].split(" ")[1])
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return Answer(status, headers, body[:int(headers.get("content-length", len(body)))])
