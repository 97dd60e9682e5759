"""The files of the project, and C++ text without its comments and literals."""

import os
import re
import subprocess
from pathlib import Path

CODE = (".h", ".cc")


class Tree:
    """The files of a source tree, by their path from its root."""

    def __init__(self, root):
        self.root = Path(root)
        self.files = sorted(self._list())

    def _list(self):
        try:
            out = subprocess.run(
                ["git", "ls-files", "-co", "--exclude-standard"],
                cwd=self.root, capture_output=True, text=True, check=True).stdout
            names = out.splitlines()
        except (OSError, subprocess.CalledProcessError):
            names = [
                str(Path(folder, name).relative_to(self.root))
                for folder, _, found in os.walk(self.root) for name in found
                if "/build" not in folder]
        return [name for name in names if (self.root / name).is_file()]

    def code(self, *tops):
        return [f for f in self.files if f.endswith(CODE) and f.split("/")[0] in tops]

    def text(self, name):
        return (self.root / name).read_text(encoding="utf-8", errors="replace")


_TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^(\s]{0,16})\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"|'
    r"(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'", re.DOTALL)


def blank(text):
    """The text with comments and literals replaced by spaces; lines stay where they are."""

    def keep_lines(match):
        return "".join(c if c == "\n" else " " for c in match.group(0))

    return _TOKEN.sub(keep_lines, text)


def includes(text):
    """(line, path, quoted) of each #include."""
    for number, line in enumerate(text.splitlines(), 1):
        found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if found:
            yield number, found.group(2), found.group(1) == '"'
