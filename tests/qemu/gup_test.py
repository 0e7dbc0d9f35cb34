#!/usr/bin/env python3
"""`pipebench gup` on a kernel that has its own test of looking pages up, in QEMU, emulated, so that figures mean little.

Usage: gup_test.py PIPEBENCH

The kernel takes minutes to build (tests/qemu/build-kernel) and is not part of the everyday run. Ends with 77, which
Meson takes for skipped, where it or something else that this test needs is not there.
"""

import os
import sys
import unittest

import machine

PATIENCE = 500  # seconds for all
OPTIONS = ["-cpu", "max", "-smp", "2", "-m", "5G"]
ALL = {(pages, touched) for pages in ("4k", "thp", "2m", "1g") for touched in (True, False)}
KERNELS = "build/kernels/vmlinuz-*-gup"
GUP = "pipebench gup --reserve-huge --rounds 6"
COMMANDS = {
    # While memory is not fragmented.
    "1g": "echo 1 >/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages",
    "estimate": f"{GUP} --format json",
    "mount": "mount -t debugfs none /sys/kernel/debug",
    "kernel": f"{GUP} --format json",
    "table": "pipebench gup --rounds 1 --time 1ms --warmup 0",
}


def kernels():
    return sorted(machine.SOURCE_ROOT.glob(KERNELS))


def missing():
    """What this test needs and does not find, as a sentence; empty when all is there."""
    if not kernels():
        return f"There is no {KERNELS}; tests/qemu/build-kernel builds one, in some minutes."
    return machine.X86.missing()


class WithTheKernelsOwnTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        results = machine.run(machine.X86, OPTIONS, kernels()[-1], BINARY, COMMANDS.values(), PATIENCE)
        cls.results = dict(zip(COMMANDS, results))

    def lookups(self, name):
        """Of those that were measured, by kind of pages and whether they were touched."""
        lookups = self.results[name].json["lookups"]
        for row in lookups:
            self.assertIn(row["status"], ("ok", "skipped"), row["reason"])
        return {(row["pages"], row["touched"]): row for row in lookups if row["status"] == "ok"}

    def test_without_debugfs_it_is_an_estimate(self):
        document = self.results["estimate"].json
        self.assertEqual((document["source"], document["estimated"]), ("vmsplice", True))
        self.assertIn("mount -t debugfs", document["finding"]["mend"])
        lookups = self.lookups("estimate")
        self.assertEqual(set(lookups), ALL)
        self.assertTrue(lookups["thp", True]["base"])
        self.assertGreater(lookups["4k", True]["get_ns"], 0)

    def test_the_figures_come_from_the_kernel(self):
        document = self.results["kernel"].json
        self.assertEqual((document["source"], document["estimated"]), ("gup_test", False))
        lookups = self.lookups("kernel")
        self.assertEqual(set(lookups), ALL)
        for row in lookups.values():
            self.assertGreater(row["get_ns"], 0)
            self.assertGreaterEqual(row["put_ns"], 0)
            self.assertIsNone(row["call_ns"])
        self.assertEqual(lookups["thp", True]["obtained"], "thp")

    def test_huge_pages_cut_the_cost_and_untouched_memory_stays_slow(self):
        lookups = self.lookups("kernel")
        for pages in ("thp", "2m", "1g"):
            self.assertLessEqual(lookups[pages, True]["get_ns"], lookups["4k", True]["get_ns"])
        self.assertGreater(lookups["4k", False]["get_ns"], lookups["4k", True]["get_ns"])

    def test_the_table_names_its_source(self):
        result = self.results["table"]
        self.assertEqual(result.status, 0, result.stderr)
        self.assertIn("/sys/kernel/debug/gup_test", result.stdout)
        self.assertLessEqual(max(map(len, result.stdout.splitlines())), 80)


if __name__ == "__main__":
    BINARY = os.path.abspath(sys.argv.pop(1))
    machine.run_tests(missing())
