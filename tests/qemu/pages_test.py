#!/usr/bin/env python3
"""pipebench where a page is 16 KiB: Debian's arm64-16k kernel in QEMU, emulated, so speeds mean nothing.

What it needs takes minutes to make and is not part of the everyday run: an arm64 build (scripts/cross) and the kernel
(tests/qemu/fetch-kernel). Ends with 77, which Meson takes for skipped, where one of them is not there.
"""

import subprocess
import unittest

import machine

PATIENCE = 900  # seconds for all; it takes a minute or two on two CPUs that have nothing else to do
PAGE = 16384
OPTIONS = ["-smp", "2", "-m", "2G"]
BUILD = machine.SOURCE_ROOT / "build/arm64"
KERNELS = "build/kernels/vmlinuz-*-arm64-16k"
VERIFY = "--verify --time 5ms --warmup 0 --rounds 1 --timeout 120s --format json"
COMMANDS = {
    "topology": "pipebench topology",
    "list": "pipebench list --format json",
    "pairs": f"pipebench {VERIFY} --wait busy --writer write,memcpy-vmsplice,vmsplice,vmsplice-drop,splice,recycle --reader read,splice,relay,recycle",
    "smallest pipe": f"pipebench {VERIFY} --wait busy --writer vmsplice --reader read --stripe 2 --buffers 1 --pipe-size 4K --buffer-size 16K",
    "smallest pipe, credit": f"pipebench {VERIFY} --wait credit --writer vmsplice --reader read --stripe 2 --buffers 1 --pipe-size 4K --buffer-size 16K",
    "skb": f"pipebench {VERIFY} --wait busy --pages skb --writer tee,recycle --reader splice,recycle",
    "thp": f"pipebench {VERIFY} --wait busy --pages thp --strict --writer vmsplice --reader read",
}


def missing():
    """What this test needs and does not find, as a sentence; empty when all is there."""
    if not (BUILD / "build.ninja").exists():
        return "There is no build for arm64 in build/arm64; scripts/cross makes one."
    if not kernels():
        return f"There is no {KERNELS}; `tests/qemu/fetch-kernel trixie arm64 linux-image-arm64-16k` fetches one."
    return machine.ARM.missing()


def kernels():
    return sorted(machine.SOURCE_ROOT.glob(KERNELS))


class OnPagesOf16KiB(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Never yesterday's program.
        subprocess.run(["ninja", "-C", BUILD, "--quiet", "src/pipebench"], check=True)
        results = machine.run(machine.ARM, OPTIONS, kernels()[-1], BUILD / "src/pipebench", COMMANDS.values(), PATIENCE)
        cls.results = dict(zip(COMMANDS, results))

    def cases(self, name):
        cases = self.results[name].json["cases"]
        self.assertTrue(cases)
        for case in cases:
            self.assertIn(case["status"], ("ok", "skipped"), f"{case['name']}: {case['reason']}")
        return [case for case in cases if case["status"] == "ok"]

    def only_case(self, name):
        (case,) = self.cases(name)
        return case

    def test_the_machine_is_what_it_should_be(self):
        host = self.results["pairs"].json["host"]
        self.assertEqual(host["page_size_bytes"], PAGE)
        self.assertEqual(host["hypervisor"], "QEMU")
        self.assertEqual(self.results["topology"].status, 0)

    def test_everything_runs_on_this_kernel(self):
        entries = self.results["list"].json["entries"]
        self.assertEqual([entry["name"] for entry in entries if not entry["available"] and entry["kind"] != "pages"], [])

    def test_verification_finds_each_pair_as_its_traits_claim(self):
        cases = self.cases("pairs")
        self.assertGreater(len(cases), 12)
        for case in cases:
            self.assertEqual(case["verify"]["outcome"], "intact" if case["traits"]["safe"] else "torn", case["name"])

    def test_the_smallest_pipe_is_a_page(self):
        for name in ("smallest pipe", "smallest pipe, credit"):
            case = self.only_case(name)
            self.assertEqual(case["obtained"]["pipe_bytes"], PAGE)
            self.assertEqual(case["verify"]["outcome"], "intact" if case["traits"]["safe"] else "torn")
        self.assertFalse(self.only_case("smallest pipe")["traits"]["safe"])

    def test_a_slot_carries_32_kib_of_a_socket_s_memory(self):
        cases = self.cases("skb")
        self.assertEqual({case["spec"]["writer"] for case in cases}, {"tee", "recycle"})
        for case in cases:
            self.assertIn(case["obtained"]["pages"], ("skb", "mixed"))

    def test_transparent_huge_pages_are_obtained(self):
        self.assertEqual(self.only_case("thp")["obtained"]["pages"], "thp")


if __name__ == "__main__":
    machine.run_tests(missing())
