"""python3 -m proxy HOST:PORT [--listen PORT] [--mysql], told by JSON lines on stdin; see README.md."""

import argparse
import json
import sys

from proxy import Proxy

VERBS = {"pass": "pass_all", "cut": "cut", "refuse": "refuse", "delay": "delay",
         "black_hole": "black_hole", "lose_commit_answers": "lose_commit_answers",
         "lose_commits": "lose_commits", "status": "status"}


def tell(**what):
    print(json.dumps(what), flush=True)


def main():
    parser = argparse.ArgumentParser(prog="proxy", description=__doc__)
    parser.add_argument("to", metavar="HOST:PORT")
    parser.add_argument("--listen", type=int, default=0, metavar="PORT")
    parser.add_argument("--mysql", action="store_true", help="follow the protocol, to know COMMITs")
    arguments = parser.parse_args()
    host, _, port = arguments.to.rpartition(":")
    with Proxy(host, int(port), arguments.listen, arguments.mysql) as proxy:
        tell(port=proxy.port)
        for line in sys.stdin:
            try:
                order = json.loads(line)
                proxy_method = getattr(proxy, VERBS[order.pop("do")])
                tell(ok=True, **(proxy_method(**order) or {}))
            except (ValueError, KeyError, TypeError, AttributeError) as problem:
                tell(ok=False, error=repr(problem))


if __name__ == "__main__":
    main()
