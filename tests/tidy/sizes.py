"""Lines of files and functions. ratchet.txt holds the exceptions, which may only shrink."""

import re

from source import blank

FILE_LINES = 500
FUNCTION_LINES = 70
RATCHET = "tests/tidy/ratchet.txt"


def functions(text):
    """(name, first line, lines) of each function with a body, by following the braces."""
    lines = blank(text).splitlines()
    continued = False
    for i, line in enumerate(lines):  # macros may hold unbalanced braces
        macro = continued or line.lstrip().startswith("#")
        continued = macro and line.endswith("\\")
        if macro:
            lines[i] = ""
    scopes = []  # (is it a function, name, first line)
    head, head_line, number = "", 1, 0
    for number, line in enumerate(lines, 1):
        for char in line:
            if char == "{":
                inside = any(scope[0] for scope in scopes)
                name = function_name(head)
                scopes.append((bool(name) and not inside, name, head_line))
                head = ""
            elif char == "}":
                if scopes:
                    is_function, name, first = scopes.pop()
                    if is_function:
                        yield name, first, number - first + 1
                head = ""
            elif char == ";" and head.count("(") == head.count(")"):
                head = ""
            else:
                if not head.strip():
                    head, head_line = "", number
                head += char
        head += " "


def function_name(head):
    """The name of the function that a body follows, or nothing for other braces."""
    head = re.sub(r"\s+", " ", head).strip()
    if "(" not in head or re.match(r"(namespace|class|struct|enum|union)\b(?!.*\)\s*$)", head):
        return None
    if re.search(r"=\s*$|\breturn$", head):
        return None
    found = re.search(r"([\w:~]+|operator\s*\S+)\s*\(", re.sub(r"<[^<>]*>", "", head))
    return found.group(1) if found else "?"


def read_ratchet(tree):
    entries = {}
    if RATCHET in tree.files:
        for number, line in enumerate(tree.text(RATCHET).splitlines(), 1):
            line = line.split("#")[0].strip()
            if line:
                what, size = line.rsplit(None, 1)
                entries[what] = (int(size), number)
    return entries


def measure(tree):
    """What is too large: {"file PATH" or "function PATH NAME": (lines, path, line)}."""
    found = {}
    for name in tree.code("pkg", "cmd", "tests"):
        text = tree.text(name)
        count = len(text.splitlines())
        if count > FILE_LINES:
            found[f"file {name}"] = (count, name, 1)
        for function, line, length in functions(text):
            if length > FUNCTION_LINES:
                key = f"function {name} {function}"
                if key not in found or found[key][0] < length:
                    found[key] = (length, name, line)
    return found


def check(tree):
    ratchet = read_ratchet(tree)
    found = measure(tree)
    for what, (size, name, line) in found.items():
        limit = FILE_LINES if what.startswith("file ") else FUNCTION_LINES
        most, _ = ratchet.get(what, (limit, 0))
        if size > most:
            yield name, line, f"{what.split()[0]} of {size} lines; {most} at most: divide it"
        elif what in ratchet and size < most:
            yield RATCHET, ratchet[what][1], f"{what} has shrunk to {size}: lower the entry"
    for what, (_, number) in ratchet.items():
        if what not in found:
            yield RATCHET, number, f"{what} is small enough now: remove the entry"
