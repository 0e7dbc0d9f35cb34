#!/usr/bin/env python3
"""Ends in processes of their own (--isolation processes) that somebody stops or kills.

Usage: processes_test.py PIPEBENCH [ARGUMENT OF unittest...]
"""

import os
import signal
import sys
import time
import unittest

import pipes_test
from pipes_test import PATIENCE, Pipebench


def children_of(process, count):
    """As soon as there are so many: the ends, writers first."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with open(f"/proc/{process}/task/{process}/children", encoding="ascii") as file:
            children = [int(child) for child in file.read().split()]
        if len(children) == count:
            return children
        time.sleep(0.001)
    raise TimeoutError(f"pipebench never had {count} processes")


class Processes(unittest.TestCase):
    def disturb(self, which, number, *arguments, processes=2, then=None):
        """Sends the signal to the process of one end; gives the one case."""
        with Pipebench("--isolation", "processes", "--rounds", "1", "--warmup", "0", "--timeout", "1s", *arguments, ends=[]) as bench:
            process = children_of(bench.process.pid, processes)[which]
            os.kill(process, number)
            if then:
                then(process)
            code, _, err, case = bench.end()
        self.assertEqual((code, case["status"]), (1, "failed"), err)
        return case["reason"]

    def test_that_are_stopped_are_named_and_the_others_are_not(self):
        for wait in ("block", "busy"):
            for which, end in ((0, "writer"), (1, "reader")):
                with self.subTest(wait=wait, end=end):
                    reason = self.disturb(which, signal.SIGSTOP, "--writer", "write", "--reader", "read", "--wait", wait, "--time", "60m")
                    self.assertIn(f"The {end}'s process could not be woken", reason)

    def test_that_are_stopped_among_several_do_not_keep_the_others(self):
        reason = self.disturb(2, signal.SIGSTOP, "--writer", "write", "--reader", "read", "--reader-threads", "2", "--time", "2s", processes=3)
        self.assertIn("The reader's process could not be woken", reason)

    def test_that_were_stopped_for_too_long_have_failed_though_they_go_on(self):
        def go_on(process):
            time.sleep(1.5)  # the timeout is over; unless the machine is very slow, the process has not been killed yet
            os.kill(process, signal.SIGCONT)

        reason = self.disturb(2, signal.SIGSTOP, "--writer", "write", "--reader", "read", "--reader-threads", "2", "--time", "60m", processes=3, then=go_on)
        self.assertRegex(reason, "was stopped for longer than 1s|could not be woken")

    def test_that_are_killed_without_a_pipe_between_them(self):
        for which, end in ((0, "writer"), (1, "reader")):
            with self.subTest(end=end):
                reason = self.disturb(which, signal.SIGKILL, "--writer", "null", "--reader", "null", "--time", "60m")
                self.assertIn(f"The {end}'s process was ended by signal 9", reason)


if __name__ == "__main__":
    pipes_test.BINARY = sys.argv[1]
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
