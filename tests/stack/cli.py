"""stack up | down | status | env | kill | pause | resume."""

import argparse
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from stack import kinds
from stack.places import locked, make_stack_folder, stack_folder
from stack.process import Failure

NAMES = """
NAME is a kind (mysql, mariadb, redis, kafka, elasticsearch, elasticsearch9, opensearch, s3, s3tls), one
server of several (mysql-2), a kind with a number (mysql=3), or all. Not part of all are elasticsearch9 and
opensearch, which need a newer Java than the others, and s3 and s3tls, which Go builds first.
"""


def main():
    arguments = parser().parse_args()
    try:
        return arguments.verb(arguments)
    except Failure as failure:
        print(f"stack: {failure}", file=sys.stderr)
        return 1


def parser():
    top = argparse.ArgumentParser(
        prog="stack", description="Real servers for tests, on 127.0.0.1, each in its own folder.",
        epilog=NAMES)
    verbs = top.add_subparsers(required=True, metavar="VERB")

    def verb(name, run, text, names="*"):
        added = verbs.add_parser(name, help=text, description=text, epilog=NAMES)
        added.set_defaults(verb=run)
        if names:
            added.add_argument("names", nargs=names, metavar="NAME")
        return added

    added = verb("up", up, "install and start servers; harmless when they run")
    added.add_argument("--holder", default="", help="keep them up until this holder lets them down")
    added.add_argument("--profile", choices=["test", "bench"],
                       help="sizes of the database servers; a running one is restarted for it")
    added = verb("down", down, "stop servers; all when none is named")
    added.add_argument("--holder", default="", help="stop only what no other holder keeps up")
    added.add_argument("--wipe", action="store_true", help="forget their data as well")
    added = verb("status", status, "what runs, and where", names="")
    added.add_argument("--json", action="store_true", help="endpoints and processes as JSON")
    verb("can", can, "whether this machine can run them; fails if not", "+")
    verb("env", env, "print endpoints.json", names="")
    verb("kill", each("kill"), "kill -9; `up` brings them back with their data and ports", "+")
    verb("pause", each("pause"), "stop them as SIGSTOP does: they keep their ports, and are silent", "+")
    verb("resume", each("resume"), "let paused servers go on", "+")
    return top


def up(arguments):
    make_stack_folder()
    servers = kinds.named(stack_folder(), arguments.names or ["all"])

    def one(server):
        began = time.monotonic()
        with locked(lock_of(server)):
            was_running = server.is_running()
            if arguments.profile and server.state().get("profile", "test") != arguments.profile:
                server.stop()
                server.remember(profile=arguments.profile)
            server.start()
            holders = set(server.state().get("holders", []))
            server.remember(holders=sorted(holders | {arguments.holder}))
        seconds = "was up" if was_running else f"{time.monotonic() - began:.1f} s"
        print(f"{server.name}: up on 127.0.0.1:{server.port} ({seconds})", flush=True)

    return on_all(servers, one)


def down(arguments):
    servers = kinds.existing(stack_folder(), arguments.names)

    def one(server):
        with locked(lock_of(server)):
            holders = set(server.state().get("holders", [])) - {arguments.holder}
            if arguments.holder and holders:
                server.remember(holders=sorted(holders))
                print(f"{server.name}: left up, others use it")
                return
            server.wipe() if arguments.wipe else server.stop()
            if not arguments.wipe:
                server.remember(holders=[])
        print(f"{server.name}: down", flush=True)

    return on_all(servers, one)


def status(arguments):
    servers = kinds.existing(stack_folder(), [])
    if arguments.json:
        print(json.dumps({s.name: {"kind": kinds.kind_of(s.name), "running": s.is_running(),
                                   "pid": s.pid(), "port": s.port, "folder": str(s.folder)}
                          for s in servers}, indent=2))
        return 0
    if not servers:
        print(f"no server in {stack_folder()}; `stack up` starts them")
    for server in servers:
        where = f"127.0.0.1:{server.port}  pid {server.pid()}" if server.is_running() else ""
        print(f"{server.name:16} {'up  ' if server.is_running() else 'down'} {where}")
    return 0


def can(arguments):
    for server in kinds.named(stack_folder(), arguments.names):
        server.check()
    return 0


def env(_):
    print(json.dumps(kinds.endpoints(stack_folder()), indent=2))
    return 0


def each(action):
    def run(arguments):
        def one(server):
            with locked(lock_of(server)):
                getattr(server, action)()
        return on_all(kinds.existing(stack_folder(), arguments.names), one)
    return run


def on_all(servers, action):
    """Does it for all at the same time; what fails is told, and does not hinder the others."""
    failed = 0
    with ThreadPoolExecutor(max_workers=8) as pool:
        for server, running in [(s, pool.submit(action, s)) for s in servers]:
            try:
                running.result()
            except Failure as failure:
                print(f"stack: {server.name}: {failure}", file=sys.stderr)
                failed = 1
    with locked(stack_folder() / ".locks" / "endpoints"):
        kinds.write_endpoints(stack_folder())
    return failed


def lock_of(server):
    return stack_folder() / ".locks" / server.name
