"""Commands of an operator on a server's data directory, beside it or alone."""

import json

from support import server as binary


class Ran:
    """How a command ended: `code`, `out`, `err`; `json` of its stdout, `error` of its stderr."""

    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def error(self):
        return next(json.loads(line)["error"] for line in self.err.splitlines()
                    if line.startswith('{"schema_version"'))

    @property
    def lines(self):
        """Of an answer in JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    def __repr__(self):
        return f"exit {self.code}\n{self.out[-2000:]}\n{self.err[-2000:]}"


class Operator:
    """Runs commands on a data directory, with `always` among their words."""

    def __init__(self, data, *always):
        self.data = str(data)
        self.always = always

    def __call__(self, *words, **kwargs):
        return Ran(binary.run(*words, "--set", f"data_dir={self.data}", *self.always, **kwargs))

    def json(self, *words, **kwargs):
        """The same with --json."""
        return self(*words, "--json", **kwargs)
