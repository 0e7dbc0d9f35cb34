#!/usr/bin/env python3
"""examples/fizzbuzz: every byte, whatever the pipe and its reader are like.

Usage: fizzbuzz_test.py FIZZBUZZ [ARGUMENT OF unittest...]
"""

import fcntl
import itertools
import os
import platform
import signal
import subprocess
import sys
import tempfile
import unittest

from cli_test import CALLS, forbid

BINARY = ""
PAGE = os.sysconf("SC_PAGESIZE")
MIB = 1 << 20


def lines(first, count):
    """The text by the rule itself, independent of both of the program's ways."""
    words = {0: b"FizzBuzz"} | dict.fromkeys([3, 6, 9, 12], b"Fizz") | dict.fromkeys([5, 10], b"Buzz")
    return b"".join((words.get(n % 15) or b"%d" % n) + b"\n" for n in range(first, first + count))


class FizzBuzz:
    """The program, its output in a pipe of `pipe_size` bytes, or of the usual size, in which case it enlarges the pipe."""

    def __init__(self, *arguments, pipe_size=None, blocking=True, **how):
        self.pipe, out = os.pipe()
        if pipe_size is not None:
            fcntl.fcntl(out, fcntl.F_SETPIPE_SZ, pipe_size)
        os.set_blocking(out, blocking)
        self.process = subprocess.Popen([BINARY, *map(str, arguments)], stdout=out, stderr=subprocess.PIPE, **how)
        os.close(out)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()

    def close(self):
        if self.pipe is not None:
            os.close(self.pipe)
        self.pipe = None

    def read(self, size):
        return os.read(self.pipe, size)

    def wait_until_stuck(self):
        """Until the pipe is full and the next text is made, or the program has ended."""
        state = "R"
        while state not in "SZ":
            with open(f"/proc/{self.process.pid}/stat", encoding="utf-8") as file:
                state = file.read().rpartition(")")[2].split()[0]

    def end(self):
        """The exit status and what went to stderr."""
        errors = self.process.stderr.read().decode()
        return self.process.wait(), errors


class Text(unittest.TestCase):
    def assert_same(self, got, expected):
        if got != expected:  # megabytes are no message
            at = next(i for i, (one, other) in enumerate(itertools.zip_longest(got, expected)) if one != other)
            self.fail(f"byte {at} of {len(expected)}: {got[at - 40 : at + 40]} instead of {expected[at - 40 : at + 40]}")

    def assert_reads(self, program, expected, sizes, patient=False):
        """Reads as many bytes as `sizes` say in turn, holding back before each if `patient`, until all is there."""
        got = bytearray()
        for size in itertools.cycle(sizes):
            if patient:
                program.wait_until_stuck()
            piece = program.read(min(size, len(expected) - len(got)))
            got += piece
            if not piece:
                break
        self.assert_same(got, expected)

    def test_is_that_of_the_rule(self):
        with FizzBuzz(500_000) as program:
            self.assert_reads(program, lines(1, 500_000), [MIB])
            self.assertEqual(program.end(), (0, ""))
        with FizzBuzz("--plain", 50_000) as program:
            self.assert_reads(program, lines(1, 50_000), [MIB])
            self.assertEqual(program.end(), (0, ""))

    def test_of_the_first_hundred_million_lines_is_that_of_the_plain_way(self):
        with FizzBuzz(100_000_000) as fast, FizzBuzz("--plain", 100_000_000) as plain:
            pipes = fast.pipe, plain.pipe
            files = [f"/dev/fd/{pipe}" for pipe in pipes]
            result = subprocess.run(["cmp", *files], pass_fds=pipes, capture_output=True, text=True, check=False)
            self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))
            self.assertEqual((fast.end(), plain.end()), ((0, ""), (0, "")))

    def test_is_right_where_numbers_become_longer(self):
        for digits in range(1, 19):
            # More than three blocks on both sides, so that a ring for a small pipe goes around. Neither begins nor ends with a block.
            first = max(1, 10**digits - 45_678)
            with self.subTest(digits=digits), FizzBuzz("--from", first, 98_765, pipe_size=4 * PAGE) as program:
                self.assert_reads(program, lines(first, 98_765), [MIB])
                self.assertEqual(program.end(), (0, ""))

    def test_ends_with_the_last_number_of_19_digits(self):
        first = 10**19 - 123_456
        with FizzBuzz("--from", first, pipe_size=4 * PAGE) as program:
            self.assert_reads(program, lines(first, 123_456), [MIB])
            self.assertEqual(program.end(), (0, ""))

    def test_survives_small_and_odd_reads(self):
        with FizzBuzz() as program:
            self.assert_reads(program, lines(1, 700_000), [1, 4095, 7, 4097, 12_345, 65_537, 2])

    def test_survives_a_reader_that_lets_the_pipe_fill(self):
        for size in (PAGE, 2 * PAGE, 32 * PAGE, None, MIB):
            with self.subTest(pipe_size=size), FizzBuzz("--from", 10**8, pipe_size=size) as program:
                self.assert_reads(program, lines(10**8, 500_000), [50_001], patient=True)

    def test_survives_a_reader_that_enlarges_the_pipe(self):
        before, after = lines(10**8, 200_000), lines(10**8 + 200_000, 400_000)
        with FizzBuzz("--from", 10**8, pipe_size=2 * PAGE) as program:
            self.assert_reads(program, before, [50_001], patient=True)
            fcntl.fcntl(program.pipe, fcntl.F_SETPIPE_SZ, MIB)
            self.assert_reads(program, after, [50_001], patient=True)

    def test_survives_a_reader_that_splices_on_if_copied(self):
        expected = lines(10**8, 400_000)
        far_end, near_end = os.pipe()
        fcntl.fcntl(near_end, fcntl.F_SETPIPE_SZ, 256 * PAGE)
        got = bytearray()
        with FizzBuzz("--copy", "--from", 10**8, 400_000, pipe_size=2 * PAGE) as program:
            # Before any of it is read, the second pipe holds more than a whole ring of three blocks.
            while held := sum(os.splice(program.pipe, near_end, 2 * PAGE) for _ in range(120)):
                program.wait_until_stuck()
                got += os.read(far_end, held)
        os.close(far_end)
        os.close(near_end)
        self.assert_same(got, expected)

    def test_survives_a_pipe_that_does_not_block(self):
        with FizzBuzz(300_000, blocking=False) as program:
            self.assert_reads(program, lines(1, 300_000), [50_001])
            self.assertEqual(program.end(), (0, ""))

    def test_goes_into_a_file(self):
        with tempfile.TemporaryFile() as file:
            subprocess.run([BINARY, "300000"], stdout=file, check=True)
            file.seek(0)
            self.assert_same(file.read(), lines(1, 300_000))

    def test_needs_no_vmsplice(self):
        if platform.machine() not in CALLS:
            self.skipTest(f"the number of vmsplice() on {platform.machine()} is not known to this test")
        try:
            program = FizzBuzz(300_000, preexec_fn=lambda: forbid(CALLS[platform.machine()]["vmsplice"]))
        except subprocess.SubprocessError:
            self.skipTest("seccomp filters are not permitted here")
        with program:
            self.assert_reads(program, lines(1, 300_000), [MIB])
            self.assertEqual(program.end(), (0, ""))


class Ends(unittest.TestCase):
    def test_quietly_when_the_reader_closes_the_pipe(self):
        for way in ([], ["--copy"], ["--plain"]):
            for ignored, status in ((False, -signal.SIGPIPE), (True, 0)):
                # This interpreter ignores the signal; its children do so if it is not restored.
                with self.subTest(way=way, ignored=ignored), FizzBuzz(*way, restore_signals=not ignored) as program:
                    self.assertEqual(program.read(10), b"1\n2\nFizz\n4")
                    program.close()
                    self.assertEqual(program.end(), (status, ""))

    def test_with_a_sentence_when_it_cannot_write(self):
        with open("/dev/full", "wb") as full:
            result = subprocess.run([BINARY], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stderr, "fizzbuzz: cannot write to standard output: No space left on device\n")

    def test_with_a_sentence_when_it_is_called_wrongly(self):
        for arguments in (["x"], ["-1"], ["1", "2"], ["--from"], ["--from", "0"], ["--from", "1x"], [str(10**19)], ["--fast"], [""]):
            with self.subTest(arguments=arguments):
                result = subprocess.run([BINARY, *arguments], capture_output=True, text=True, check=False)
                self.assertEqual((result.returncode, result.stdout), (1, ""))
                self.assertRegex(result.stderr, r"\Afizzbuzz: .*\n\Z")

    def test_at_once_when_no_lines_are_wanted(self):
        self.assertEqual(subprocess.run([BINARY, "0"], capture_output=True, check=True).stdout, b"")


if __name__ == "__main__":
    BINARY = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
