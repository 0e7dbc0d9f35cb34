#!/usr/bin/env python3
"""pipebench tune, as a user meets it.

Usage: tune_test.py PIPEBENCH [ARGUMENT OF unittest...]
"""

import csv
import io
import json
import shutil
import signal
import subprocess
import sys
import unittest

import cli_test
from cli_test import PATIENCE, CliTest, Run, run

# Of five combinations and a few neighbours; a machine at work may take its time.
SMALL = ["--writer", "write", "--wait", "block", "--buffer-size", "64K..256K", "--buffers", "1,2", "--time", "2ms", "--warmup", "0",
         "--budget", "2s", "--timeout", "60s", "--seed", "7"]


class Tune(CliTest):
    def test_the_best_comes_first_and_nothing_that_was_not_tried(self):
        output = self.file("x.json")
        document = self.run_json("tune", *SMALL, "--output", output)
        tuning = document["plan"]["tuning"]
        names = [case["name"] for case in document["cases"]]
        self.assertEqual(names[0], tuning["fastest"])
        self.assertEqual(names[1], tuning["runner_up"])
        self.assertEqual(document["plan"]["baseline"], tuning["fastest"])
        self.assertEqual(len(names), tuning["tried"])
        self.assertEqual(len(names), document["plan"]["cases"])
        self.assertLessEqual(tuning["tried"], tuning["considered"])
        for case in document["cases"]:
            self.assertEqual(case["status"], "ok")
            self.assertGreater(len(case["samples"]), 0)
        self.assertEqual(document["cases"][1]["summary"]["relative_to"], names[0])
        self.assertGreater(tuning["ratio"], 0)
        self.assertEqual(tuning["left_out"], 0)
        with open(output, encoding="utf-8") as file:
            self.assertEqual(json.load(file)["plan"]["tuning"], tuning)
        again = run("compare", output, output)
        self.assertEqual(again.returncode, 0, again.stderr)

    def test_meets_the_needs(self):
        document = self.run_json("tune", *SMALL, "--need", "fresh,bytes", "--max-memory", "1M", "--pages", "4k")
        self.assertEqual(document["plan"]["tuning"]["needs"], ["fresh", "bytes"])
        self.assertEqual(document["plan"]["tuning"]["max_memory_bytes"], 1 << 20)
        for case in document["cases"]:
            self.assertNotEqual(case["spec"]["reader"], "splice")
            self.assertEqual(case["spec"]["payload"], "fresh")

    def test_ends_with_c_that_compiles_and_a_command_that_runs(self):
        result = run("tune", *SMALL, "--need", "bytes")
        self.assertEqual(result.returncode, 0, result.stderr)
        for part in ("Fastest: writer write and reader ", "Runner-up: ", "The same in C:"):
            self.assertIn(part, result.stdout)
        text, code = result.stdout.split("The same in C:\n\n")
        for line in text.splitlines():
            self.assertLessEqual(len(line), 80 if not line.startswith("  pipebench ") else 1000, line)
        (command,) = [line.split() for line in text.splitlines() if line.startswith("  pipebench ")]
        self.assertEqual(run(*command[1:], "--dry-run").returncode, 0, command)
        if shutil.which("cc") is None:
            self.skipTest("there is no C compiler (cc) here")
        subprocess.run(["cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-x", "c", "-c", "-o", self.file("x.o"), "-"], input=code, text=True, check=True, timeout=PATIENCE)

    def test_has_its_other_formats(self):
        markdown = run("tune", *SMALL, "--format", "markdown").stdout
        self.assertIn("```c\n#define _GNU_SOURCE\n", markdown)
        self.assertIn("| writer |" if "| writer |" in markdown else "| reader |", markdown)
        rows = list(csv.DictReader(io.StringIO(run("tune", *SMALL, "--format", "csv").stdout)))
        self.assertGreater(len(rows), 3)
        self.assertIn("<html", run("tune", *SMALL, "--format", "html").stdout)

    def test_says_what_a_small_budget_left_out(self):
        document = self.run_json("tune", "--budget", "1s", "--time", "50ms", "--seed", "1", "--timeout", "60s")
        self.assertGreater(document["plan"]["tuning"]["left_out"], 0)
        self.assertFalse(document["plan"]["tuning"]["certain"])

    def test_a_plan_lists_what_it_may_choose_from(self):
        document = self.run_json("tune", *SMALL, "--dry-run")
        self.assertEqual({case["status"] for case in document["cases"]}, {"planned"})
        self.assertEqual(document["plan"]["tuning"]["considered"], len(document["cases"]))
        self.assertEqual(document["plan"]["longest_seconds"], 2)
        self.assertEqual(run("tune", *SMALL, "--dry-run").returncode, 0)

    def test_a_long_plan_is_counted_whole_though_not_listed(self):
        considered = self.run_json("tune", "--dry-run")["plan"]["tuning"]["considered"]
        self.assertGreater(considered, 1000)
        self.assertIn(f"{considered} cases, of which these are the first 1000", " ".join(run("tune", "--dry-run").stdout.split()))

    def test_contradictions_are_refused(self):
        self.assert_refused("tune", "--need", "no-spin", "--wait", "busy", says=["--wait", "no-spin"])
        self.assert_refused("tune", "--need", "fast", says=["--need", "fresh, no-spin, bytes"])
        self.assert_refused("tune", "--max-memory", "4K", says=["of memory"])
        self.assert_refused("tune", "--rounds", "3", says=["--rounds"])

    def test_interrupted_it_tells_the_best_so_far(self):
        child = Run("tune", "--writer", "write", "--reader", "read", "--time", "100ms", "--budget", "10m")
        child.wait_for("[9 samples")
        child.process.send_signal(signal.SIGINT)
        code, text, errors = child.finish()
        self.assertEqual(code, 130, errors)
        self.assertIn("Fastest: writer write", text)
        self.assertIn("interrupted", text)


if __name__ == "__main__":
    cli_test.BINARY = sys.argv.pop(1)
    unittest.main()
