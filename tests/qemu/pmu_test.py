#!/usr/bin/env python3
"""Hardware events and profiles by them, on a machine that has a PMU: QEMU's arm64 one, emulated.

With -icount it counts instructions exactly, and cycles as nanoseconds of its own clock, so the figures are a check of what
reads them and say nothing of a processor. What it needs takes minutes to make and is not part of the everyday run: an
arm64 build (scripts/cross) and a kernel (tests/qemu/fetch-kernel). Ends with 77, which Meson takes for skipped, where one
of them is not there.
"""

import subprocess
import unittest

import machine

PATIENCE = 900  # seconds for all
OPTIONS = ["-smp", "2", "-m", "1G", "-icount", "shift=0"]
BUILD = machine.SOURCE_ROOT / "build/arm64"
KERNELS = "build/kernels/vmlinuz-*-cloud-arm64"
SAMPLE = "--writer write --reader read --time 100ms --warmup 5ms --rounds 3 --timeout 300s --format json"
COMMANDS = {
    "busy": f"pipebench --wait busy {SAMPLE}",
    "block": f"pipebench --wait block {SAMPLE}",
    "profile": f"pipebench profile {SAMPLE}",
    "turns": f"pipebench profile --isolation none {SAMPLE}",
    "threads": f"pipebench profile --cpus any {SAMPLE}",
    "doctor": "pipebench doctor --format json",
}


def missing():
    """What this test needs and does not find, as a sentence; empty when all is there."""
    if not (BUILD / "build.ninja").exists():
        return "There is no build for arm64 in build/arm64; scripts/cross makes one."
    if not kernels():
        return f"There is no {KERNELS}; `tests/qemu/fetch-kernel trixie arm64 linux-image-cloud-arm64` fetches one."
    return machine.ARM.missing()


def kernels():
    return sorted(machine.SOURCE_ROOT.glob(KERNELS))


class WithAPmu(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Never yesterday's program.
        subprocess.run(["ninja", "-C", BUILD, "--quiet", "src/pipebench"], check=True)
        results = machine.run(machine.ARM, OPTIONS, kernels()[-1], BUILD / "src/pipebench", COMMANDS.values(), PATIENCE)
        cls.results = dict(zip(COMMANDS, results))

    def case(self, name):
        (case,) = self.results[name].json["cases"]
        self.assertEqual(case["status"], "ok", case["reason"])
        return case

    def assert_counted(self, end):
        for key in ("cycles", "instructions"):
            self.assertIsNotNone(end[key], key)
            self.assertGreater(end[key], 0, key)
        self.assertIsNone(end["cache_misses"], "this machine does not count them")
        self.assertEqual(end["hardware_counting_seconds"], end["hardware_enabled_seconds"], "nothing else uses the PMU")

    def test_every_sample_of_ends_that_do_not_sleep_is_counted(self):
        case = self.case("busy")
        for sample in case["samples"]:
            for end in ("writer", "reader"):
                self.assert_counted(sample[end])
        self.assertIsNone(case["counting"])

    def test_ends_that_may_sleep_are_counted_in_a_sample_of_their_own(self):
        case = self.case("block")
        for end in ("writer", "reader"):
            self.assert_counted(case["counting"][end])
            self.assertIsNone(case["samples"][0][end]["cycles"])

    def test_figures_follow_from_the_counts(self):
        for name in ("busy", "block"):
            summary = self.case(name)["summary"]
            for end in ("writer", "reader"):
                # A nanosecond is a cycle, and with shift=0 an instruction: but for idling, they are the same.
                self.assertAlmostEqual(summary[end]["instructions_per_cycle"], 1, delta=0.2)
                self.assertGreater(summary[end]["cycles_per_byte"], 0)

    def test_the_doctor_says_which_counters_are_missing_where_some_are_there(self):
        (finding,) = [finding for finding in self.results["doctor"].json["findings"] if finding["about"] == "hardware counters"]
        self.assertEqual(finding["figures"], ["cache_misses", "dtlb_misses"])
        self.assertEqual(finding["why"], "The processor counts others, but not these.")

    def test_profiles_are_taken_by_cycles(self):
        for name, scope in (("profile", "cpu"), ("turns", "cpu"), ("threads", "thread")):
            profile = self.case(name)["profile"]
            self.assertEqual((profile["event"], profile["event_scope"]), ("cycles", scope))
            self.assertEqual(profile["obstacles"], [])
            for end in ("writer", "reader"):
                self.assertGreater(profile[end]["samples"], 10)
                self.assertGreater(sum(row["share"] for row in profile[end]["work"] if row["kind"] == "copying"), 0.1)


if __name__ == "__main__":
    machine.run_tests(missing())
