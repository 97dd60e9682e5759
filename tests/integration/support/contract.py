"""docs/openapi.json and docs/asyncapi.json as a contract: what the server sends must be in them."""

import functools
import json
from pathlib import Path

from support.schema import Mismatch, Validator

DOCS = Path(__file__).resolve().parents[3] / "docs"


@functools.cache
def openapi():
    return json.loads((DOCS / "openapi.json").read_text(encoding="utf-8"))


@functools.cache
def asyncapi():
    return json.loads((DOCS / "asyncapi.json").read_text(encoding="utf-8"))


@functools.cache
def _patterns():
    """[(segments, path item)], literal segments before parameters."""
    found = [(path.strip("/").split("/"), item) for path, item in openapi()["paths"].items()]
    return sorted(found, key=lambda pair: [part.startswith("{") for part in pair[0]])


def operation(method, path):
    """The operation that a request belongs to, or None."""
    segments = path.split("?")[0].strip("/").split("/")
    for pattern, item in _patterns():
        if len(pattern) == len(segments) and all(
                p.startswith("{") or p == s for p, s in zip(pattern, segments)):
            return item.get(method.lower())
    return None


def check_answer(method, path, answer):
    """Raises AssertionError when the answer is not as the document says."""
    described = operation(method, path)
    if described is None:
        return  # not one of ours: 404 or 405
    validator = Validator(openapi())
    where = f"{method} {path} -> {answer!r}"
    assert str(answer.status) in described["responses"], f"status not in the document: {where}"
    response = validator.resolve(described["responses"][str(answer.status)])
    for name, header in response.get("headers", {}).items():
        required = validator.resolve(header).get("required")
        assert not required or name.lower() in answer.headers, f"{name} is missing: {where}"
    content = response.get("content")
    if not content:
        assert answer.body == b"", f"there should be no body: {where}"
        return
    kind = answer.headers.get("content-type", "").split(";")[0]
    assert kind in content, f"content type: {where}"
    if answer.json is None:
        return
    try:
        validator.check(content[kind]["schema"], answer.json)
    except Mismatch as mismatch:
        raise AssertionError(f"{mismatch} in {where}") from None


@functools.cache
def _server_frames():
    messages = asyncapi()["components"]["messages"]
    sent = asyncapi()["operations"]["send_to_client"]["messages"]
    validator = Validator(asyncapi())
    frames = {}
    for reference in sent:
        message = validator.resolve(reference)
        assert message in messages.values()
        frames[message["name"]] = message["payload"]
    return frames


def check_frame(frame):
    """Raises AssertionError when the server may not send such a frame."""
    op = frame.get("op")
    assert op in _server_frames(), f"not in docs/asyncapi.json: {frame}"
    try:
        Validator(asyncapi()).check(_server_frames()[op], frame)
    except Mismatch as mismatch:
        raise AssertionError(f"{mismatch} in {frame}") from None
