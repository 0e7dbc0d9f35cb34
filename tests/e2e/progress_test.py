#!/usr/bin/env python3
"""The progress line, on a pseudo-terminal: what it says, how wide it is, and that nothing of it stays.

Usage: progress_test.py PIPEBENCH [ARGUMENT OF unittest...]
"""

import fcntl
import os
import pathlib
import pty
import re
import resource
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unicodedata
import unittest

BINARY = ""
PATIENCE = 120  # seconds; nothing here takes so long on its own
CLEAR = "\r\x1b[K"
PAIRS = ["--writer", "write,vmsplice", "--reader", "read", "--time", "5ms", "--warmup", "0", "--timeout", "60s"]
WITHOUT_END = ["--rounds", "1000000"]


def columns_of(text):
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


class OnTerminal:
    """pipebench with a controlling terminal, which is its stderr; stdout goes nowhere."""

    def __init__(self, *arguments, columns=120, term="xterm", command=None):
        self.terminal, child_side = pty.openpty()
        self.resize(columns)

        def prepare():
            os.setsid()
            fcntl.ioctl(2, termios.TIOCSCTTY, 0)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
                signal.signal(number, signal.SIG_DFL)  # a shell may have had them ignored

        environment = {name: value for name, value in os.environ.items() if name != "TERM"} | ({"TERM": term} if term else {})
        self.process = subprocess.Popen(command or [BINARY, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=child_side,
                                        preexec_fn=prepare, env=environment)
        os.close(child_side)
        self.output = ""

    def resize(self, columns):
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def read(self):
        """More of what it says; False: that was all."""
        if not select.select([self.terminal], [], [], PATIENCE)[0]:
            self.process.kill()
            raise AssertionError(f"nothing more came after: {self.output[-1000:]}")
        try:
            more = os.read(self.terminal, 65536)
        except OSError:  # EIO: nobody has the other side open
            return False
        self.output += more.decode(errors="replace")
        return True

    def wait_for(self, condition):
        end = time.monotonic() + PATIENCE
        while not condition(self):
            if not self.read() or time.monotonic() > end:
                raise AssertionError(f"it did not come: {self.output[-1000:]}")

    def finish(self):
        while self.read():
            pass
        os.close(self.terminal)
        return self.process.wait(PATIENCE)

    def draws(self):
        """Each progress line, as it was drawn."""
        return [text for text in self.output.split(CLEAR) if text.startswith("[")]

    def screen(self):
        """The rows that are left, of a terminal of endless width."""
        rows = []
        for row in re.sub(r"\x1b\[[\d;]*m", "", self.output).split("\n"):
            shown = row.removesuffix("\r").split(CLEAR)[-1]
            rows.append(shown)
        return rows


class Progress(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="pipebench-progress-")
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def started(self, *arguments, **how):
        run = OnTerminal(*arguments, **how)
        self.addCleanup(run.process.kill)  # where it has not ended
        return run

    def assert_silent(self, run):
        """It may warn, of another pipebench for instance."""
        self.assertNotIn(CLEAR, run.output)
        self.assertNotRegex(run.output, r"\[\d+/\d+")

    def finished(self, *arguments, **how):
        run = self.started(*arguments, **how)
        self.assertEqual(run.finish(), 0, run.output)
        return run

    def test_tells_case_speed_and_what_is_left(self):
        run = self.finished(*PAIRS, "--rounds", "3", "--order", "sequential", "--counters", "off")
        first, second, third, fourth, fifth, sixth = run.draws()
        self.assertEqual(first, "[0/6] write-read")
        self.assertRegex(second, r"^\[1/6, \d+s left\] vmsplice-read \(sample before: \d+\.\d\d [GM]iB/s\)$")
        self.assertRegex(third, r"^\[2/6, \d+s left\] write-read: \d+\.\d\d [GM]iB/s$")
        self.assertRegex(fourth, r"^\[3/6, \d+s left\] vmsplice-read: \d+\.\d\d [GM]iB/s$")
        self.assertRegex(fifth, r"^\[4/6, \d+s left\] write-read: \d+\.\d\d [GM]iB/s, median \d+\.\d\d [GM]iB/s$")
        self.assertRegex(sixth, r"^\[5/6, \d+s left\] vmsplice-read: \d+\.\d\d [GM]iB/s, median \d+\.\d\d [GM]iB/s$")
        self.assertIn(second.split(": ")[1].split(" ")[0], third)
        self.assertEqual(run.screen()[-1], "")

    def test_tells_the_speed_of_a_long_sample_while_it_goes_on(self):
        long = ["--reader", "read", "--time", "4s", "--warmup", "0", "--rounds", "2", "--order", "sequential", "--counters", "off", "--timeout", "60s"]
        run = self.started("--writer", "write", *long)
        run.wait_for(lambda run: any(line.startswith("[1/2") and "average" in line for line in run.draws()))
        run.process.send_signal(signal.SIGINT)
        run.finish()
        live = [line for line in run.draws() if "average" in line]
        for line in live:
            self.assertRegex(line, r"^\[[01]/2.*\] write-read: \d+\.\d\d [GM]iB/s, average \d+\.\d\d [GM]iB/s, \d+\.\d\d [GM]iB in [2-9]\.\d s$")
            rate, average = (float(amount) * {"GiB": 1024, "MiB": 1}[unit] for amount, unit in re.findall(r"(\S+) (.iB)/s", line))
            self.assertLess(rate, 100 * average, "the second sample counts from its own start")
        self.assertEqual(run.screen()[-1], "")
        one = self.started("--isolation", "none", "--writer", "write", *long, "--rounds", "1")
        one.finish()
        self.assertNotIn("average", one.output)

    def test_has_no_speed_where_one_thread_runs_both_ends(self):
        run = self.finished("--isolation", "none", "--writer", "write", "--reader", "read", "--time", "5ms", "--warmup", "0", "--rounds", "2")
        self.assertNotIn("GiB/s", run.output)
        self.assertRegex(run.draws()[1], r"^\[1/2, \d+s left\] write-read$")

    def test_stays_out_of_the_log(self):
        run = self.finished(*PAIRS, "--rounds", "3", "--verbose", "--counters", "off")
        *rows, last = run.screen()
        self.assertEqual(last, "")
        self.assertEqual(sum(row.startswith("pipebench: debug: round ") for row in rows), 6, rows)
        for row in rows:
            self.assertRegex(row, r"^pipebench: [a-z]+: [^\[\]]+$")
        # It comes back at once, and is not gone for as long as the next sample takes.
        self.assertRegex(run.output, r"round 0: [^\n]*\n" + re.escape(CLEAR) + r"\[")

    def test_fits_into_any_width(self):
        config = self.directory / "x.ini"
        name = "\u6f22\u5b57\u202e" * 30  # wide, and turning the text round
        config.write_bytes(f"[{name}]\nwriter = null\nreader = null\ntime = 5ms\nwarmup = 0\nrounds = 1000000\n".encode())
        run = self.started("--config", str(config), columns=100)
        run.wait_for(lambda run: len(run.draws()) > 4)
        self.assertTrue(all(columns_of(line) <= 99 for line in run.draws()), run.draws())
        self.assertRegex(run.draws()[3], r"\u6f22\u5b57\\xe2\\x80\\xae.*: \d+\.\d\d [GM]iB/s, median \d+\.\d\d [GM]iB/s$")
        for columns in (34, 9, 2, 200):
            run.resize(columns)
            run.wait_for(lambda run: columns - 2 <= columns_of(run.draws()[-2]) < columns)
        run.process.send_signal(signal.SIGINT)
        self.assertEqual(run.finish(), 130)
        self.assertNotIn("\u202e", run.output)

    def test_cuts_no_figure(self):
        run = self.started("--writer", "write", "--reader", "read", "--rounds", "1000000", "--time", "5ms", "--warmup", "0", columns=50)
        run.wait_for(lambda run: len(run.draws()) > 4)
        run.process.send_signal(signal.SIGINT)
        run.finish()
        self.assertRegex(run.draws()[4], r"^\[.*\] write-read: \d+\.\d\d [GM]iB/s$")

    def test_is_silent_where_nobody_looks(self):
        case = [*PAIRS, "--rounds", "2"]
        for arguments, how in (([], {"term": "dumb"}), ([], {"term": None}), (["--quiet"], {}), (["--quiet", "--progress", "always"], {}), (["--progress", "never"], {})):
            self.assert_silent(self.finished(*case, *arguments, **how))
        self.assertTrue(self.finished(*case, "--progress", "always", term="dumb").draws())

    def test_leaves_the_line_to_the_shell_in_the_background(self):
        run = self.finished(command=["bash", "-m", "-c", '"$@" & wait $!', "bash", BINARY, *PAIRS, "--rounds", "2"])
        self.assert_silent(run)
        run = self.finished(command=["bash", "-m", "-c", '"$@"; exit $?', "bash", BINARY, *PAIRS, "--rounds", "2"])
        self.assertTrue(run.draws())

    def test_leaves_a_clean_line_however_it_ends(self):
        for key, number, code in (("\x03", None, 130), ("\x1c", None, -signal.SIGQUIT), (None, signal.SIGINT, 130), (None, signal.SIGTERM, 143),
                                  (None, signal.SIGHUP, 129), (None, signal.SIGQUIT, -signal.SIGQUIT)):
            run = self.started(*PAIRS, *WITHOUT_END)
            run.wait_for(lambda run: len(run.draws()) > 3)
            if key:
                os.write(run.terminal, key.encode())
            else:
                run.process.send_signal(number)
            self.assertEqual(run.finish(), code, run.output[-1000:])
            self.assertEqual(run.screen()[-1], "", run.output[-200:])
            self.assertNotIn("\x1b[?", run.output)  # no cursor was hidden, nothing else was changed


def main(arguments):
    global BINARY
    BINARY, *rest = arguments
    return 0 if unittest.main(argv=[sys.argv[0], *rest], exit=False).result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
