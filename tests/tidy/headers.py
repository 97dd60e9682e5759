"""Each header compiles alone, so that nobody depends on what another file happened to include."""

import hashlib
import json
import os
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor

from source import includes

FLAGS = ["-std=c++20", "-fsyntax-only", "-x", "c++", "-w", "-Ipkg", "-Icmd", "-Itests",
         "-DBOOST_ASIO_NO_DEPRECATED", "-DBOOST_ASIO_SEPARATE_COMPILATION"]
ASIO = "pkg/async/asio.h"
COMPILER = os.environ.get("CXX", "g++")


def digest(tree, name, seen):
    """Of the header and everything of ours that it includes, however indirectly."""
    if name in seen:
        return seen[name]
    text = tree.text(name)
    seen[name] = ""  # a cycle ends here
    total = hashlib.sha256(text.encode())
    for _, path, quoted in includes(text):
        for top in ("pkg", "cmd", "tests"):
            if quoted and (tree.root / top / path).is_file():
                total.update(digest(tree, f"{top}/{path}", seen).encode())
    seen[name] = total.hexdigest()
    return seen[name]


def precompile(tree, folder):
    """The flags that give Asio, which costs seconds to read, to the headers that include it anyway."""
    header = os.path.join(folder, "asio_once.h")
    with open(header, "w", encoding="utf-8") as file:
        file.write(f'#include "{ASIO[4:]}"\n')
    flags = [flag for flag in FLAGS if flag not in ("-fsyntax-only", "c++", "-x")]
    subprocess.run([COMPILER, *flags, "-x", "c++-header", header, "-o", header + ".gch"],
                   cwd=tree.root, check=True)
    return ["-include", header]


def reaches_asio(tree, name, seen):
    if name not in seen:
        seen[name] = name == ASIO
        seen[name] = name == ASIO or any(
            reaches_asio(tree, "pkg/" + path, seen) for _, path, quoted in includes(tree.text(name))
            if quoted and (tree.root / "pkg" / path).is_file())
    return seen[name]


def compiles(tree, name, more):
    """Nothing, or the first line of what the compiler says."""
    source = f'#include "{name.split("/", 1)[1]}"\n#include "{name.split("/", 1)[1]}"\n'
    done = subprocess.run([COMPILER, *FLAGS, *more, "-"], input=source, text=True, capture_output=True,
                          cwd=tree.root, check=False)
    if done.returncode == 0:
        return None
    errors = [line for line in done.stderr.splitlines() if "error:" in line]
    return (errors or done.stderr.splitlines() or ["does not compile"])[0]


def remember(cache_file, good):
    if cache_file:
        with open(cache_file + ".new", "w", encoding="utf-8") as file:
            json.dump(sorted(good), file)
        os.replace(cache_file + ".new", cache_file)


def check(tree, cache_file=None):
    headers = [f for f in tree.code("pkg", "cmd") if f.endswith(".h")]
    for name in headers:
        if "#pragma once" not in tree.text(name):
            yield name, 1, "begin with #pragma once"
    known = set()
    if cache_file and os.path.exists(cache_file):
        with open(cache_file, encoding="utf-8") as file:
            known = set(json.load(file))
    version = subprocess.run([COMPILER, "--version"], capture_output=True, text=True, check=True)
    seen = {}
    keys = {
        name: hashlib.sha256((version.stdout + " ".join(FLAGS) + digest(tree, name, seen) + name)
                             .encode()).hexdigest() for name in headers}
    wanted = [name for name in headers if keys[name] not in known]
    good = known & set(keys.values())
    reached = {}
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        asio = {name for name in wanted if name != ASIO and reaches_asio(tree, name, reached)}
        with_asio = precompile(tree, folder) if asio else []
        outcomes = pool.map(lambda name: compiles(tree, name, with_asio if name in asio else []), wanted)
        for name, wrong in zip(wanted, outcomes):
            if wrong is None:
                good.add(keys[name])
                remember(cache_file, good)  # at once: a run that is cut short is not lost
            else:
                yield name, 1, f"does not compile alone: {wrong}"
    remember(cache_file, good)
