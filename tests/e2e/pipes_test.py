#!/usr/bin/env python3
"""Pipes to other programs: writer stdin, reader stdout, and pipebench between two of them.

Usage: pipes_test.py PIPEBENCH [ARGUMENT OF unittest...]
"""

import fcntl
import hashlib
import json
import os
import platform
import pty
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from cli_test import CALLS, forbid

BINARY = ""
PATIENCE = 120  # seconds; nothing here takes so long on its own
MIB = 1 << 20


class Pipebench:
    """pipebench with pipes to this test, as far as `ends` (stdin, stdout) says; results as JSON."""

    def __init__(self, *arguments, ends, **how):
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        streams |= {end: subprocess.PIPE for end in ends} | how
        with tempfile.NamedTemporaryFile(suffix=".json", delete=False) as file:
            self.results = file.name
        if "--timeout" not in arguments:
            arguments += ("--timeout", "60s")
        self.process = subprocess.Popen([BINARY, *arguments, "--output", self.results], **streams)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.kill()
        self.process.communicate()
        os.unlink(self.results)

    def end(self):
        """Exit code, stdout, stderr, and the one case."""
        out, err = self.process.communicate(timeout=PATIENCE)
        with open(self.results, encoding="utf-8") as file:
            text = file.read()
        case = json.loads(text)["cases"][0] if text else None
        return self.process.returncode, out, err.decode(), case


def feed(pipe, data, then=None):
    """Writes all of it in the background, and closes the pipe, after `then`. A reader that goes away is no error."""

    def work():
        try:
            pipe.write(data)
            pipe.flush()
            if then:
                then()
            pipe.close()
        except BrokenPipeError:
            pass

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def readers():
    listing = subprocess.run([BINARY, "list", "--format", "json"], check=True, stdout=subprocess.PIPE, stdin=subprocess.PIPE)
    return [pair["reader"] for pair in json.loads(listing.stdout)["pairs"] if pair["writer"] == "stdin" and pair["compatible"]]


class Input(unittest.TestCase):
    def take(self, *arguments, data, **how):
        with Pipebench("--writer", "stdin", *arguments, ends=["stdin"], **how) as bench:
            thread = feed(bench.process.stdin, data)
            bench.process.stdin = None
            result = bench.end()
            thread.join()
            return result

    def test_is_taken_to_its_end_by_every_reader(self):
        names = readers()
        self.assertIn("splice", names)
        self.assertNotIn("null", names)
        for reader in names:
            with self.subTest(reader=reader):
                code, _, err, case = self.take("--reader", reader, data=bytes(3 * MIB + 17))
                self.assertEqual((code, case["status"]), (0, "ok"), err)
                self.assertEqual([sample["bytes"] for sample in case["samples"]], [3 * MIB + 17])

    def test_is_taken_with_every_wait(self):
        for wait in ("poll", "busy", "busy-poll"):
            with self.subTest(wait=wait):
                code, _, err, case = self.take("--reader", "read", "--wait", wait, data=bytes(MIB))
                self.assertEqual((code, case["samples"][0]["bytes"]), (0, MIB), err)

    def test_is_one_case_of_one_round_without_the_other_programs_place(self):
        code, out, err, case = self.take("--reader", "read", data=bytes(MIB))
        self.assertEqual(code, 0, err)
        self.assertIn(b"stdin-read", out)
        self.assertEqual(case["summary"]["n"], 1)
        self.assertIsNone(case["spec"]["writer_cpu"])
        self.assertIsNone(case["spec"]["relation"])
        self.assertGreater(case["samples"][0]["seconds"], 0)

    def test_ends_at_bytes_and_takes_no_more(self):
        read, write = os.pipe()
        with os.fdopen(read, "rb", buffering=0) as rest, os.fdopen(write, "wb", buffering=0) as pipe:
            pipe.write(b"a" * 10000 + b"b" * 5)
            with Pipebench("--writer", "stdin", "--reader", "read", "--bytes", "10000", ends=[], stdin=rest) as bench:
                code, _, err, case = bench.end()
            self.assertEqual((code, case["samples"][0]["bytes"]), (0, 10000), err)
            self.assertEqual(rest.read(100), b"b" * 5)

    def test_ends_by_time_though_nothing_more_comes(self):
        with Pipebench("--writer", "stdin", "--reader", "read", "--time", "100ms", ends=["stdin"]) as bench:
            bench.process.stdin.write(bytes(4096))
            bench.process.stdin.flush()
            bench.process.wait(PATIENCE)
            code, _, err, case = bench.end()
        self.assertEqual((code, case["samples"][0]["bytes"]), (0, 4096), err)

    def test_that_ends_before_its_bytes_fails_with_the_figures(self):
        code, _, _, case = self.take("--reader", "splice", "--bytes", "1M", data=bytes(1000))
        self.assertEqual((code, case["status"]), (1, "failed"))
        self.assertIn("ended before the 1048576 bytes", case["reason"])
        self.assertIn("1000 bytes came", case["reason"])
        self.assertEqual(case["samples"][0]["bytes"], 1000)

    def test_without_a_byte_fails(self):
        code, _, _, case = self.take("--reader", "splice", data=b"")
        self.assertEqual((code, case["status"], case["samples"]), (1, "failed", []))
        self.assertIn("ended before the first byte", case["reason"])

    def test_that_stops_is_given_up(self):
        for sent in (b"", bytes(1000)):
            with self.subTest(sent=len(sent)):
                with Pipebench("--writer", "stdin", "--reader", "read", "--timeout", "100ms", ends=["stdin"]) as bench:
                    bench.process.stdin.write(sent)
                    bench.process.stdin.flush()
                    bench.process.wait(PATIENCE)
                    code, _, _, case = bench.end()
                self.assertEqual((code, case["status"]), (1, "failed"))
                self.assertIn("Nothing moved for", case["reason"])
                self.assertEqual(len(case["samples"]), 1 if sent else 0)

    def test_that_is_interrupted_leaves_its_figures(self):
        with Pipebench("--writer", "stdin", "--reader", "read", "--progress", "always", ends=["stdin"]) as bench:
            bench.process.stdin.write(bytes(5000))
            bench.process.stdin.flush()
            line = b""
            while b"average" not in line:  # it shows how far it is
                line += bench.process.stderr.read1()
            bench.process.send_signal(signal.SIGINT)
            bench.process.wait(PATIENCE)
            code, _, _, case = bench.end()
        self.assertEqual(code, 130)
        self.assertEqual([sample["bytes"] for sample in case["samples"]], [5000])

    def test_that_is_slow_is_shown_in_smaller_units(self):
        with Pipebench("--writer", "stdin", "--reader", "read", "--progress", "always", ends=["stdin"]) as bench:
            line = b""
            while b"no byte yet" not in line:
                line += bench.process.stderr.read1()
            bench.process.stdin.write(bytes(20000))
            bench.process.stdin.flush()
            while b"average" not in line:
                line += bench.process.stderr.read1()
            bench.process.stdin.close()
            bench.process.stdin = None
            bench.process.wait(PATIENCE)
        self.assertRegex(line.decode(), r": [1-9]\d*\.\d\d [KM]iB/s, average [1-9]\d*\.\d\d [KM]iB/s, 19\.53 KiB in")

    def test_that_pauses_at_the_end_has_a_note(self):
        with Pipebench("--writer", "stdin", "--reader", "read", "--time", "1s", ends=["stdin"]) as bench:
            bench.process.stdin.write(bytes(MIB))
            bench.process.stdin.flush()
            bench.process.wait(PATIENCE)
            code, _, err, case = bench.end()
        self.assertEqual(code, 0, err)
        self.assertRegex(" ".join(case["notes"]), r"Nothing moved in the last \S+ s of the sample")

    def test_has_its_pipe_resized_where_asked(self):
        for wanted, got in (("auto", 65536), ("256K", 262144)):
            with self.subTest(wanted=wanted):
                code, _, err, case = self.take("--reader", "read", "--pipe-size", wanted, data=bytes(MIB))
                self.assertEqual((code, case["obtained"]["pipe_bytes"]), (0, got), err)

    def test_keeps_a_pipe_that_holds_more(self):
        read, write = os.pipe()
        with os.fdopen(read, "rb", buffering=0) as end, os.fdopen(write, "wb", buffering=0) as pipe:
            pipe.write(bytes(65536))
            with Pipebench("--writer", "stdin", "--reader", "read", "--pipe-size", "4K", "--bytes", "64K", ends=[], stdin=end) as bench:
                code, _, err, case = bench.end()
        self.assertEqual((code, case["obtained"]["pipe_bytes"]), (0, 65536))
        self.assertIn("The pipe keeps its 64K", " ".join(case["notes"]), err)

    def test_leaves_the_flags_of_the_descriptor(self):
        read, write = os.pipe()
        with os.fdopen(read, "rb", buffering=0) as end, os.fdopen(write, "wb", buffering=0) as pipe:
            pipe.write(bytes(4096))
            with Pipebench("--writer", "stdin", "--reader", "read", "--wait", "busy", "--bytes", "4096", ends=[], stdin=end) as bench:
                self.assertEqual(bench.end()[0], 0)
            self.assertFalse(fcntl.fcntl(end, fcntl.F_GETFL) & os.O_NONBLOCK)


class Output(unittest.TestCase):
    def test_gets_exactly_its_bytes_and_results_go_to_stderr(self):
        for writer in ("write", "vmsplice", "splice", "tee"):
            with self.subTest(writer=writer):
                with Pipebench("--writer", writer, "--reader", "stdout", "--bytes", "32M", ends=[]) as bench:
                    code, out, err, case = bench.end()
                self.assertEqual((code, len(out)), (0, 32 * MIB), err)
                self.assertIn(f"{writer}-stdout", err)
                self.assertEqual([sample["bytes"] for sample in case["samples"]], [32 * MIB])
                self.assertIsNone(case["spec"]["reader_cpu"])

    def test_ends_by_time_with_what_was_counted(self):
        with Pipebench("--writer", "write", "--reader", "stdout", "--time", "50ms", ends=[]) as bench:
            code, out, err, case = bench.end()
        self.assertEqual((code, len(out)), (0, case["samples"][0]["bytes"]), err)

    def test_that_is_closed_early_fails_with_the_figures(self):
        with Pipebench("--writer", "write", "--reader", "stdout", "--bytes", "1G", ends=[]) as bench:
            bench.process.stdout.read(MIB)
            bench.process.stdout.close()
            bench.process.stdout = None
            code, _, _, case = bench.end()
        self.assertEqual((code, case["status"]), (1, "failed"))
        self.assertIn("The consumer closed its end of the pipe after", case["reason"])
        self.assertGreaterEqual(case["samples"][0]["bytes"], MIB)

    def test_that_nobody_reads_is_given_up(self):
        with Pipebench("--writer", "write", "--reader", "stdout", "--timeout", "100ms", ends=[]) as bench:
            bench.process.wait(PATIENCE)
            code, _, _, case = bench.end()
        self.assertEqual((code, case["status"]), (1, "failed"))
        self.assertIn("Nothing moved for", case["reason"])


class Between(unittest.TestCase):
    def pass_on(self, *arguments, **how):
        data = os.urandom(20 * MIB + 3)
        with Pipebench("--writer", "stdin", "--reader", "stdout", *arguments, ends=["stdin"], **how) as bench:
            thread = feed(bench.process.stdin, data)
            bench.process.stdin = None
            code, out, err, case = bench.end()
            thread.join()
        self.assertEqual(code, 0, err)
        self.assertEqual(hashlib.sha256(out).hexdigest(), hashlib.sha256(data).hexdigest())
        self.assertEqual(case["samples"][0]["bytes"], len(data))

    def without_splice(self):
        """How to start a process whose splice() the kernel refuses, as in a container with a strict profile."""
        if platform.machine() not in CALLS:
            self.skipTest(f"the number of splice() on {platform.machine()} is not known to this test")
        how = {"preexec_fn": lambda: forbid(CALLS[platform.machine()]["splice"])}
        try:
            subprocess.run(["true"], check=True, **how)
        except subprocess.SubprocessError:
            self.skipTest("seccomp filters are not permitted here")
        return how

    def test_every_byte_passes_unchanged(self):
        for wait in ("block", "poll", "busy"):
            with self.subTest(wait=wait):
                self.pass_on("--wait", wait)

    def test_every_byte_passes_where_splice_is_forbidden(self):
        self.pass_on(**self.without_splice())

    def test_an_interrupt_ends_it_though_nobody_reads(self):
        for how in ({}, self.without_splice()):
            with self.subTest(forbidden=bool(how)):
                with Pipebench("--writer", "stdin", "--reader", "stdout", "--progress", "always", ends=["stdin"], **how) as bench:
                    thread = feed(bench.process.stdin, bytes(4 * MIB))
                    bench.process.stdin = None
                    line = b""
                    while b"average" not in line:
                        line += bench.process.stderr.read1()
                    bench.process.send_signal(signal.SIGINT)
                    bench.process.wait(PATIENCE)
                    thread.join()
                    self.assertEqual(bench.process.returncode, 130)

    def test_a_consumer_that_goes_away_is_said(self):
        with Pipebench("--writer", "stdin", "--reader", "stdout", ends=["stdin"]) as bench:
            thread = feed(bench.process.stdin, bytes(64 * MIB))
            bench.process.stdin = None
            bench.process.stdout.read(MIB)
            bench.process.stdout.close()
            bench.process.stdout = None
            code, _, _, case = bench.end()
            thread.join()
        self.assertEqual(code, 1)
        self.assertIn("The consumer closed its end of the pipe after", case["reason"])

    def test_an_interrupt_ends_it_though_nothing_moves(self):
        with Pipebench("--writer", "stdin", "--reader", "stdout", ends=["stdin"]) as bench:
            bench.process.stdin.write(bytes(100))
            bench.process.stdin.flush()
            self.assertEqual(bench.process.stdout.read(100), bytes(100))
            bench.process.send_signal(signal.SIGINT)
            bench.process.wait(PATIENCE)
            self.assertEqual(bench.end()[0], 130)


class Started(unittest.TestCase):
    """Programs that pipebench starts itself (--exec)."""

    def take(self, *arguments):
        """Of standard input and output that are no pipes."""
        with tempfile.TemporaryFile() as stdout, Pipebench(*arguments, ends=[], stdout=stdout) as bench:
            code, _, err, case = bench.end()
            return code, err, case

    def produce(self, command, *arguments):
        return self.take("--writer", "stdin", "--reader", "read", "--exec", command, *arguments)

    def consume(self, command, *arguments):
        return self.take("--writer", "write", "--reader", "stdout", "--exec", command, *arguments)

    def test_begin_anew_with_each_sample(self):
        code, err, case = self.produce("head -c 100000 /dev/zero", "--rounds", "3")
        self.assertEqual((code, [sample["bytes"] for sample in case["samples"]]), (0, [100000] * 3), err)
        self.assertEqual(case["spec"]["exec"], "head -c 100000 /dev/zero")

    def test_end_with_the_sample_though_they_would_go_on(self):
        with tempfile.NamedTemporaryFile() as numbers:
            code, err, case = self.produce(f"echo $$ >> {numbers.name}; yes", "--rounds", "2", "--time", "30ms")
            self.assertEqual((code, len(case["samples"])), (0, 2), err)
            for number in numbers.read().split():
                self.assertFalse(os.path.exists(b"/proc/" + number), number)

    def test_run_where_the_end_would(self):
        cpu = str(min(os.sched_getaffinity(0)))
        for option, end in (("produce", "writer"), ("consume", "reader")):
            with self.subTest(end=end), tempfile.NamedTemporaryFile() as mask:
                command = f"grep Cpus_allowed_list /proc/self/status > {mask.name}; yes | cat /dev/zero - 2>&1"
                if end == "reader":
                    command = f"grep Cpus_allowed_list /proc/self/status > {mask.name}; cat"
                code, err, case = getattr(self, option)(command, "--rounds", "1", "--time", "20ms", "--cpus", f"{cpu},{cpu}")
                self.assertEqual((code, case["spec"][end + "_cpu"]), (0, int(cpu)), err)
                self.assertEqual(mask.read().decode().split(), ["Cpus_allowed_list:", cpu])

    def test_get_what_our_writer_sends(self):
        with tempfile.NamedTemporaryFile() as count:
            code, err, case = self.consume(f"wc -c > {count.name}", "--rounds", "1", "--warmup", "0", "--bytes", "8M")
            self.assertEqual((code, case["samples"][0]["bytes"]), (0, 8 * MIB), err)
            self.assertEqual(int(count.read()), 8 * MIB)

    def test_print_nothing_into_the_results(self):
        result = subprocess.run([BINARY, "--writer", "write", "--reader", "stdout", "--exec", "cat; echo intruder", "--rounds", "1", "--time", "10ms", "--format", "json"], check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(json.loads(result.stdout)["cases"][0]["status"], "ok")

    def test_stand_in_a_plan_with_others(self):
        with tempfile.NamedTemporaryFile("w", suffix=".ini") as config:
            config.write("[ours]\nwriter=write\nreader=read\n[theirs]\nwriter=stdin\nreader=read\nexec=yes # and yes\n")
            config.flush()
            result = subprocess.run([BINARY, "--config", config.name, "--rounds", "2", "--time", "10ms", "--format", "json"], check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        cases = json.loads(result.stdout)["cases"]
        self.assertEqual([(case["name"], case["status"], len(case["samples"])) for case in cases], [("ours", "ok", 2), ("theirs", "ok", 2)])

    def test_that_fail_fail_the_case(self):
        for command, reason in (
            ("exit 3", "The program `exit 3` exited with code 3 before the first byte."),
            ("head -c 5000 /dev/zero; exit 3", "exited with code 3. Until then 5000 bytes came"),
            ("kill -SEGV $$", "was ended by signal 11"),
            ("no-such-program", "exited with code 127"),
        ):
            with self.subTest(command=command):
                code, _, case = self.produce(command)
                self.assertEqual((code, case["status"]), (1, "failed"))
                self.assertIn(reason, case["reason"])
        code, _, case = self.consume("head -c 1000; exit 4", "--warmup", "0")
        self.assertEqual((code, case["status"]), (1, "failed"))
        self.assertIn("`head -c 1000; exit 4` exited with code 4. Until then", case["reason"])

    def test_that_read_may_have_enough(self):
        code, err, case = self.consume("head -c 10000000", "--warmup", "0", "--rounds", "2", "--time", "60m")
        self.assertEqual((code, case["status"], len(case["samples"])), (0, "ok", 2), err)
        code, _, case = self.consume("head -c 10000000", "--warmup", "0", "--bytes", "1G")
        self.assertEqual((code, case["status"]), (1, "failed"))
        self.assertIn("`head -c 10000000` ended before the 1073741824 bytes of --bytes.", case["reason"])
        code, _, case = self.consume("head -c 1000", "--warmup", "60m")
        self.assertEqual((code, case["status"], case["samples"]), (1, "failed", []))
        self.assertIn("That was in the warm-up.", case["reason"])

    def test_that_read_nothing_have_notes(self):
        code, err, case = self.consume("sleep 1000", "--warmup", "0", "--rounds", "1", "--bytes", "64K")
        self.assertEqual(code, 0, err)
        self.assertIn("was still there a second after", " ".join(case["notes"]))
        self.assertIn("All that was moved fits into the pipe", " ".join(case["notes"]))

    def test_may_have_a_hash_in_a_config(self):
        with tempfile.NamedTemporaryFile("w", suffix=".ini") as config:
            config.write("[theirs]\nwriter=stdin\nreader=read\nexec = printf 'a #b'  \n")
            config.flush()
            code, err, case = self.take("--config", config.name, "--rounds", "1")
        self.assertEqual((code, case["spec"]["exec"], case["samples"][0]["bytes"]), (0, "printf 'a #b'", 4), err)

    def test_are_not_called_ends_that_ran_too_briefly(self):
        result = subprocess.run([BINARY, "profile", "--writer", "stdin", "--reader", "read", "--exec", "yes", "--time", "50ms"], check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertNotIn(b"too briefly", result.stdout)

    def test_that_hang_are_given_up(self):
        code, _, case = self.produce("sleep 1000", "--timeout", "100ms")
        self.assertEqual((code, case["status"]), (1, "failed"))
        self.assertIn("Nothing moved for", case["reason"])

    def test_end_with_an_interrupt(self):
        with tempfile.NamedTemporaryFile() as number, Pipebench("--writer", "stdin", "--reader", "read", "--exec", f"echo $$ > {number.name}; yes", "--time", "60m", ends=[]) as bench:
            deadline = time.monotonic() + PATIENCE
            while not os.path.getsize(number.name) and time.monotonic() < deadline:
                time.sleep(0.01)
            bench.process.send_signal(signal.SIGINT)
            self.assertEqual(bench.end()[0], 130)
            self.assertFalse(os.path.exists(b"/proc/" + number.read().strip()))

    def test_leave_the_size_that_they_choose(self):
        command = "python3 -c 'import fcntl, os; fcntl.fcntl(1, 1031, 262144); os.write(1, bytes(100000))'"
        code, err, case = self.produce(command, "--rounds", "1")
        self.assertEqual((code, case["spec"]["pipe_bytes"], case["obtained"]["pipe_bytes"]), (0, 65536, 262144), err)


class Refused(unittest.TestCase):
    def refuse(self, *arguments, **how):
        how = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE} | how
        ended = subprocess.run([BINARY, *arguments], stderr=subprocess.PIPE, check=False, timeout=PATIENCE, **how)
        self.assertEqual(ended.returncode, 2, ended.stderr)
        return ended.stderr.decode()

    def test_is_what_is_no_pipe(self):
        with tempfile.TemporaryFile() as file:
            self.assertIn("Standard input is a file", self.refuse("--writer", "stdin", stdin=file))
            self.assertIn("Standard output is a file", self.refuse("--reader", "stdout", stdout=file))
        self.assertIn("Standard input is a device", self.refuse("--writer", "stdin", stdin=subprocess.DEVNULL))
        leader, terminal = pty.openpty()
        self.assertIn("Standard input is a terminal", self.refuse("--writer", "stdin", stdin=terminal))
        self.assertIn("Standard output is a terminal", self.refuse("--reader", "stdout", stdout=terminal))
        os.close(leader)
        os.close(terminal)

    def test_is_what_would_take_the_bytes_twice(self):
        for options in (["--rounds", "3"], ["--warmup", "100ms"], ["--precision", "2%"], ["--steady"], ["--budget", "1s"], ["--buffer-size", "4K,8K"]):
            with self.subTest(options=options):
                self.assertIn(options[0] if len(options) < 2 or "," not in options[1] else "one such case", self.refuse("--writer", "stdin", "--reader", "read", *options))

    def test_is_a_program_that_nothing_would_start(self):
        self.assertIn("add --writer stdin or --reader stdout", self.refuse("--writer", "write", "--exec", "yes"))
        self.assertIn("the command is empty", self.refuse("--writer", "stdin", "--exec", " "))
        self.assertIn("cannot be shown", self.refuse("--writer", "stdin", "--exec", b"yes \xff"))
        self.assertIn("cannot be shown", self.refuse("--writer", "stdin", "--exec", "yes \033[31m"))
        self.assertIn("has 5000 bytes", self.refuse("--writer", "stdin", "--exec", "y" * 5000))

    def test_is_no_plan_of_all_strategies(self):
        plan = subprocess.run([BINARY, "--writer", "all", "--reader", "all", "--dry-run", "--format", "csv"], check=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.assertNotIn(b"stdin", plan.stdout)
        self.assertNotIn(b"stdout", plan.stdout)


if __name__ == "__main__":
    BINARY = sys.argv[1]
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
