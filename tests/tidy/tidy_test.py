#!/usr/bin/env python3
"""Each check finds what it is for, and does not find what is right."""

import tempfile
import unittest
from pathlib import Path

import banned
import headers
import layers
import places
import sizes
from source import Tree, blank


class Tidy(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def put(self, name, text):
        path = Path(self.folder.name, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def found(self, check):
        return [f"{name}:{line}: {why}" for name, line, why in check(Tree(self.folder.name))]

    def test_includes_upwards_and_sideways_are_found(self):
        self.put("pkg/chat/a.h", '#include "base/json.h"\n#include "async/task.h"\n#include "sql/x.h"\n')
        self.put("pkg/chat/b.h", '#include "async/pool.h"\n')
        self.put("pkg/services/user/a.cc", '#include "services/room/a.h"\n#include "services/user/a.h"\n')
        self.put("pkg/base/a.h", '#include "json.h"\n#include "respring/app.h"\n')
        self.put("pkg/new/a.h", "")
        found = "\n".join(self.found(layers.check))
        self.assertIn("pkg/chat/a.h:3: chat must not include sql/x.h", found)
        self.assertIn("pkg/chat/b.h:1: chat must not include async/pool.h", found)
        self.assertIn("pkg/services/user/a.cc:1: services/user includes its sibling", found)
        self.assertIn("pkg/base/a.h:1: include", found)
        self.assertIn("nobody in pkg includes cmd", found)
        self.assertIn("pkg/new is not in the table", found)
        self.assertNotIn("pkg/chat/a.h:1:", found)
        self.assertNotIn("pkg/services/user/a.cc:2:", found)

    def test_banned_calls_are_found_outside_comments_and_texts(self):
        self.put("pkg/store/a.cc", "\n".join([
            "worker.detach();", "std::this_thread::sleep_for(1s);", 'printf("x");', "std::cout << 1;",
            'system("ls");', "strcpy(a, b);", 'getenv("X");', "std::regex r;", "rand();",
            "#include <boost/beast/http.hpp>", "#include <nlohmann/json.hpp>", "#include <sqlite3.h>"]))
        for line, word in enumerate(["detach", "sleep", "printf", "iostream", "system", "strcpy", "getenv",
                                     "regex", "rand", "Beast", "nlohmann", "SQLite"], 1):
            self.assertTrue(any(f.startswith(f"pkg/store/a.cc:{line}: {word}") for f in self.found(banned.check)),
                            word)
        self.put("pkg/store/a.cc", '// system("ls")\nauto s = "printf(";\nfoo.system(1);\nmy_rand();\n'
                 'getenv("NO_COLOR");  // tidy: allow(getenv): a convention of terminals\n')
        self.assertEqual(self.found(banned.check), [])

    def test_stray_notes_and_machine_paths_are_found(self):
        self.put("docs/a.md", "TO" "DO: more\nsee /ro" "ot/x\n")
        self.assertEqual(len(self.found(banned.check)), 2)
        self.put("docs/a.md", "the root of the tree, /var/lib/respring, docs/work/x\n")
        self.assertEqual(self.found(banned.check), [])

    def test_long_files_and_functions_are_found(self):
        self.put("pkg/chat/long.cc", "int x;\n" * 501)
        body = "  f();\n" * 80
        self.put("pkg/chat/function.cc",
                 "namespace a {\nstruct S {\n  void small() { g(); }\n};\nvoid S::big(int x) const {\n"
                 + body + "}\nint array[] = {\n" + "1,\n" * 90 + "};\n}\n")
        found = self.found(sizes.check)
        self.assertEqual(len(found), 2, found)
        self.assertIn("pkg/chat/function.cc:5: function of 82 lines", "\n".join(found))

    def test_the_ratchet_only_shrinks(self):
        self.put("pkg/chat/long.cc", "int x;\n" * 510)
        self.put(sizes.RATCHET, "file pkg/chat/long.cc 510\n")
        self.assertEqual(self.found(sizes.check), [])
        self.put(sizes.RATCHET, "file pkg/chat/long.cc 520\n")
        self.assertIn("lower the entry", self.found(sizes.check)[0])
        self.put(sizes.RATCHET, "file pkg/chat/long.cc 505\n")
        self.assertIn("divide it", self.found(sizes.check)[0])
        self.put("pkg/chat/long.cc", "int x;\n")
        self.assertIn("remove the entry", self.found(sizes.check)[0])

    def test_headers_that_lean_on_others_are_found(self):
        self.put("pkg/base/good.h", "#pragma once\n#include <string>\nstd::string f();\n")
        self.put("pkg/base/bad.h", "#pragma once\nstd::string f();\n")
        self.put("pkg/base/open.h", "struct Twice {};\n")
        found = "\n".join(self.found(headers.check))
        self.assertIn("pkg/base/bad.h:1: does not compile alone", found)
        self.assertIn("pkg/base/open.h:1: begin with #pragma once", found)
        self.assertNotIn("good.h", found)

    def test_headers_are_remembered_until_something_below_changes(self):
        cache = str(Path(self.folder.name, "cache.json"))
        self.put("pkg/base/a.h", '#pragma once\n#include "base/b.h"\nB f();\n')
        self.put("pkg/base/b.h", "#pragma once\nstruct B {};\n")
        remembering = lambda tree: headers.check(tree, cache)
        self.assertEqual(self.found(remembering), [])
        self.put("pkg/base/b.h", "#pragma once\nstruct C {};\n")
        self.assertIn("pkg/base/a.h:1: does not compile alone", "\n".join(self.found(remembering)))

    def test_missing_readmes_and_dead_links_are_found(self):
        self.put("pkg/chat/a.h", "")
        self.put("README.md", "[there](docs/a.md) [web](https://x.example) [gone](docs/b.md#x)\n")
        self.put("docs/a.md", "")
        found = self.found(places.check)
        self.assertEqual([f.split(":")[0] for f in found], ["pkg/chat/README.md", "README.md"])

    def test_blanking_keeps_lines(self):
        text = 'a /* {\n */ "}" R"(\n{)" \'{\' 1\'000 // {\nb'
        self.assertEqual(blank(text).count("\n"), text.count("\n"))
        self.assertNotIn("{", blank(text))
        self.assertIn("000", blank(text))


if __name__ == "__main__":
    unittest.main()
