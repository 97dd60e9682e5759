"""`respring shard …` beside a running server, with a mover that dies where it is told to."""

import json
import subprocess
import unittest

import oracle
from support.server import BINARY, ENVIRONMENT

# Every place where a mover may die, in the order of the stages.
FORWARD = [f"move.{stage}.{when}"
           for stage in ("import", "journal", "copy", "drain", "freeze", "verify", "commit", "leave",
                         "open")
           for when in ("before", "after_commit")]
BACKWARD = [f"move.{stage}.{when}" for stage in ("abort", "restore", "wipe")
            for when in ("before", "after_commit")]
COMMITTED = FORWARD[FORWARD.index("move.commit.after_commit"):]


class Operator:
    """Somebody at a terminal with the server's configuration."""

    def __init__(self, server):
        self.server = server

    def words(self, *words):
        settings = {"data_dir": str(self.server.data), **self.server.settings}
        flags = [f"--set={key}={value}" for key, value in settings.items()]
        config = ["--config", str(self.server.folder / "respring.yaml")] if self.server.config else []
        return [BINARY, *words, "--json", *config, *flags]

    def run(self, *words, failpoint=None, timeout=120):
        """(exit code, the answer or None, what was said)."""
        env = {**ENVIRONMENT, **({"RESPRING_FAILPOINT": failpoint} if failpoint else {})}
        done = subprocess.run(self.words(*words), capture_output=True, text=True, timeout=timeout,
                              check=False, env=env, cwd=self.server.folder)
        answer = json.loads(done.stdout) if done.stdout.strip() else None
        return done.returncode, answer, done.stderr

    def start(self, *words, failpoint=None):
        """A process that goes on by itself."""
        env = {**ENVIRONMENT, **({"RESPRING_FAILPOINT": failpoint} if failpoint else {})}
        return subprocess.Popen(self.words(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True, env=env, cwd=self.server.folder)

    def ask(self, *words):
        code, answer, said = self.run(*words)
        assert code == 0, (words, code, said)
        return answer

    def where(self, room):
        found = self.ask("shard", "where", room)
        return found["slot"], found["shard"]

    def open_moves(self, slot):
        moves = self.ask("shard", "status")["moves"]
        return [m for m in moves if m["slot"] == slot and not m["settled"]]


class UnderLoad(unittest.TestCase):
    """`self.load` talks on `self.server` while `self.operator` works."""

    def finish(self):
        self.load.finish()
        events = oracle.check(self, self.load)
        refused = [w for s in self.load.senders for w in s.wrong]
        self.assertEqual(refused, [])
        code, answer, said = self.operator.run("shard", "verify")
        self.assertEqual((code, answer and answer["findings"]), (0, []), said)
        return events
