"""Every library says what goes in; documents lead to what exists."""

import re

from layers import library_of

LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")


def check(tree):
    libraries = set()
    for name in tree.code("pkg"):
        libraries.add("pkg/" + library_of(name[len("pkg/"):]))
    for library in sorted(libraries):
        if f"{library}/README.md" not in tree.files:
            yield f"{library}/README.md", 1, "is missing: why the folder exists, what goes in, what not"
    for name in tree.files:
        if not name.endswith(".md") or "node_modules/" in name:
            continue
        folder = (tree.root / name).parent
        for number, line in enumerate(tree.text(name).splitlines(), 1):
            for target in LINK.findall(line):
                if not (folder / target).exists():
                    yield name, number, f"the link to {target} leads nowhere"
