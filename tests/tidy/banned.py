"""Calls, includes and words that have a better replacement in this project."""

import re

from source import blank, includes

# name, pattern in the code without comments and literals, where, excepted files, what to do instead
CALLS = [
    ("detach", r"(\.|->)detach\(\)", ("pkg", "cmd"), (), "own the thread and join it"),
    ("detached", r"\basio::detached\b", ("pkg", "cmd"), ("pkg/async/",),
     "give the coroutine an owner: see async/"),
    ("sleep", r"this_thread::sleep|\b(usleep|nanosleep)\(|(?<![\w>])::sleep\(", ("pkg",), (),
     "wait for an event, or use a timer with a deadline"),
    ("printf", r"\b(printf|fprintf|puts|fputs|perror)\(", ("pkg",), (), "log::… or an Error"),
    ("iostream", r"\bstd::(cout|cerr|clog)\b", ("pkg",), (), "log::… or an Error"),
    ("system", r"(?<![\w.>])(std::)?(system|popen)\(", ("pkg", "cmd", "tests"), (),
     "no shell: call the library"),
    ("strcpy", r"\b(strcpy|strcat|sprintf|vsprintf|gets|strtok)\(", ("pkg", "cmd", "tests"), (),
     "std::string"),
    ("getenv", r"\b(secure_)?getenv\(", ("pkg", "cmd"), ("pkg/config/",),
     "declare a setting in config"),
    ("atoi", r"\b(atoi|atol|atoll|atof|strtol|strtoul)\(", ("pkg", "cmd"), (),
     "std::from_chars, which says what is wrong"),
    ("rand", r"(?<![\w.>])(std::)?(rand|srand)\(", ("pkg", "cmd"), (), "<random> or base/ids.h"),
    ("regex", r"\bstd::regex\b", ("pkg", "cmd"), (), "parse by hand: std::regex can exhaust the stack"),
    ("async", r"\bstd::async\(", ("pkg", "cmd"), (), "a pool of async/"),
    ("exit", r"(?<![\w.>:])(std::)?(exit|_exit|quick_exit)\(", ("pkg",), (), "return an Error"),
    ("await-in-conditional", r"\?\s*co_await\b|^\s*:\s*co_await\b", ("pkg", "cmd", "tests"), (),
     "if and else: GCC 12 destroys the operand twice"),
    ("localtime", r"\b(localtime|gmtime|localtime_r|mktime)\(", ("pkg", "cmd"), (), "base/time.h"),
]
# library, include prefix, where it may stand, behind which header it hides
INCLUDES = [
    ("Beast", "boost/beast", ("pkg/net/",), "net/"),
    ("Asio", "boost/asio", ("pkg/async/",), "async/asio.h"),
    ("nlohmann", "nlohmann/", ("pkg/base/json.cc",), "base/json.h"),
    ("spdlog", "spdlog/", ("pkg/telemetry/log.cc",), "telemetry/log.h"),
    ("fmt", "fmt/", ("pkg/telemetry/log.cc",), "std::string"),
    ("prometheus-cpp", "prometheus/", ("pkg/telemetry/metrics.cc",), "telemetry/metrics.h"),
    ("CLI11", "CLI/", ("cmd/respring/arguments.cc",), "respring/arguments.h"),
    ("yaml-cpp", "yaml-cpp/", ("pkg/config/yaml_tree.cc",), "config/registry.h"),
    ("SQLite", "sqlite3.h", ("pkg/sqlite/",), "sql/"),
]
# In every text file of ours. Joined here, so that this file does not find itself.
WORDS = [
    ("stray note", r"\b(FIX" r"ME|TO" r"DO|XX" r"X)\b", "do it, or open an issue"),
    ("machine path", r"(?<![\w.])/(wo" r"rk|ro" r"ot|home/\w+)/", "name no path of one machine"),
]
TEXT = (".h", ".cc", ".py", ".md", ".txt", ".cmake", ".sh", ".json", ".yaml", ".yml", ".sql", ".js",
        ".ts", ".tsx", "Makefile", ".ci/run")


def allowed_here(line, name):
    return f"tidy: allow({name}):" in line


def check_calls(tree):
    for file in tree.code("pkg", "cmd", "tests"):
        text = tree.text(file)
        originals = text.splitlines()
        for number, line in enumerate(blank(text).splitlines(), 1):
            for name, pattern, tops, excepted, instead in CALLS:
                if file.split("/")[0] not in tops or file.startswith(excepted or "\0"):
                    continue
                if re.search(pattern, line) and not allowed_here(originals[number - 1], name):
                    yield file, number, f"{name} is not used here: {instead}"
            if file.endswith(".h") and re.match(r"\s*using namespace ", line):
                yield file, number, "using namespace in a header reaches everybody who includes it"


def check_includes(tree):
    for file in tree.code("pkg", "cmd"):
        lines = tree.text(file).splitlines()
        for number, path, _ in includes("\n".join(lines)):
            for library, prefix, places, instead in INCLUDES:
                if path.startswith(prefix) and not file.startswith(places):
                    if not allowed_here(lines[number - 1], "include"):
                        yield file, number, f"{library} stays behind {instead}"


def check_words(tree):
    for file in tree.files:
        if not file.endswith(TEXT) or "node_modules/" in file or "/dist/" in file:
            continue
        for number, line in enumerate(tree.text(file).splitlines(), 1):
            for name, pattern, instead in WORDS:
                if re.search(pattern, line):
                    yield file, number, f"{name}: {instead}"


def check_build(tree):
    for file in tree.files:
        if file.endswith("CMakeLists.txt") and re.search(r"file\s*\(\s*GLOB", tree.text(file)):
            yield file, 1, "list the sources: a glob does not notice new files"


def check(tree):
    yield from check_calls(tree)
    yield from check_includes(tree)
    yield from check_words(tree)
    yield from check_build(tree)
