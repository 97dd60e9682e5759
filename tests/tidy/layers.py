"""Who may include whom (docs/project-structure.md). Siblings never include each other."""

from source import includes

# The two headers of async that a port needs to be awaited; neither does any I/O.
PURE = {"base", "async/task.h", "async/completion.h"}
ALLOWED = {
    "base": set(),
    "async": {"base"},
    "config": {"base"},
    "telemetry": {"base"},
    "chat": PURE,
    "shardmap": PURE,
    "net": {"base", "async", "config", "telemetry"},
    "sql": {"base", "async"},
    "mysql": {"base", "async", "config", "telemetry", "sql"},
    "sqlite": {"base", "async", "config", "telemetry", "sql"},
    "store": {"base", "async", "telemetry", "chat", "shardmap", "sql"},
    "local": {"base", "async", "config", "telemetry", "chat", "net", "sql"},
    "redis": {"base", "async", "config", "telemetry", "chat", "net"},
    "kafka": {"base", "async", "config", "telemetry", "chat", "net"},
    "elasticsearch": {"base", "async", "config", "telemetry", "chat", "net"},
    "s3": {"base", "async", "config", "telemetry", "chat", "net"},
    "services": {"base", "async", "config", "telemetry", "chat", "shardmap", "net"},
    "ops": {"base", "async", "config", "telemetry", "chat", "shardmap"},
}
# In these, each folder below is a library of its own.
FAMILIES = ("services", "ops")
# The shared precompiled header is named by the build, not by the sources.


def library_of(path):
    """`store` of store/outbox.h, `services/user` of services/user/routes.h."""
    parts = path.split("/")
    if parts[0] in FAMILIES and len(parts) > 2:
        return "/".join(parts[:2])
    return parts[0]


def check(tree):
    for name in tree.code("pkg"):
        inside = name[len("pkg/"):]
        library = library_of(inside)
        allowed = ALLOWED.get(library.split("/")[0])
        if allowed is None:
            yield name, 1, f"pkg/{library} is not in the table of tests/tidy/layers.py"
            continue
        for line, path, quoted in includes(tree.text(name)):
            if not quoted:
                continue
            if "/" not in path:
                yield name, line, f'include "{path}" from the root of pkg, like "{library}/{path}"'
                continue
            target = library_of(path)
            if target == library or target in allowed or path in allowed:
                continue
            if target.split("/")[0] in FAMILIES and target.split("/")[0] == library.split("/")[0]:
                yield name, line, f"{library} includes its sibling {target}"
            else:
                yield name, line, f"{library} must not include {path}"
    for name in tree.code("pkg", "tests"):
        for line, path, quoted in includes(tree.text(name)):
            if quoted and path.startswith("respring/") and name.startswith("pkg/"):
                yield name, line, "nobody in pkg includes cmd"
