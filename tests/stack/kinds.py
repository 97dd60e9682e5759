"""The kinds of servers, their names, and where they are reached."""

import json
import re

from stack.kafka import Kafka
from stack.mariadb import Mariadb
from stack.mysql import Mysql
from stack.process import Failure
from stack.redis import Redis
from stack.s3 import S3, S3Tls
from stack.search import Elasticsearch, Elasticsearch9, Opensearch

KINDS = {"mysql": Mysql, "mariadb": Mariadb, "redis": Redis, "kafka": Kafka,
         "elasticsearch": Elasticsearch, "elasticsearch9": Elasticsearch9,
         "opensearch": Opensearch, "s3": S3, "s3tls": S3Tls}
MANY = {"mysql": 2}  # several at once, one for each shard: so many unless a number is given
ALL = ["mysql", "mariadb", "redis", "kafka", "elasticsearch"]


def kind_of(name):
    return re.sub(r"-\d+$", "", name)


def named(folder, words):
    """The servers that words of the command line mean."""
    names = []
    for word in words:
        for kind in ALL if word == "all" else [word]:
            names += expand(kind)
    return [server(folder, name) for name in dict.fromkeys(names)]


def expand(word):
    kind, _, count = word.partition("=")
    base = kind_of(kind)
    if base not in KINDS or (count and not re.fullmatch("[1-9]", count)) or (
            base != kind and (count or base not in MANY)):
        raise Failure(f"there is no server {word}; known are {', '.join(KINDS)}")
    if base not in MANY or base != kind:
        if count and count != "1":
            raise Failure(f"there is one {kind} only")
        return [kind]
    return [f"{kind}-{n}" for n in range(1, int(count or MANY[kind]) + 1)]


def existing(folder, words):
    """The servers that have a folder; of a kind, all of its servers."""
    known = sorted(path.parent.name for path in folder.glob("*/state.json")
                   if kind_of(path.parent.name) in KINDS)
    if words and words != ["all"]:
        for word in words:
            expand(word)
        known = [name for name in known if name in words or kind_of(name) in words]
    return [server(folder, name) for name in known]


def server(folder, name):
    return KINDS[kind_of(name)](folder / name)


def endpoints(folder):
    """Of what runs: lists for kinds that may have several, one object for the others."""
    found = {}
    for one in existing(folder, []):
        if one.is_running():
            endpoint = {**one.endpoint(), "name": one.name}
            kind = kind_of(one.name)
            if kind in MANY or kind == "mariadb":
                found.setdefault(kind, []).append(endpoint)
            else:
                found[kind] = endpoint
    return found


def write_endpoints(folder):
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / "endpoints.json.new"
    fresh.write_text(json.dumps(endpoints(folder), indent=2) + "\n", "utf-8")
    fresh.chmod(0o600)
    fresh.replace(folder / "endpoints.json")
