#!/usr/bin/env python3
"""The command `report` as a user meets it: files, streams and exit codes. What pages look like: tests/browser.

Usage: report_test.py PIPEBENCH [ARGUMENT OF unittest...]
"""

import html
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

BINARY = ""
PATIENCE = 120  # seconds; nothing here takes so long on its own


def run(*arguments, **how):
    how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "timeout": PATIENCE} | how
    return subprocess.run([BINARY, *map(str, arguments)], check=False, **how)


class ReportTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory(prefix="pipebench-report-")
        cls.addClassCleanup(directory.cleanup)
        cls.directory = pathlib.Path(directory.name)
        cls.results = cls.directory / "results.json"
        run("--time", "2ms", "--warmup", "0", "--rounds", "1", "--writer", "write", "--reader", "read", "--output", cls.results)

    def test_goes_to_stdout_or_to_a_file(self):
        page = self.directory / "page.html"
        written = run("report", self.results, "--output", page)
        self.assertEqual((written.returncode, written.stdout, written.stderr), (0, "", ""))
        printed = run("report", self.results)
        self.assertEqual((printed.returncode, printed.stderr), (0, ""))
        self.assertEqual(printed.stdout, page.read_text(encoding="utf-8"))
        self.assertTrue(printed.stdout.startswith("<!doctype html>"))
        self.assertIn("write-read", printed.stdout)

    def test_reads_standard_input_once(self):
        with self.results.open() as results:
            self.assertIn("standard input", run("report", "-", self.results, stdin=results).stdout)
        twice = run("report", "-", "-")
        self.assertEqual(twice.returncode, 2)
        self.assertIn("given twice", twice.stderr)

    def test_has_a_command_that_a_shell_reads_as_it_was(self):
        results = json.loads(self.results.read_text(encoding="utf-8"))
        given = ["--section", "two\nlines", "\x1b[2J\x7f", "it's", "\\", "it's\n\\n \\' $x `y`", "\x1bc\u2028", "gr\xf6\xdfe", "", "a b"]
        results["plan"]["arguments"] = given
        hostile = self.directory / "hostile.json"
        hostile.write_text(json.dumps(results), encoding="utf-8")
        (command,) = re.findall("<h3>To run it again</h3>\n<pre class=\"command\">(.*)</pre>", run("report", hostile).stdout)
        words = "pipebench() { printf '%s\\0' \"$@\"; }\n" + html.unescape(command)
        read = subprocess.run(["bash", "-c", words], check=True, stdout=subprocess.PIPE, text=True).stdout.split("\0")[:-1]
        self.assertEqual(read[: len(given)], given)

    def test_does_not_write_over_results(self):
        before = self.results.read_bytes()
        refused = run("report", self.results, "--output", self.results)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("does not end in .html", refused.stderr)
        self.assertEqual(self.results.read_bytes(), before)

    def test_names_the_file_that_is_no_results(self):
        other = self.directory / "other.json"
        other.write_text("{}", encoding="utf-8")
        page = self.directory / "none.html"
        for file in (other, self.directory / "missing.json", self.directory):
            refused = run("report", self.results, file, "--output", page)
            self.assertEqual(refused.returncode, 2, refused.stderr)
            self.assertIn(str(file), refused.stderr)
        self.assertFalse(page.exists())

    def test_leaves_out_keys_that_it_does_not_know_and_says_so(self):
        results = json.loads(self.results.read_text(encoding="utf-8"))
        results["host"]["colour"] = "red"
        newer = self.directory / "newer.json"
        newer.write_text(json.dumps(results), encoding="utf-8")
        page = run("report", newer)
        self.assertEqual(page.returncode, 0)
        self.assertIn("host.colour", page.stderr)

    def test_fills_no_terminal(self):
        master, terminal = os.openpty()
        try:
            refused = run("report", self.results, stdout=terminal)
        finally:
            os.close(master)
            os.close(terminal)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("--output report.html", refused.stderr)

    def test_a_page_on_stdout_is_all_that_is_there(self):
        run_again = ("--time", "2ms", "--warmup", "0", "--rounds", "1", "--writer", "write", "--reader", "read", "--quiet")
        page = run(*run_again, "--format", "html", "--against", self.results)
        self.assertTrue(page.stdout.endswith("</html>\n"))
        self.assertEqual(page.stdout.count("<!doctype"), 1)
        self.assertIn("verdict", page.stderr)

    def test_needs_a_file(self):
        self.assertEqual(run("report").returncode, 2)


def main(arguments):
    global BINARY
    BINARY, *rest = arguments
    return 0 if unittest.main(argv=[sys.argv[0], *rest], exit=False).result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
