#!/usr/bin/env python3
"""The binary as a user meets it: exit codes, streams, files, signals, and what a machine withholds.

Usage: cli_test.py PIPEBENCH [ARGUMENT OF unittest...]
"""

import csv
import ctypes
import fcntl
import io
import json
import os
import pathlib
import platform
import pwd
import resource
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

BINARY = ""
PATIENCE = 120  # seconds; nothing here takes so long on its own
# Beside other work, a thread may get no CPU for so long that the usual 10 s call it stalled.
SHORT = ["--time", "5ms", "--warmup", "1ms", "--timeout", "60s"]
LADDER = ["write-read", "write-read-huge", "vmsplice-read", "vmsplice-read-huge", "vmsplice-splice", "vmsplice-splice-huge", "busy-loop-huge"]


def run(*arguments, **how):
    """Runs pipebench; the result has returncode, stdout and stderr (text)."""
    how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "timeout": PATIENCE, "errors": "surrogateescape"} | how
    return subprocess.run([BINARY, *arguments], check=False, **how)


def become_nobody():
    """In the child: an ordinary user without capabilities. Does nothing for one who is ordinary already."""
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.setgroups([])
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)


def as_nobody(*arguments, before=None, **how):
    def prepare():
        if before:
            before()
        become_nobody()

    try:
        return run(*arguments, preexec_fn=prepare, cwd="/", **how)
    except (PermissionError, subprocess.SubprocessError) as error:
        raise unittest.SkipTest(f"cannot run the binary as nobody: {error}") from None


def sanitized():
    return "-fsanitize" in run("--version").stdout


def peak_kib(*arguments):
    """The most memory that a run has; of the program alone: what wait4() says counts the fork of this interpreter too."""
    child = subprocess.Popen([BINARY, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    peak = 0
    while child.poll() is None:
        for line in pathlib.Path(f"/proc/{child.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                peak = max(peak, int(line.split()[1]))
        time.sleep(0.01)
    if child.returncode != 0:
        raise AssertionError(f"{arguments} ended with {child.returncode}")
    return peak


def status_of(pid):
    """(parent's PID, state) of /proc/PID/stat; None: there is no such process."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(fields[1]), fields[0]


def children_of(parent):
    """PIDs, in the order in which they were started."""
    pids = sorted(int(entry.name) for entry in pathlib.Path("/proc").iterdir() if entry.name.isdigit())
    return [pid for pid in pids if (status_of(pid) or (0, ""))[0] == parent]


def is_alive(pid):
    """A zombie is not: it waits for whoever adopted it."""
    status = status_of(pid)
    return status is not None and status[1] not in "ZX"


def prctl(*arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    padded = [*arguments, 0, 0, 0, 0][:5]
    if libc.prctl(*[ctypes.c_ulong(value) if isinstance(value, int) else value for value in padded]) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


# System call numbers that the seccomp tests forbid, by machine.
CALLS = {
    "x86_64": {"vmsplice": 278, "splice": 275, "unshare": 272, "perf_event_open": 298, "getrusage": 98,
               "io_uring_setup": 425, "io_uring_register": 427},
    "aarch64": {"vmsplice": 75, "splice": 76, "unshare": 97, "perf_event_open": 241, "getrusage": 165,
                "io_uring_setup": 425, "io_uring_register": 427},
}


def forbid(*numbers):
    """In the child: these system calls fail with EPERM, as in a container with a strict profile."""

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    load, jump_equal, give = 0x20, 0x15, 0x06
    lines = [(load, 0, 0, 0)]  # the number is the first word of seccomp_data
    for at, number in enumerate(numbers):
        lines.append((jump_equal, len(numbers) - at, 0, number))
    lines += [(give, 0, 0, 0x7FFF0000), (give, 0, 0, 0x00050000 | 1)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in lines))
    program = Program(len(lines), ctypes.cast(code, ctypes.c_void_p).value)
    prctl(38, 1)  # PR_SET_NO_NEW_PRIVS
    prctl(22, 2, ctypes.byref(program))  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER


def become_everyone():
    """In the child: a user namespace that maps all users to themselves, as the first one does."""
    ready, begin = os.pipe()
    child = os.getpid()
    outside = os.fork()
    if outside == 0:  # only from there may a map be written that has more than one user
        os.read(ready, 1)
        try:
            for ids in ("uid_map", "gid_map"):
                pathlib.Path(f"/proc/{child}/{ids}").write_text("0 0 4294967295\n")
        except OSError:
            os._exit(1)
        os._exit(0)
    made = ctypes.CDLL(None, use_errno=True).unshare(0x10000000)  # CLONE_NEWUSER
    os.write(begin, b"x")
    _, status = os.waitpid(outside, 0)
    if made != 0 or status != 0:
        raise PermissionError("unshare")


def hide(*places):
    """In the child: these directories are empty, as in a container that mounts neither /proc nor /sys."""
    libc = ctypes.CDLL(None, use_errno=True)

    def must(result, what):
        if result != 0:
            raise OSError(ctypes.get_errno(), what)

    new_mounts, new_user, recursive, private = 0x00020000, 0x10000000, 0x4000, 1 << 18
    must(libc.unshare(new_mounts | (new_user if os.geteuid() != 0 else 0)), "unshare")
    must(libc.mount(b"none", b"/", None, ctypes.c_ulong(recursive | private), None), "mount(MS_PRIVATE)")
    for place in places:
        must(libc.mount(b"none", place.encode(), b"tmpfs", ctypes.c_ulong(0), None), f"mount(tmpfs, {place})")


class CliTest(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="pipebench-cli-"))
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def file(self, name, text=None):
        path = self.directory / name
        if text is not None:
            path.write_text(text, encoding="utf-8")
        return str(path)

    def leftovers(self):
        return sorted(path.name for path in self.directory.iterdir())

    def run_without(self, call, *arguments):
        """Runs pipebench where a seccomp filter refuses this system call."""
        machine = platform.machine()
        if machine not in CALLS:
            self.skipTest(f"the number of {call}() on {machine} is not known to this test")
        try:
            return run(*arguments, preexec_fn=lambda: forbid(CALLS[machine][call]))
        except subprocess.SubprocessError:
            self.skipTest("seccomp filters are not permitted here")

    def assert_sentence(self, text):
        """One message for a person: who speaks, a whole sentence or more, no trace of a crash."""
        self.assertTrue(text.startswith("pipebench: "), text)
        self.assertEqual(text.count("\n"), 1, text)
        self.assertNotIn("terminate called", text)
        self.assertGreater(len(text.split()), 4, text)

    def assert_refused(self, *arguments, says=(), **how):
        result = run(*arguments, **how)
        self.assertEqual(result.returncode, 2, f"{arguments}: {result.stderr}")
        self.assertEqual(result.stdout, "", arguments)
        self.assert_sentence(result.stderr)
        for part in says:
            self.assertIn(part, result.stderr, arguments)
        return result

    def run_json(self, *arguments, code=0, **how):
        result = run(*arguments, "--format", "json", **how)
        document = json.loads(result.stdout) if result.stdout else {"cases": []}
        reasons = [f"{case['name']}: {case['reason']}" for case in document["cases"] if case["status"] == "failed"]
        self.assertEqual(result.returncode, code, result.stderr + "; ".join(reasons))
        return document


class BadInput(CliTest):
    """Each would run for hours if it were accepted, so that one that is measured is found out."""

    ENDLESS = ["--time", "60m"]

    def refused(self, *arguments, says=()):
        self.assert_refused(*arguments, *self.ENDLESS, says=says)

    def test_unknown_names_get_the_nearest(self):
        self.refused("--writer", "vmslice", says=["--writer", "'vmslice'", "did you mean 'vmsplice'?", "write"])
        self.refused("--reader", "raed", says=["--reader", "did you mean 'read'?"])
        self.refused("--wait", "bsy", says=["--wait", "did you mean 'busy'?"])
        self.refused("--pages", "thb", says=["--pages", "did you mean 'thp'?"])
        self.refused("--format", "jason", says=["--format", "did you mean 'json'?"])
        self.refused("--order", "shufled", says=["--order", "did you mean 'shuffled'?"])
        self.refused("--config", "artcle", says=["--config", "Did you mean 'article'?"])
        self.refused("--config", "article", "--section", "write-raed", says=["--section", "did you mean 'write-read'?"])
        self.refused("--baseline", "write-raed", says=["--baseline: unknown case", "did you mean 'write-read'?"])
        self.refused("--wirter", "write", says=["'--wirter'", "Did you mean '--writer'?"])
        self.assert_refused("lsit", says=["did you mean 'list'?"])
        self.assert_refused("list", "--fromat", "json", says=["Did you mean '--format'?"])

    def test_what_later_versions_know_is_unknown_here(self):
        known = run("--help").stdout
        for option in ("--streams", "--stripe", "--membind", "--isolation", "--verify", "--resume"):
            if option not in known:
                self.refused(option, "2", says=[option])

    def test_cpus(self):
        self.refused("--cpus", "0,9999", says=["--cpus", "CPU 9999 does not exist"])
        for text in ("0", "0,0,0", "x,y", "-1,0", "0,", "", "0-1"):
            self.refused(f"--cpus={text}", says=["--cpus"])

    def test_a_cpu_outside_the_mask(self):
        cpus = sorted(os.sched_getaffinity(0))
        if len(cpus) < 2:
            self.skipTest("only one CPU is allowed here")
        self.assert_refused(
            "--cpus", f"{cpus[0]},{cpus[1]}", *self.ENDLESS, says=["--cpus", f"CPU {cpus[1]} cannot be used"],
            preexec_fn=lambda: os.sched_setaffinity(0, {cpus[0]}),
        )

    def test_an_offline_cpu(self):
        offline = pathlib.Path("/sys/devices/system/cpu/offline")
        text = offline.read_text().strip() if offline.exists() else ""
        if not text:
            self.skipTest("no CPU is offline here")
        first = text.replace("-", ",").split(",")[0]
        self.refused("--cpus", f"{first},{first}", says=["--cpus", f"CPU {first}"])

    def test_sizes(self):
        for option in ("--buffer-size", "--pipe-size", "--bytes", "--buffers", "--rounds"):
            for value in ("0", "-1", "99999999999999999999999", "18446744073709551615G", "x", "1.5"):
                self.assert_refused(f"{option}={value}", says=[option])
        self.refused("--buffer-size", "1000", says=["--buffer-size", "4096"] if resource.getpagesize() == 4096 else ["--buffer-size"])
        self.assert_refused("--bytes", "1000", says=["--bytes"])
        self.refused("--buffer-size", "1M..4K", says=["--buffer-size", "is reversed"])

    def test_durations(self):
        for option in ("--time", "--timeout", "--warmup"):
            for value in ("-1s", "5", "x", "1e9s", "100h", ""):
                self.assert_refused(f"{option}={value}", says=[option])

    def test_goals(self):
        for value in ("2", "0.02", "-2%", "0%", "101%", "x%", ""):
            self.refused(f"--precision={value}", says=["--precision"])
        for value in ("0", "-1s", "60", "x"):
            self.refused(f"--budget={value}", says=["--budget"])
        self.refused("--steady", "--conditions", "off", says=["--steady", "--conditions off", "cannot be combined"])
        self.refused("--conditions", "auto", says=["--conditions"])

    def test_a_pipe_above_the_limit_names_it_and_the_mend(self):
        limit = int(pathlib.Path("/proc/sys/fs/pipe-max-size").read_text())
        result = as_nobody("--pipe-size", str(2 * limit), *self.ENDLESS)
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assert_sentence(result.stderr)
        for part in ("--pipe-size", "pipe-max-size", f"sysctl -w fs.pipe-max-size={2 * limit}"):
            self.assertIn(part, result.stderr)

    def test_empty_lists(self):
        for option in ("--writer", "--reader", "--wait", "--pages", "--buffer-size", "--buffers", "--pipe-size"):
            for value in ("", ",", "all,", ",all"):
                self.refused(f"{option}={value}", says=[option])

    def test_options_that_exclude_each_other(self):
        self.refused("--bytes", "1M", says=["--time", "--bytes", "cannot be combined"])
        self.refused("-q", "-v", says=["cannot be combined"])

    def test_stray_arguments(self):
        self.refused("run", "write", says=["'write'"])
        self.refused("--writer", "write", "read", says=["'read'"])
        self.assert_refused("list", "writers", says=["'writers'"])

    def test_an_option_given_twice_or_without_a_value(self):
        self.refused("--writer", "write", "--writer", "null", says=["--writer", "twice"])
        self.assert_refused("--seed", says=["--seed"])
        self.assert_refused("--seed", "--rounds", "3", says=["--seed needs a value"])

    def test_output_that_cannot_be_written_is_found_before_measuring(self):
        missing = self.file("missing/x.json")
        self.refused("--output", missing, says=["--output", missing, "ENOENT"])
        self.refused("--output", self.file("x.doc"), says=["--output", ".json"])
        os.mkdir(self.file("directory.json"))
        self.refused("--output", self.file("directory.json"), says=["--output", "EISDIR"])
        self.assertEqual(self.leftovers(), ["directory.json"])

    def test_output_that_is_read_only_is_found_before_measuring(self):
        os.chmod(self.directory, 0o755)
        os.chmod(self.file("kept.json", "{}"), 0o444)
        for name in ("new.json", "kept.json"):
            if os.geteuid() != 0:
                os.chmod(self.directory, 0o555)
            result = as_nobody("--output", self.file(name), *self.ENDLESS)
            self.assertEqual(result.returncode, 2, result.stderr)
            self.assertEqual(result.stdout, "")
            self.assert_sentence(result.stderr)
            self.assertIn("EACCES", result.stderr)
        os.chmod(self.directory, 0o755)
        self.assertEqual(self.leftovers(), ["kept.json"])

    def test_the_first_output_leaves_nothing_when_the_second_is_refused(self):
        self.refused("--output", self.file("good.json"), "--output", self.file("missing/x.json"))
        self.assertEqual(self.leftovers(), [])

    def test_configs(self):
        def refused(text, *says):
            self.refused("--config", self.file("x.ini", text), says=says)

        refused("[a]\nwriter = write\n[a]\n", "x.ini:3", "[a]", "line 1")
        refused("[a]\nbufer-size = 4K\n", "x.ini:2: [a] bufer-size", "did you mean 'buffer-size'?")
        refused("[a]\n\nwriter = wirte\n", "x.ini:3: [a] writer", "did you mean 'write'?")
        refused("[a]\nseed = 1\n", "x.ini:2: [a] seed", "[defaults]")
        refused("[a]\nrounds = many\n", "x.ini:2: [a] rounds", "'many'")
        refused("[defaults]\nformat = jason\n[a]\n", "x.ini:2: [defaults] format")
        refused("[a]\nwriter\n", "x.ini:2")
        refused("", "no section")
        self.refused("--config", str(self.directory), says=["--config"])
        self.refused("--config", self.file("missing.ini"), says=["--config", "ENOENT"])
        self.refused("--section", "a", "--writer", "write", says=["--section"])

    def test_bytes_that_are_no_text(self):
        self.assert_refused("--writer", b"\xff\xfe", says=["--writer"])
        self.assert_refused("--config", b"\xff.ini", says=["--config"])
        self.assert_refused(b"\xff")

    def test_control_characters_are_shown_as_numbers(self):
        hostile = "\x1b]0;title\x07"
        for arguments in (["--writer", hostile], ["--config", hostile], ["--" + hostile], [hostile], ["--output", hostile + ".json/x.json"],
                          ["--config", self.file("x.ini", f"[a{hostile}]\n")], ["--config", self.file(hostile + ".ini", "[a]\nx = 1\n")]):
            result = self.assert_refused(*arguments, says=["\\x1b]0;title\\x07"])
            self.assertNotRegex(result.stderr, r"[\x00-\x09\x0b-\x1f\x7f]")

    def test_foreign_topologies(self):
        self.assert_refused(*self.ENDLESS, env=os.environ | {"HWLOC_SYNTHETIC": "pu:4"}, says=["HWLOC_SYNTHETIC"])
        self.refused("--topology", "synthetic:core:4 pu:1", says=["--topology", "--dry-run"])
        for text in ("nonsense", "synthetic:", "synthetic:pack:0", "synthetic:pack:2 numa", "xml:/nonexistent.xml"):
            for command in (["topology"], ["--dry-run"]):
                self.assert_refused(*command, "--topology", text, says=["--topology"])
        hostile = self.file("x.xml", '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><topology>&a;</topology>')
        self.assert_refused("topology", "--topology", f"xml:{hostile}", says=["--topology", "x.xml"])

    def test_depths(self):
        for depth in ("0", "100000", "two", "4..1"):
            self.refused("--writer", "uring-write", "--depth", depth, says=["--depth", depth])
        self.refused("--sqpoll=perhaps", says=["--sqpoll", "perhaps", "on"])

    def test_placements(self):
        self.refused("--membind", "node:99", says=["--membind", "node:99"])
        self.refused("--streams", "1024", says=["--streams", "--oversubscribe"])
        self.refused("--streams", "1025", says=["--streams", "1024"])
        self.refused("--streams", "0", says=["--streams"])
        self.refused("--sample", "3", says=["--sample", "pairs"])

class Texts(CliTest):
    def test_help_shows_examples_first_and_every_option(self):
        for arguments in (["--help"], ["run", "--help"], ["-h"]):
            result = run(*arguments)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertLess(result.stdout.index("Examples:"), result.stdout.index("Usage:"))
            for option in ("--writer", "--reader", "--wait", "--pages", "--buffer-size", "--buffers", "--pipe-size", "--cpus", "--gift", "--contiguous",
                           "--no-touch", "--lock", "--depth", "--sqpoll", "--registered", "--strict", "--time", "--bytes", "--rounds", "--precision", "--budget", "--steady", "--conditions", "--warmup", "--seed", "--order", "--timeout", "--counters",
                           "--config", "--section", "--dry-run", "--format", "--output", "--progress", "--color", "--quiet", "--verbose", "--version"):
                self.assertRegex(result.stdout, rf"(?m)^  (-\w, )?{option}\b", option)
            for line in result.stdout.splitlines():
                self.assertLessEqual(len(line), 80, line)

    def test_the_examples_of_help_are_accepted(self):
        lines = run("--help").stdout.splitlines()
        examples = [line.split() for line in lines if line.startswith("  pipebench")]
        self.assertGreater(len(examples), 3)
        for words in examples:
            arguments = [("any" if words[at] == "--cpus" else word) for at, word in enumerate(words[1:])]
            if "--output" in arguments:
                arguments[arguments.index("--output") + 1] = self.file("x.json")
            if "--dry-run" not in arguments:
                arguments.append("--dry-run")
            self.assertEqual(run(*arguments).returncode, 0, words)

    def test_version(self):
        result = run("--version")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertRegex(result.stdout, r"^pipebench \d+\.\d+\.\d+ ")

    def test_list(self):
        result = run("list")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        for line in result.stdout.splitlines():
            self.assertLessEqual(len(line), 80, line)
            self.assertNotIn("\\x", line)
        for name in ("vmsplice", "readv", "busy-poll", "thp", "article"):
            self.assertRegex(result.stdout, rf"(?m)^\w+ +{name} ")

    def test_list_leaves_commands_whole(self):
        reasons = [entry["reason"] or "" for entry in json.loads(run("list", "--format", "json").stdout)["entries"]]
        commands = [reason.split(": `")[1].split("`")[0] for reason in reasons if ": `" in reason]
        if not commands:
            self.skipTest("nothing is missing here that a command would mend")
        lines = [line.strip() for line in run("list").stdout.splitlines()]
        for command in commands:
            self.assertIn(command, lines)

    def test_list_as_json(self):
        result = run("list", "--format", "json")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        listing = json.loads(result.stdout)
        names = {kind: [entry["name"] for entry in listing["entries"] if entry["kind"] == kind] for kind in ("writer", "reader", "wait", "pages", "config")}
        self.assertTrue(all(names.values()), names)
        self.assertEqual(len(listing["pairs"]), len(names["writer"]) * len(names["reader"]))
        for entry in listing["entries"] + listing["pairs"]:
            works = entry.get("available", entry.get("compatible"))
            self.assertEqual(works, entry["reason"] is None, entry)

    def test_list_in_the_other_formats(self):
        rows = list(csv.DictReader(io.StringIO(run("list", "--format", "csv").stdout)))
        self.assertIn("vmsplice", [row["name"] for row in rows])
        self.assertIn("| writer | vmsplice |", run("list", "--format", "markdown").stdout)


def without_others(stderr):
    """What a run says, but for who else measures on this machine at the moment."""
    return "".join(line for line in stderr.splitlines(keepends=True) if "other pipebench" not in line)


class Doctor(CliTest):
    def test_lists_the_worst_first_within_eighty_columns(self):
        result = run("doctor")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        findings = json.loads(run("doctor", "--format", "json").stdout)["findings"]
        commands = {finding["mend"] for finding in findings}
        for line in result.stdout.splitlines():
            if line.strip() not in commands:
                self.assertLessEqual(len(line), 80, line)
        order = [["blocker", "warning", "note"].index(finding["severity"]) for finding in findings]
        self.assertEqual(order, sorted(order))
        for finding in findings:
            self.assertTrue(finding["what"].endswith("."), finding)
            self.assertTrue(finding["about"] or finding["figures"], finding)

    def test_gives_whole_commands(self):
        for finding in json.loads(run("doctor", "--format", "json").stdout)["findings"]:
            if finding["mend"]:
                self.assertEqual(subprocess.run(["sh", "-n", "-c", finding["mend"]], check=False).returncode, 0, finding)

    def test_names_what_a_filter_refuses(self):
        findings = json.loads(self.run_without("vmsplice", "doctor", "--format", "json").stdout)["findings"]
        refused = [finding["why"] for finding in findings if "vmsplice" in finding["what"] and "EPERM" in finding["what"]]
        self.assertEqual(len(refused), 1, "one cause is named once")
        self.assertIn("writer vmsplice,", refused[0])
        self.assertIn("writer tee", refused[0], "its first pages come from vmsplice()")
        self.assertIn("seccomp", [finding["about"] for finding in findings])

    def test_says_what_runs_record_too(self):
        for command in (["doctor"], ["run", "--dry-run"]):
            document = json.loads(self.run_without("perf_event_open", *command, "--format", "json").stdout)
            findings = document["findings"] if "findings" in document else document["host"]["findings"]
            (about_perf,) = [finding for finding in findings if finding["about"] == "perf events"]
            self.assertEqual(about_perf["severity"], "blocker", command)
            self.assertIn("A seccomp filter is in force", about_perf["why"], command)
            self.assertIn("cycles", about_perf["figures"], command)
            self.assertEqual([f for f in findings if "perf_event_open" in f["what"]], [about_perf], "the reason is given once")

    def test_gives_the_reason_for_what_the_sysctl_refuses_once(self):
        if int(pathlib.Path("/proc/sys/kernel/perf_event_paranoid").read_text()) < 2:
            self.skipTest("kernel.perf_event_paranoid is below 2, so that nothing is refused")
        findings = json.loads(as_nobody("doctor", "--format", "json").stdout)["findings"]
        (about_perf,) = [f for f in findings if f["about"] in ("perf events", "hardware counters")]
        self.assertIn("kernel.perf_event_paranoid is", about_perf["why"])
        self.assertIn("cycles", about_perf["figures"])
        self.assertEqual(about_perf["mend"], "sysctl -w kernel.perf_event_paranoid=1")

    def test_knows_a_user_namespace_that_maps_all_users_to_themselves(self):
        try:
            inside = json.loads(run("doctor", "--format", "json", preexec_fn=become_everyone).stdout)["findings"]
        except subprocess.SubprocessError:
            self.skipTest("only root of the first user namespace may map all users")
        self.assertIn("user namespace", [finding["about"] for finding in inside])
        outside = json.loads(run("doctor", "--format", "json").stdout)["findings"]
        self.assertNotIn("user namespace", [finding["about"] for finding in outside])

    def test_says_that_the_users_pipes_reached_their_limit(self):
        if pathlib.Path("/proc/sys/fs/pipe-user-pages-soft").read_text() == "0\n":
            self.skipTest("there is no limit here")

        def take_all():
            become_nobody()
            largest = int(pathlib.Path("/proc/sys/fs/pipe-max-size").read_text())
            for _ in range(4):
                for _ in range(200):
                    for end in os.pipe():
                        os.set_inheritable(end, True)
                    if fcntl.fcntl(end, 1032) < 65536:  # F_GETPIPE_SZ: that was the last
                        break
                    try:
                        fcntl.fcntl(end, 1031, largest)  # F_SETPIPE_SZ
                    except PermissionError:
                        pass  # there is room for small ones
                time.sleep(0.1)  # io_uring lets go of the pipes of a program that has ended when it finds the time

        for command in (["doctor"], ["run", "--dry-run"]):
            try:
                document = json.loads(run(*command, "--format", "json", preexec_fn=take_all, close_fds=False, cwd="/").stdout)
            except (PermissionError, subprocess.SubprocessError) as error:
                self.skipTest(f"cannot run the binary as nobody: {error}")
            findings = document["findings"] if "findings" in document else document["host"]["findings"]
            self.assertTrue(any(finding["what"].startswith("A new pipe has ") for finding in findings), command)

    def test_has_a_row_for_each_finding(self):
        findings = json.loads(run("doctor", "--format", "json").stdout)["findings"]
        rows = list(csv.DictReader(io.StringIO(run("doctor", "--format", "csv").stdout)))
        self.assertLessEqual(abs(len(rows) - len(findings)), 1, "the load may change meanwhile")
        self.assertEqual(list(rows[0]), ["severity", "about", "what", "why", "mend", "advice"])
        self.assertIn("| how bad | about |", run("doctor", "--format", "markdown").stdout)


class UserPages(CliTest):
    FAST = ["--time", "5ms", "--warmup", "1ms"]

    def lookups(self, *arguments):
        result = run("gup", *self.FAST, *arguments, "--format", "json")
        self.assertEqual(result.returncode, 0, result.stderr)
        document = json.loads(result.stdout)
        self.assertEqual(document["schema"], "pipebench-gup/1")
        self.assertEqual(document["estimated"], document["source"] == "vmsplice")
        return {(row["pages"], row["touched"]): row for row in document["lookups"]}

    def test_cost_more_than_huge_ones(self):
        lookups = self.lookups("--rounds", "6")
        self.assertEqual({pages for pages, _ in lookups}, {"4k", "thp", "2m", "1g"})
        for row in lookups.values():
            self.assertEqual(row["status"] == "ok", row["reason"] is None, row)
        ordinary, huge = lookups["4k", True], lookups["thp", True]
        if ordinary["status"] != "ok" or huge["obtained"] != "thp":
            self.skipTest(f"vmsplice or transparent huge pages cannot be had here: {ordinary['reason']}")
        self.assertGreater(ordinary["get_ns"], 0)
        self.assertEqual(ordinary["rounds"], 6)

    def test_are_shown_in_every_format(self):
        few = ["gup", *self.FAST, "--rounds", "1"]
        text = run(*few).stdout
        self.assertIn("get ns", text)
        self.assertLessEqual(max(len(line) for line in text.splitlines() if not line.startswith("  ")), 80)
        self.assertIn("| pages | touched |", run(*few, "--format", "markdown").stdout)
        rows = list(csv.DictReader(io.StringIO(run(*few, "--format", "csv").stdout)))
        self.assertEqual(len(rows), 8)

    def test_are_looked_up_on_one_cpu(self):
        cpu = min(os.sched_getaffinity(0))
        self.assertEqual({row["cpu"] for row in self.lookups("--rounds", "1", "--cpus", f"{cpu},{cpu}").values()}, {cpu})
        result = run("gup", "--cpus", "any", "--cpus", f"{cpu},{cpu}")
        self.assertEqual(result.returncode, 2)
        self.assertIn("one CPU", result.stderr)

    def test_say_once_what_is_refused(self):
        result = self.run_without("vmsplice", "gup", *self.FAST, "--rounds", "1")
        self.assertEqual(result.returncode, 0, result.stderr)
        words = " ".join(result.stdout.split())
        self.assertEqual(words.count("Writer vmsplice cannot run here: "), 1, result.stdout)
        self.assertNotIn("none were available", words)

    def test_say_that_no_huge_pages_may_be_reserved(self):
        result = as_nobody("gup", *self.FAST, "--rounds", "1", "--reserve-huge")
        self.assertEqual(result.returncode, 0, result.stderr)
        if "--reserve-huge: " not in result.stderr:
            self.skipTest("there are enough huge pages, or the kernel has none")
        words = " ".join(result.stdout.split())
        self.assertIn("--reserve-huge could not reserve them: write(/sys/kernel/mm/hugepages/", words)
        self.assertNotIn("Let --reserve-huge", words)


class Topology(CliTest):
    OTHER = ["--topology", "synthetic:pack:2 numa:1 l3:2 core:8 pu:2"]

    def of(self, *arguments, **how):
        result = run("topology", *arguments, "--format", "json", **how)
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)

    def test_lists_the_cpus_of_this_machine(self):
        document = self.of()
        self.assertTrue(document["this_machine"])
        allowed = {cpu["cpu"] for cpu in document["cpus"] if cpu["allowed"]}
        self.assertEqual(allowed, os.sched_getaffinity(0))
        self.assertEqual(sum(relation["pairs"] for relation in document["relations"]), len(allowed) ** 2)

    def test_says_what_taskset_rules_out(self):
        cpus = sorted(os.sched_getaffinity(0))
        if len(cpus) < 2:
            self.skipTest("only one CPU is allowed here")
        document = self.of(preexec_fn=lambda: os.sched_setaffinity(0, {cpus[1]}))
        reasons = {cpu["cpu"]: cpu["reason"] for cpu in document["cpus"]}
        self.assertEqual((reasons[cpus[0]], reasons[cpus[1]]), ("outside the affinity mask", None))
        self.assertEqual([relation["relation"] for relation in document["relations"]], ["same-cpu"])

    def test_shows_a_machine_that_is_not_there(self):
        document = self.of(*self.OTHER)
        self.assertEqual((document["this_machine"], len(document["cpus"])), (False, 64))
        pairs = {relation["relation"]: relation["pairs"] for relation in document["relations"]}
        self.assertEqual(pairs, {"same-cpu": 64, "smt": 64, "l3": 64 * 14, "numa": 64 * 16, "cross-package": 64 * 32})
        text = run("topology", *self.OTHER).stdout
        self.assertLessEqual(max(map(len, text.splitlines())), 80)
        for part in ("64 CPUs", "cross-package", "SMT with"):
            self.assertIn(part, text)
        for form in ("csv", "markdown"):
            self.assertIn("package", run("topology", *self.OTHER, "--format", form).stdout)

    def test_measures_how_far_apart_the_cpus_are(self):
        cpus = sorted(os.sched_getaffinity(0))[:3]
        narrow = {"preexec_fn": lambda: os.sched_setaffinity(0, cpus)}
        handover = self.of("--measure", **narrow)["handover"]
        self.assertTrue(handover["complete"])
        pairs = [pair["cpus"] for pair in handover["pairs"]]
        # Beside other work, a pair may get no CPU.
        self.assertLessEqual(len(pairs), len(cpus) * (len(cpus) - 1) // 2)
        for pair in handover["pairs"]:
            self.assertLessEqual(pair["handover_ns_min"], pair["handover_ns"])
            self.assertLessEqual(pair["readings"], handover["passes"])
        text = run("topology", "--measure", **narrow).stdout
        self.assertIn("ns apart", text)
        self.assertLessEqual(max(map(len, text.splitlines())), 80)
        rows = list(csv.DictReader(io.StringIO(run("topology", "--measure", "--format", "csv", **narrow).stdout)))
        self.assertLessEqual({row["relation"] for row in rows}, {relation["relation"] for relation in self.of(**narrow)["relations"]})

    def test_says_that_one_cpu_is_no_pair(self):
        cpu = min(os.sched_getaffinity(0))
        text = run("topology", "--measure", preexec_fn=lambda: os.sched_setaffinity(0, {cpu})).stdout
        self.assertIn("Only one CPU is allowed, so there is no pair to measure.", text)
        self.assertNotIn("ns apart", text)

    def test_measures_nothing_unless_it_is_asked_to(self):
        self.assertIsNone(self.of()["handover"])
        self.assertIsNone(self.of("--measure=off")["handover"])
        for option in (["--sample", "2"], ["--wait-for-others"]):
            result = run("topology", *option)
            self.assertEqual(result.returncode, 2)
            self.assertIn("--measure", result.stderr)
        self.assertIn("--topology", run("topology", "--measure", *self.OTHER).stderr)

    def test_is_planned_for(self):
        document = self.run_json("--dry-run", *self.OTHER, "--cpus", "classes", "--streams", "1,16")
        relations = [case["spec"]["relation"] for case in document["cases"] if case["spec"]["streams"] == 1]
        self.assertEqual(relations, ["same-cpu", "smt", "l3", "numa", "cross-package"])
        for case in document["cases"]:
            self.assertEqual(case["status"], "planned", case["reason"])
            cpus = case["spec"]["stream_cpus"]
            self.assertEqual(len({cpu for pair in cpus for cpu in pair}), len(cpus) * (1 if cpus[0][0] == cpus[0][1] else 2))

    def test_samples_pairs_by_the_seed(self):
        def drawn(seed):
            return [case["name"] for case in self.run_json("--dry-run", *self.OTHER, "--cpus", "pairs", "--sample", "3", "--seed", seed)["cases"]]

        self.assertEqual(len(drawn("1")), 15)
        self.assertEqual(drawn("1"), drawn("1"))
        self.assertNotEqual(drawn("1"), drawn("2"))

    def test_plans_a_million_pairs_in_little_memory(self):
        plan = ["--dry-run", "--topology", "synthetic:pack:2 core:500 pu:1", "--cpus", "pairs"]
        text = run(*plan).stdout
        self.assertIn("1000000 cases", text)
        self.assertIn("days", text)
        if not sanitized():
            self.assertLess(peak_kib(*plan), 200 * 1024)


class Sweeping(CliTest):
    def test_ends_with_a_heat_map_and_a_line_for_each_relation(self):
        cpus = sorted(os.sched_getaffinity(0))[:2]
        if len(cpus) < 2:
            self.skipTest("only one CPU is allowed here")
        result = run("--cpus", "pairs", *SHORT, "--rounds", "2", preexec_fn=lambda: os.sched_setaffinity(0, cpus))
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("writers down, readers across", result.stdout)
        self.assertRegex(result.stdout, r"(?m)^same-cpu +2 ")
        self.assertNotIn("\x1b", result.stdout)
        self.assertIn("\x1b[48;5;", run("--cpus", "classes", *SHORT, "--rounds", "1", "--color", "always").stdout)

    def test_says_beforehand_how_much_pairs_come_to(self):
        sweep = ["--cpus", "pairs", "--sample", "1", *SHORT, "--rounds", "1"]
        self.assertRegex(run(*sweep).stderr, r"pipebench: \d+ cases?, up to 1 round, about 1 s\.")
        self.assertRegex(run(*sweep[:4], "--bytes", "1M", "--rounds", "2").stderr, "up to 2 rounds, for as long as")
        self.assertEqual(run(*sweep, "-q").stderr.count("round,"), 0)

    def test_promises_no_rounds_that_a_budget_may_cut(self):
        sweep = ["--cpus", "pairs", "--sample", "1", *SHORT, "--rounds", "1", "--precision", "50%"]
        self.assertRegex(run(*sweep).stderr, "at least 1 round, at most")
        self.assertRegex(run(*sweep, "--budget", "100ms").stderr, "as many rounds as they need, at most")

    def test_other_cpus_leave_a_config_without_its_sample(self):
        cpu = min(os.sched_getaffinity(0))
        config = self.file("x.ini", "[defaults]\nsample = 2\n[a]\ncpus = pairs\n")
        case = self.run_json("--dry-run", "--config", config, "--cpus", f"{cpu},{cpu}")["cases"][0]
        self.assertEqual(case["name"], "a")

    def test_runs_streams_side_by_side(self):
        document = self.run_json("--streams", "3", "--oversubscribe", "--time", "50ms", "--rounds", "2", "--verify")
        (case,) = document["cases"]
        self.assertEqual((case["status"], case["verify"]["outcome"]), ("ok", "intact"), case["reason"])
        self.assertEqual(len(case["spec"]["stream_cpus"]), 3)
        for sample in case["samples"]:
            self.assertAlmostEqual(sum(sample["stream_gib_per_second"]), sample["gib_per_second"], places=6)
        self.assertLessEqual(case["summary"]["fairness"], 1)
        self.assertIn("streams: ", run("--streams", "2", "--oversubscribe", *SHORT).stdout)

    def test_bytes_are_of_each_stream(self):
        self.assertRegex(" ".join(run("--help").stdout.split()), "--bytes SIZE length of one sample in bytes of each stream")
        two = ("--streams", "2", "--oversubscribe", "--bytes", "512M", "--warmup", "0", "--rounds", "1")
        self.assertIn("2 streams of 512M a sample each", run(*two, "--dry-run").stdout)
        (sample,) = self.run_json(*two)["cases"][0]["samples"]
        self.assertEqual(sample["counted_bytes"], 1 << 30)
        self.assertGreaterEqual(sample["counted_seconds"], sample["seconds"] * 0.99)

    def test_accepts_memory_binding_on_one_node(self):
        nodes = json.loads(run("topology", "--format", "json").stdout)["nodes"]
        case = self.run_json("--membind", f"node:{nodes[0]}", "--writer", "write", "--reader", "read", *SHORT)["cases"][0]
        self.assertEqual((case["status"], case["spec"]["membind"]), ("ok", f"node:{nodes[0]}"))
        if len(nodes) == 1:
            self.assertIn("no effect", " ".join(case["notes"]))


class Ceilings(CliTest):
    PAIRS = ["--writer", "write,vmsplice", "--reader", "read,splice", "--wait", "busy", "--ceilings"]

    def test_are_measured_in_the_same_run(self):
        results = self.file("x.json")
        text = run(*self.PAIRS, *SHORT, "--rounds", "2", "--output", results).stdout
        self.assertRegex(text, r"(?m)^write-read +\d+% +[\d.]+ copies: 2 at ")
        self.assertRegex(text, r"(?m)^vmsplice-splice +\d+% +[\d.]+ slots: ")
        self.assertNotRegex(text, r"(?m)^ceilings:")
        document = json.loads(pathlib.Path(results).read_text(encoding="utf-8"))
        cases = {case["name"]: case for case in document["cases"]}
        self.assertTrue(document["plan"]["ceilings"])
        for name, limit in (("write-read", "copies"), ("vmsplice-read", "copies"), ("vmsplice-splice", "slots")):
            ceilings = cases[name]["ceilings"]
            self.assertEqual(ceilings["applies"], limit)
            self.assertGreater(ceilings["share"], 0)
            missing = [key for key, value in ceilings.items() if value is None and key != "handover_ns"]
            self.assertEqual(missing, [], name)
            for key in ("alone_case", "null_case"):
                self.assertTrue(cases[ceilings[key]]["only_for_ceilings"])
                self.assertEqual(len(cases[ceilings[key]]["samples"]), 2)

    def test_are_planned(self):
        plain = self.run_json("--dry-run", *self.PAIRS[:-1])
        document = self.run_json("--dry-run", *self.PAIRS)
        extra = [case for case in document["cases"] if case["only_for_ceilings"]]
        self.assertEqual(len(document["cases"]) - len(extra), len(plain["cases"]))
        self.assertEqual(len(extra), 5, "each pair alone, and null once")
        self.assertEqual(document["plan"]["cases"], len(document["cases"]))
        more = document["plan"]["estimated_seconds"] - plain["plan"]["estimated_seconds"]
        self.assertGreater(more, 0)
        self.assertLess(more, 5)
        self.assertIn("--ceilings also measures", run("--dry-run", *self.PAIRS).stdout)


class DryRun(CliTest):
    def plan(self, *arguments, **how):
        return self.run_json("--dry-run", "--time", "60m", *arguments, **how)

    def test_is_the_document_without_samples(self):
        document = self.plan("--writer", "write", "--reader", "read,splice", "--seed", "7")
        self.assertEqual(document["schema"], "pipebench/1")
        self.assertEqual(document["plan"]["seed"], 7)
        self.assertFalse(document["plan"]["complete"])
        self.assertIsNone(document["plan"]["finished"])
        self.assertEqual([case["name"] for case in document["cases"]], ["write-read", "write-splice"])
        for case in document["cases"]:
            self.assertEqual((case["status"], case["samples"], case["summary"]), ("planned", [], None))

    def test_without_options_is_the_ladder(self):
        names = [case["name"] for case in self.run_json("--dry-run")["cases"]]
        self.assertEqual(names[: len(LADDER)], LADDER)

    def test_lays_the_command_line_over_sections_over_defaults(self):
        config = self.file("x.ini", "[defaults]\nwriter = write\nreader = read\nwait = poll\nrounds = 3\n[a]\nreader = splice\nwait = busy\n[b]\n")
        a, b = self.plan("--config", config, "--wait", "block")["cases"]
        self.assertEqual((a["spec"]["writer"], a["spec"]["reader"], a["spec"]["wait"]), ("write", "splice", "block"))
        self.assertEqual((b["spec"]["writer"], b["spec"]["reader"], b["spec"]["wait"]), ("write", "read", "block"))
        self.assertEqual(a["sampling"]["rounds"], 3)
        (only,) = self.plan("--config", config, "--section", "b")["cases"]
        self.assertEqual((only["name"], only["section"], only["spec"]["wait"]), ("b", "b", "poll"))

    def test_lets_time_above_replace_bytes_below(self):
        config = self.file("x.ini", "[a]\nbytes = 1M\n")
        (case,) = self.run_json("--dry-run", "--config", config)["cases"]
        self.assertEqual((case["sampling"]["bytes"], case["sampling"]["time_seconds"]), (1048576, None))
        (case,) = self.plan("--config", config)["cases"]
        self.assertEqual((case["sampling"]["bytes"], case["sampling"]["time_seconds"]), (None, 3600))

    def test_keeps_pairs_that_cannot_work(self):
        document = self.plan("--writer", "null", "--reader", "all")
        statuses = {case["name"]: (case["status"], case["reason"]) for case in document["cases"]}
        self.assertEqual(statuses["null-null"], ("planned", None))
        self.assertEqual(statuses["null-read"][0], "skipped")
        self.assertIn("null", statuses["null-read"][1])

    def test_of_every_bundled_config_fits_eighty_columns(self):
        for entry in json.loads(run("list", "--format", "json").stdout)["entries"]:
            if entry["kind"] == "config":
                for line in run("--dry-run", "--config", entry["name"]).stdout.splitlines():
                    self.assertLessEqual(len(line), 80, line)

    def test_of_every_bundled_config_works(self):
        for entry in json.loads(run("list", "--format", "json").stdout)["entries"]:
            if entry["kind"] == "config":
                self.assertTrue(self.plan("--config", entry["name"])["cases"], entry["name"])

    def test_has_a_table_and_a_row_of_csv_for_each_case(self):
        table = run("--dry-run", "--buffer-size", "4K..64K", "--cpus", "any", "--wait", "all").stdout
        for line in table.splitlines():
            self.assertLessEqual(len(line), 80, line)
            self.assertNotIn("\\x", line)
        rows = list(csv.reader(io.StringIO(run("--dry-run", "--format", "csv").stdout)))
        self.assertEqual(rows[0][:2], ["name", "status"])
        self.assertEqual([row[0] for row in rows[1:]][: len(LADDER)], LADDER)
        self.assertEqual({len(row) for row in rows}, {len(rows[0])})

    def test_records_arguments_that_are_no_text(self):
        path = os.fsencode(self.directory) + b"/\xff.json"
        result = run("--dry-run", "--output", path)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertTrue(json.loads(pathlib.Path(os.fsdecode(path)).read_text(encoding="utf-8"))["plan"]["arguments"])

    def test_reserves_as_the_run_would(self):
        plan = self.plan("--pages", "2m", "--reserve-huge")
        file = "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"
        free = pathlib.Path(file).with_name("free_hugepages")
        before = free.read_text() if free.exists() else ""
        can_be_had = before not in ("", "0\n") or os.access(file, os.W_OK)
        self.assertEqual(plan["cases"][0]["status"], "planned" if can_be_had else "skipped", plan["cases"][0]["reason"])
        self.assertEqual(free.read_text() if free.exists() else "", before)

    def test_shows_what_has_no_column(self):
        options = ["--stripe", "2", "--payload", "fresh", "--consume", "checksum", "--membind", "interleave"]
        table = run("--dry-run", "--writer", "write", "--reader", "read", "--lock=off,on", *options).stdout
        self.assertIn("with: every case: --stripe 2 --membind interleave --payload fresh", table)
        self.assertNotIn("--lock", table)
        self.assertLessEqual(max(map(len, table.splitlines())), 80)

    def test_for_another_machine_says_nothing_of_this_one(self):
        other = ["--topology", "synthetic:pack:2 core:4 pu:2"]
        host = self.plan(*other)["host"]
        known = {key for key, value in host.items() if value is not None}
        self.assertEqual(known, {"topology", "warnings", "findings"})
        (warning,) = host["warnings"]
        (finding,) = host["findings"]
        self.assertEqual(set(finding["figures"]), set(host) - known)
        for key in set(host) - known:
            self.assertIn(key, warning)
        self.assertNotIn("Linux", run("--dry-run", *other).stdout)
        if platform.machine() in CALLS:  # nor of what this kernel forbids
            case = self.plan(*other, "--writer", "vmsplice", preexec_fn=lambda: forbid(CALLS[platform.machine()]["vmsplice"]))["cases"][0]
            self.assertEqual(case["status"], "planned", case["reason"])

    def test_lays_quiet_over_verbose(self):
        config = self.file("x.ini", "[defaults]\nverbose = on\n[a]\nwriter = null\nreader = null\n")
        result = run("--config", config, "-q", *SHORT, "--rounds", "1")
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_honours_quiet_in_the_defaults(self):
        config = self.file("x.ini", "[defaults]\nquiet = on\n[a]\nwriter = null\nreader = read\n")
        self.assertEqual(run("--config", config).stderr, "")


class Measuring(CliTest):
    PAIRS = ["--writer", "write,null", "--reader", "read", *SHORT, "--rounds", "3"]

    def test_gives_the_same_in_every_format(self):
        outputs = [self.file(name) for name in ("x.json", "x.csv", "x.md")]
        result = run(*self.PAIRS, "--format", "json", *[word for path in outputs for word in ("--output", path)])
        self.assertEqual(result.returncode, 0, result.stderr)
        document = json.loads(result.stdout)
        self.assertEqual(json.loads(pathlib.Path(outputs[0]).read_text()), document)
        self.assertEqual(self.leftovers(), ["x.csv", "x.json", "x.md"])

        measured, skipped = document["cases"]
        self.assertEqual((measured["name"], measured["status"]), ("write-read", "ok"))
        self.assertEqual((skipped["name"], skipped["status"], skipped["samples"]), ("null-read", "skipped", []))
        self.assertEqual([sample["round"] for sample in measured["samples"]], [0, 1, 2])
        rows = list(csv.DictReader(io.StringIO(pathlib.Path(outputs[1]).read_text())))
        self.assertEqual([(row["name"], int(row["bytes"]), int(row["writer_calls"])) for row in rows],
                         [("write-read", sample["bytes"], sample["writer"]["calls"]) for sample in measured["samples"]])
        markdown = pathlib.Path(outputs[2]).read_text()
        self.assertIn("| write-read |", markdown)
        self.assertIn("skipped: null-read", markdown)

    def test_gives_a_table_of_eighty_columns(self):
        result = run(*self.PAIRS, "--wait", "all", "--buffer-size", "64K,128K")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("GiB/s", result.stdout)
        for line in result.stdout.splitlines():
            self.assertLessEqual(len(line), 80, line)
            self.assertNotIn("\\x", line)

    def test_tells_what_calls_cost_when_both_ends_share_a_thread(self):
        options = ["--writer", "write", "--reader", "read", "--isolation", "threads,none", "--wait", "busy,poll", *SHORT]
        output = self.file("x.json")
        result = run(*options, "--rounds", "2", "--cpus", "any", "--output", output)
        self.assertEqual(result.returncode, 0, result.stderr)
        cases = json.loads(pathlib.Path(output).read_text())["cases"]
        self.assertEqual([case["name"] for case in cases], [
            "write-read:wait=busy,isolation=threads", "write-read:wait=poll,isolation=threads", "write-read:isolation=none"])
        self.assertGreater(cases[2]["summary"]["writer_ns_per_page"], 0)
        self.assertIsNone(cases[0]["summary"]["writer_ns_per_page"])
        self.assertIn("writer ns reader ns sum ns", result.stdout)
        self.assertLessEqual(max(map(len, result.stdout.splitlines())), 80)

    def test_shows_the_share_of_each_thread_at_a_pipe(self):
        options = ["--writer", "write", "--reader", "read", "--writer-threads", "1,2,5", "--reader-threads", "1,5,10"]
        output = self.file("x.json")
        result = run(*options, "--time", "100ms", "--timeout", "60s", "--rounds", "2", "--output", output)  # 15 threads take turns
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("threads: ", result.stdout)
        cases = json.loads(pathlib.Path(output).read_text())["cases"]
        self.assertEqual([(case["spec"]["writer_threads"], case["spec"]["reader_threads"]) for case in cases],
                         [(writers, readers) for writers in (1, 2, 5) for readers in (1, 5, 10)])
        for case in cases:
            spec, summary = case["spec"], case["summary"]
            self.assertEqual(case["name"], f"write-read:writer-threads={spec['writer_threads']},reader-threads={spec['reader_threads']}")
            for end in ("writer", "reader"):
                shares = summary[f"{end}_thread_shares"]
                if spec[f"{end}_threads"] == 1:
                    self.assertIsNone(shares)
                else:
                    self.assertEqual(len(shares), spec[f"{end}_threads"])
            for sample in case["samples"]:
                if spec["reader_threads"] > 1:
                    self.assertEqual(sum(sample["reader_thread_bytes"]), sample["bytes"])

    def test_tells_how_long_bytes_and_messages_take(self):
        output = self.file("x.json")
        options = [*SHORT, "--rounds", "2", "--cpus", "any", "--writer", "write,socketpair", "--reader", "read,socketpair"]
        result = run(*options, "--latency", "--output", output)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("4 KiB in the pipe", result.stdout)
        self.assertIn("socketpair-socketpair (no pipe)", result.stdout)
        self.assertLessEqual(max(map(len, result.stdout.splitlines())), 80)
        cases = {case["name"]: case for case in json.loads(pathlib.Path(output).read_text())["cases"]}
        for name, transport in (("write-read", "pipe"), ("socketpair-socketpair", "socketpair")):
            case = cases[name]
            self.assertEqual(case["traits"]["transport"], transport)
            for sample in case["samples"]:
                self.assertEqual(sample["latency"]["count"], sample["bytes"] // 4096)
                self.assertGreater(sample["latency"]["clock_ns"], 0)
                self.assertGreaterEqual(sample["latency"]["max_ns"], sample["latency"]["p50_ns"])
        self.assertEqual((cases["write-socketpair"]["status"], cases["write-socketpair"]["reason_kind"]), ("skipped", "unpaired"))
        messages = self.run_json(*options, "--message", "1,4K")["cases"]
        for case in messages:
            if case["status"] == "skipped":
                continue
            self.assertIn(case["spec"]["message_bytes"], (1, 4096))
            for sample in case["samples"]:
                self.assertEqual(sample["round_trip"]["count"], sample["bytes"] // case["spec"]["message_bytes"])
                self.assertIsNone(sample["latency"])

    def test_fills_the_documented_keys(self):
        document = self.run_json(*self.PAIRS, "--seed", "5")
        self.assertEqual(list(document), ["schema", "tool", "host", "plan", "cases"])
        plan = document["plan"]
        self.assertEqual((plan["seed"], plan["order"], plan["rounds"], plan["complete"]), (5, "shuffled", 3, True))
        self.assertEqual(plan["arguments"][:2], ["--writer", "write,null"])
        case = document["cases"][0]
        for key in ("name", "section", "spec", "status", "reason", "obtained", "traits", "verify", "samples", "summary"):
            self.assertIn(key, case)
        self.assertEqual(case["obtained"]["pipe_bytes"], case["spec"]["pipe_bytes"])
        summary = case["summary"]
        self.assertEqual(summary["n"], 3)
        speeds = sorted(sample["gib_per_second"] for sample in case["samples"])
        self.assertAlmostEqual(summary["median_gib_per_second"], speeds[1])
        self.assertAlmostEqual(summary["min"], speeds[0])
        for sample in case["samples"]:
            self.assertAlmostEqual(sample["gib_per_second"], sample["bytes"] / sample["seconds"] / 2**30)
            for end in ("writer", "reader"):
                self.assertGreater(sample[end]["calls"], 0)

    def test_compares_with_the_baseline(self):
        pairs = ["--writer", "write,null,vmsplice", "--reader", "read", *SHORT, "--rounds", "3"]
        document = self.run_json(*pairs, "--baseline", "vmsplice-read")
        self.assertEqual(document["plan"]["baseline"], "vmsplice-read")
        compared, _, baseline = (case["summary"] for case in document["cases"])
        self.assertEqual((compared["relative_to"], baseline["relative_to"]), ("vmsplice-read", None))
        self.assertEqual((compared["ratio_ci95_low"], baseline["ratio"]), (None, None))
        speeds = [[sample["gib_per_second"] for sample in document["cases"][i]["samples"]] for i in (0, 2)]
        self.assertAlmostEqual(compared["ratio"], sorted(one / other for one, other in zip(*speeds))[1])
        result = run(*pairs, "--baseline", "null-read")
        self.assertIn("--baseline: 'null-read' cannot run", result.stderr)
        self.assertIn("note: null-read: As the baseline was not measured, there are no ratios.", result.stdout)

    def test_explains_every_figure_that_is_missing(self):
        document = self.run_json(*self.PAIRS)
        explained = {key for finding in document["host"]["findings"] for key in finding["figures"]}
        for sample in document["cases"][0]["samples"]:
            for part in ("writer", "reader", "conditions"):
                for key, value in sample[part].items():
                    if value is None and not key.startswith("handover"):  # it may have lost its CPU just then
                        self.assertIn(key, explained)

    def test_leaves_conditions_out(self):
        document = self.run_json(*self.PAIRS, "--conditions", "off")
        self.assertIs(document["cases"][0]["sampling"]["conditions"], False)
        for sample in document["cases"][0]["samples"]:
            self.assertEqual(set(sample["conditions"].values()), {None})

    def test_measures_the_whole_ladder(self):
        document = self.run_json(*SHORT)
        cases = document["cases"][: len(LADDER)]
        self.assertEqual([case["name"] for case in cases], LADDER)
        for case in cases:
            self.assertEqual((case["status"], case["reason"], len(case["samples"])), ("ok", None, 10), case["name"])

    def test_moves_exactly_the_bytes(self):
        for case in self.run_json("--writer", "all", "--reader", "all", "--bytes", "1M", "--warmup", "0", "--rounds", "2")["cases"]:
            if case["status"] == "ok":
                self.assertEqual([sample["bytes"] for sample in case["samples"]], [2**20] * 2, case["name"])

    def test_shows_names_as_they_are_but_for_what_is_not_printable(self):
        cpu = min(os.sched_getaffinity(0))
        settings = f"cpus = {cpu},{cpu}\nwriter = write\nreader = read\nwait = busy\nbytes = 1M\nwarmup = 0\nrounds = 1\n"
        config = self.file("x.ini")
        pathlib.Path(config).write_bytes("[größe ".encode() + b"\xff]\n" + settings.encode())
        for form in ("table", "markdown"):
            result = run("--config", config, "--progress", "always", "--format", form, errors="strict", encoding="utf-8")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIn("größe \\xff", result.stdout)
            self.assertIn("größe \\xff: Both ends share one CPU", result.stderr)  # the warning
            self.assertRegex(result.stderr, r"\[0/1\] größe \\xff")  # the progress line

    def test_warns_once_of_what_holds_for_many_cases(self):
        case = ["--writer", "write", "--reader", "read", "--gift", "--cpus", "any", *SHORT, "--rounds", "1"]
        note = "--gift makes no difference"
        self.assertIn(f"write-read: {note}", run(*case).stderr)
        result = run(*case, "--buffer-size", "4K,8K")
        self.assertIn(f"2 cases: {note}", result.stderr)
        self.assertEqual(result.stderr.count(note), 1)
        self.assertEqual(" ".join(result.stdout.split()).count(note), 1)

    def test_measures_though_stderr_takes_nothing(self):
        with open("/dev/full", "wb") as full:
            result = run(*self.PAIRS, "--cpus", "pairs", "--sample", "1", "--progress", "always", "--format", "csv", stderr=full)
        self.assertEqual(result.returncode, 0)
        self.assertIn("write-read", result.stdout)

    def test_measures_the_one_relation_of_one_cpu(self):
        cpu = min(os.sched_getaffinity(0))
        document = self.run_json("--config", "topology", "--bytes", "64K", "--warmup", "0", "--rounds", "1",
                                 preexec_fn=lambda: os.sched_setaffinity(0, {cpu}))
        for case in document["cases"]:
            self.assertEqual((case["status"], case["spec"]["relation"]), ("ok", "same-cpu"), case["reason"])
            self.assertIn("no relation but same-cpu", " ".join(case["notes"]))

    def test_warns_when_both_ends_share_a_cpu_and_spin(self):
        cpu = min(os.sched_getaffinity(0))
        result = run("--cpus", f"{cpu},{cpu}", "--wait", "busy", "--bytes", "1M", "--warmup", "0", "--rounds", "1")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("share one CPU", result.stderr)
        quiet = run("--cpus", f"{cpu},{cpu}", "--wait", "busy", "--bytes", "1M", "--warmup", "0", "--rounds", "1", "-q")
        self.assertEqual((quiet.returncode, quiet.stderr), (0, ""))

    def test_shows_no_progress_where_stderr_is_no_terminal(self):
        self.assertEqual(without_others(run(*self.PAIRS).stderr), "")
        self.assertIn("write-read", run(*self.PAIRS, "--progress", "always").stderr)


class Goals(CliTest):
    ONE = ["--writer", "write", "--reader", "read", *SHORT]

    def test_that_are_far_away_end_with_the_budget(self):
        arguments = [*self.ONE, "--precision", "0.01%", "--budget", "500ms", "--progress", "always"]
        result = run(*arguments, "--output", self.file("x.json"))
        self.assertEqual(result.returncode, 0, result.stderr)
        document = json.loads(pathlib.Path(self.file("x.json")).read_text())
        plan = document["plan"]
        self.assertEqual((plan["precision"], plan["budget_seconds"], plan["steady"], plan["complete"]), (0.0001, 0.5, False, True))
        self.assertEqual(plan["imprecise"], ["write-read"])
        self.assertIsNone(plan["estimated_seconds"])
        self.assertIn("precision: not within ±0.01 %: write-read (", " ".join(result.stdout.split()))
        self.assertRegex(result.stderr, r"\[0 samples, at most 1s left\] write-read")
        self.assertNotRegex(result.stderr, r"\[\d+/\d+")

    def test_that_are_near_end_with_the_rounds(self):
        plan = self.run_json(*self.ONE, "--rounds", "6", "--precision", "100%", "--budget", "60s")["plan"]
        self.assertEqual((plan["precision"], plan["imprecise"]), (1, None))

    def test_a_budget_alone_ends_the_rounds(self):
        document = self.run_json(*self.ONE, "--rounds", "100000", "--budget", "300ms")
        (case,) = document["cases"]
        self.assertTrue(0 < len(case["samples"]) < 100000)
        self.assertEqual((case["status"], document["plan"]["complete"]), ("planned", True))
        self.assertRegex(case["reason"], r"^\d+ of 100000 rounds, as another round did not fit into the budget of 300ms\.$")
        self.assertNotIn("cut-short", case["summary"]["doubts"])
        self.assertIs(case["samples"][0]["set_aside"], False)
        table = run(*self.ONE, "--rounds", "100000", "--budget", "300ms").stdout
        self.assertRegex(" ".join(table.split()), r"rounds: write-read: \d+ of 100000 rounds, as another round did not fit")

    def test_steady_samples_are_as_many_as_asked_for(self):
        (case,) = self.run_json(*self.ONE, "--rounds", "5", "--steady", "--verify")["cases"]
        counted = [sample for sample in case["samples"] if not sample["set_aside"]]
        self.assertEqual(case["summary"]["n"], len(counted))
        self.assertGreaterEqual(len(case["samples"]), 5)
        self.assertEqual(case["verify"]["outcome"], "intact")

    def test_are_given_up_by_an_interrupt(self):
        child = Run("--writer", "write", "--reader", "read", "--time", "5ms", "--precision", "0.01%", "--budget", "60m", "--steady", "--format", "json")
        child.wait_for("[7 samples")
        child.process.send_signal(signal.SIGINT)
        code, stdout, stderr = child.finish()
        self.assertEqual(code, 130, stderr)
        document = json.loads(stdout)
        self.assertIs(document["plan"]["complete"], False)
        self.assertGreaterEqual(len(document["cases"][0]["samples"]), 7)

    def test_are_planned(self):
        plan = self.run_json(*self.ONE, "--precision", "2%", "--dry-run")["plan"]
        self.assertEqual((plan["precision"], plan["budget_seconds"], plan["imprecise"], plan["estimated_seconds"]), (0.02, None, None, None))
        self.assertNotIn("precision:", run(*self.ONE, "--precision", "2%", "--dry-run").stdout)
        plan = self.run_json(*self.ONE, "--rounds", "1000", "--budget", "1s", "--dry-run")["plan"]
        self.assertEqual((plan["estimated_seconds"], plan["longest_seconds"]), (1, 1))

    def test_have_time_for_the_first_round(self):
        one = ["--writer", "write", "--reader", "read", "--time", "1s", "--warmup", "1s"]
        plan = self.run_json(*one, "--budget", "10ms", "--dry-run")["plan"]
        self.assertAlmostEqual(plan["longest_seconds"], 2, delta=0.1)
        self.assertAlmostEqual(plan["estimated_seconds"], 2, delta=0.1)

    def test_have_a_limit_that_a_plan_says(self):
        one = ["--writer", "write", "--reader", "read", "--time", "1s", "--warmup", "0s", "--rounds", "10", "--dry-run"]
        for goals, seconds in ((["--precision", "2%"], 100), (["--steady"], 100), (["--precision", "2%", "--budget", "45s"], 45)):
            plan = self.run_json(*one, *goals)["plan"]
            self.assertIsNone(plan["estimated_seconds"])
            self.assertAlmostEqual(plan["longest_seconds"], seconds, delta=1)
            self.assertIn(f"; at most {plan['longest_seconds']:.0f} s.", run(*one, *goals).stdout)
        self.assertIsNone(self.run_json(*one)["plan"]["longest_seconds"])


class Saving(CliTest):
    ONE = ["--writer", "write", "--reader", "read", *SHORT, "--rounds", "1"]

    def test_replaces_a_file_only_when_it_is_complete(self):
        old = self.file("x.json", "old")
        child = Run("--writer", "write", "--reader", "read", "--time", "60m", "--output", old)
        child.wait_for("[0/")
        self.assertEqual(pathlib.Path(old).read_text(), "old")
        child.process.kill()
        child.finish()
        self.assertEqual(pathlib.Path(old).read_text(), "old")
        self.assertEqual(run(*self.ONE, "--output", old).returncode, 0)
        self.assertEqual(json.loads(pathlib.Path(old).read_text())["cases"][0]["status"], "ok")

    def test_keeps_all_rounds_but_the_last_when_it_is_killed(self):
        child = Run("--writer", "write,vmsplice", "--reader", "read", "--time", "20ms", "--warmup", "0s", "--rounds", "100000",
                    "--output", self.file("x.json"), "--output", self.file("x.csv"))
        child.wait_for("[13/")  # in the seventh round
        child.process.kill()
        child.finish()
        with open(self.file("x.json")) as file:
            document = json.load(file)
        self.assertFalse(document["plan"]["complete"])
        for case in document["cases"]:
            self.assertGreaterEqual(len(case["samples"]), 1)
            self.assertEqual((case["status"], case["summary"]["n"]), ("planned", len(case["samples"])))
        self.assertNotIn("x.csv", self.leftovers())
        self.assertEqual(run("report", self.file("x.json"), "--output", self.file("x.html")).returncode, 0)

    def test_goes_on_where_rounds_cannot_be_saved(self):
        result = run("--writer", "write,vmsplice", "--reader", "read", *SHORT, "--rounds", "3", "--format", "csv", "--output", self.file("x.json", "old"),
                     preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)))
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertEqual(result.stderr.count("The rounds so far were not saved"), 1)
        self.assertEqual(len(result.stdout.splitlines()), 1 + 2 * 3)
        self.assertEqual(pathlib.Path(self.file("x.json")).read_text(), "old")

    def test_follows_a_link(self):
        os.symlink(self.file("target.json", "old"), self.file("link.json"))
        self.assertEqual(run(*self.ONE, "--output", self.file("link.json")).returncode, 0)
        self.assertTrue(os.path.islink(self.file("link.json")))
        json.loads(pathlib.Path(self.file("target.json")).read_text())

    def test_gives_files_the_usual_mode(self):
        self.assertEqual(run(*self.ONE, "--output", self.file("x.json"), umask=0o027).returncode, 0)
        self.assertEqual(os.stat(self.file("x.json")).st_mode & 0o777, 0o640)

    def bound(self, *arguments, source, size=None):
        """A run that finds `source`, or a disk of `size` with a file on it, mounted over x.json."""

        def mount(what, where, kind, flags, options):
            libc = ctypes.CDLL(None, use_errno=True)
            words = [word.encode() if word else None for word in (what, where, kind)]
            if libc.mount(*words, ctypes.c_ulong(flags), options.encode() if options else None) != 0:
                raise OSError(ctypes.get_errno(), "mount")

        def prepare():
            bind, recursive, private = 0x1000, 0x4000, 0x40000
            libc = ctypes.CDLL(None, use_errno=True)
            if libc.unshare(0x20000 | (0 if os.geteuid() == 0 else 0x10000000)) != 0:  # CLONE_NEWNS, CLONE_NEWUSER
                raise OSError(ctypes.get_errno(), "unshare")
            mount("none", "/", None, recursive | private, None)
            if size:
                mount("none", os.path.dirname(source), "tmpfs", 0, f"size={size}")
                pathlib.Path(source).write_text("old")
            mount(source, self.file("x.json"), None, bind, None)

        try:
            return run(*self.ONE, "--output", self.file("x.json"), *arguments, preexec_fn=prepare)
        except subprocess.SubprocessError:
            self.skipTest("mounting is not permitted here, not even in a namespace of its own")

    def test_writes_to_a_bind_mount(self):
        self.file("x.json", "")
        result = self.bound(source=self.file("y.json", "old"))
        self.assertEqual((result.returncode, without_others(result.stderr)), (0, ""))
        self.assertEqual(json.loads(pathlib.Path(self.file("y.json")).read_text())["cases"][0]["status"], "ok")
        self.assertEqual(self.leftovers(), ["x.json", "y.json"])

    def test_keeps_the_copy_of_what_does_not_fit_a_bind_mount(self):
        self.file("x.json", "")
        os.mkdir(self.file("disk"))
        result = self.bound(source=self.file("disk/y.json"), size="4k")
        self.assertEqual(result.returncode, 1)
        self.assertIn("ENOSPC", result.stderr)
        copy, = [name for name in self.leftovers() if name not in ("x.json", "disk")]
        self.assertIn(self.file(copy), result.stderr)
        json.loads(pathlib.Path(self.file(copy)).read_text())

    def in_an_unwritable_directory(self, *arguments, **how):
        os.chmod(self.file("x.json", "old"), 0o666)
        os.chmod(self.directory, 0o555)
        self.addCleanup(os.chmod, self.directory, 0o755)
        return as_nobody(*self.ONE, "--output", self.file("x.json"), *arguments, **how)

    def test_writes_to_a_file_in_an_unwritable_directory(self):
        result = self.in_an_unwritable_directory()
        self.assertEqual((result.returncode, without_others(result.stderr)), (0, ""))
        self.assertEqual(json.loads(pathlib.Path(self.file("x.json")).read_text())["cases"][0]["status"], "ok")
        self.assertEqual(self.leftovers(), ["x.json"])

    def test_leaves_such_a_file_as_it_is_where_there_is_no_room(self):
        result = self.in_an_unwritable_directory(before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)))
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn("EFBIG", result.stderr)
        self.assertEqual(pathlib.Path(self.file("x.json")).read_text(), "old")

    def test_leaves_nothing_when_it_is_killed(self):
        child = Run("--writer", "write", "--reader", "read", "--time", "60m", "--output", self.file("x.json"))
        child.wait_for("[0/")
        child.process.kill()
        child.finish()
        self.assertEqual(self.leftovers(), [])

    def test_waits_for_a_stdout_that_does_not_block(self):
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        child = subprocess.Popen([BINARY, "--dry-run", "--writer", "all", "--reader", "all", "--format", "json"], stdin=subprocess.DEVNULL, stdout=writer)
        end = time.monotonic() + PATIENCE
        while select.select([], [writer], [], 0)[1]:  # not full yet
            self.assertLess(time.monotonic(), end)
            time.sleep(0.001)
        os.close(writer)
        with os.fdopen(reader, "rb") as stream:
            text = stream.read()
        self.assertEqual(child.wait(PATIENCE), 0)
        json.loads(text)

    def test_to_a_full_device_fails_but_reaches_the_other_places(self):
        os.symlink("/dev/full", self.file("full.json"))
        result = run(*self.ONE, "--output", self.file("full.json"), "--output", self.file("x.csv"))
        self.assertEqual(result.returncode, 1)
        self.assertIn("ENOSPC", result.stderr)
        self.assertIn("full.json", result.stderr)
        self.assertIn("write-read", result.stdout)
        self.assertEqual(len(pathlib.Path(self.file("x.csv")).read_text().splitlines()), 2)

    def test_to_a_full_stdout_fails_but_reaches_the_files(self):
        with open("/dev/full", "wb") as full:
            result = run(*self.ONE, "--output", self.file("x.json"), stdout=full)
        self.assertEqual(result.returncode, 1)
        self.assertIn("ENOSPC", result.stderr)
        json.loads(pathlib.Path(self.file("x.json")).read_text())

    def test_a_closed_stdout_is_found_before_measuring(self):
        result = run(*self.ONE, "--output", self.file("x.json"), stdout=None, preexec_fn=lambda: os.close(1))
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertIn("stdout", result.stderr)
        self.assertEqual(self.leftovers(), [])

    def test_a_stdout_that_nobody_reads_is_found_before_measuring(self):
        reader, writer = os.pipe()
        os.close(reader)
        result = run(*self.ONE, stdout=writer)
        os.close(writer)
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertIn("whose reader is gone", result.stderr)

    def test_to_a_stdout_that_nobody_reads_fails(self):
        reader, writer = os.pipe()
        os.close(reader)
        result = run("--help", stdout=writer)
        os.close(writer)
        self.assertEqual(result.returncode, 1)
        self.assertIn("EPIPE", result.stderr)

    def test_works_without_stdin_and_stderr(self):
        def close():
            os.close(0)
            os.close(2)

        result = run(*self.ONE, "--format", "json", stdin=None, stderr=None, preexec_fn=close)
        self.assertEqual(result.returncode, 0)
        self.assertEqual(json.loads(result.stdout)["cases"][0]["status"], "ok")


class Profiling(CliTest):
    """Where samples are refused, their reason is the reason to skip."""

    BOTH = ["--time", "200ms", "--warmup", "20ms", "--timeout", "60s", "--rounds", "2"]

    def profile(self, *arguments, code=0):
        document = self.run_json("profile", *arguments, *self.BOTH, code=code)
        for case in document["cases"]:
            for obstacle in case["profile"]["obstacles"]:
                self.skipTest(obstacle["what"])
        return document["cases"]

    def copying(self, case):
        """The shares of copying of both ends."""
        shares = []
        for end in ("writer", "reader"):
            profile = case["profile"][end]
            self.assertGreater(profile["samples"], 20)
            self.assertEqual(sum(work["samples"] for work in profile["work"]), profile["samples"])
            shares.append(sum(work["share"] for work in profile["work"] if work["kind"] == "copying"))
        return shares

    def test_tells_copying_from_references(self):
        listing = json.loads(run("list", "--format", "json").stdout)
        self.assertEqual(listing["schema"], "pipebench-list/1")
        (zero_copy,) = [entry["available"] for entry in listing["entries"] if entry["name"] == "zero-copy"]
        for isolation in ("threads", "none"):
            # Waking takes most of the time of ends that sleep where it is slow, and trying in vain that of those that do not
            # where other work has the CPUs. Which end's copies miss the caches varies.
            waits = "busy,block" if isolation == "threads" else "busy"
            cases = self.profile("--writer", "write", "--reader", "read", "--wait", waits, "--isolation", isolation)
            self.assertGreater(max(sum(self.copying(case)) for case in cases), 0.1, isolation)
            if zero_copy:
                (case,) = self.profile("--writer", "vmsplice", "--reader", "splice", "--isolation", isolation)
                self.assertLess(max(self.copying(case)), 0.05, isolation)

    def test_shows_kinds_of_work_functions_and_what_follows(self):
        self.profile("--writer", "write", "--reader", "read")
        folded = self.file("x.folded")
        output = self.file("x.md")
        result = run("profile", "--writer", "write", "--reader", "read", "--isolation", "none,threads", "--tree", *self.BOTH, "--folded", folded, "--output", output)
        self.assertEqual(result.returncode, 0, result.stderr)
        words = " ".join(result.stdout.split())
        for part in ("GiB/s while profiled", "per 4 KiB while profiled", "work writer reader", "function of the writer", "calls of the reader", "copying"):
            self.assertIn(part, words)
        self.assertRegex(words, "(takes most|has the largest share) of the writer's time")
        self.assertLessEqual(max(map(len, result.stdout.splitlines())), 80)
        self.assertIn("| work | writer | reader |", pathlib.Path(output).read_text())
        lines = pathlib.Path(folded).read_text().splitlines()
        self.assertGreater(len(lines), 10)
        for line in lines:
            self.assertRegex(line, r"^write-read:isolation=(none|threads);(writer|reader)(;[^; ]+)+ [1-9][0-9]*$")

    def test_without_options_is_one_pair(self):
        document = json.loads(run("profile", "--dry-run", "--format", "json").stdout)
        (case,) = document["cases"]
        self.assertEqual((case["spec"]["writer"], case["spec"]["reader"]), ("vmsplice", "splice"))
        self.assertEqual((case["sampling"]["rounds"], case["sampling"]["profile_hz"]), (3, 499))

    def test_ignores_what_only_runs_can_do(self):
        config = self.file("x.ini", "[defaults]\nbaseline = nothing-there\n[a]\nwriter = null\nreader = null\n")
        result = run("profile", "--config", config, *self.BOTH, "--ceilings", "--against", self.file("missing.json"), "--fail-above", "5%")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("A profile has no use for --ceilings and --baseline and --against and --fail-above", result.stderr)

    def test_goes_on_until_its_goals_are_reached(self):
        case = ["--writer", "write", "--reader", "read", "--time", "5ms", "--warmup", "1ms", "--rounds", "1"]
        document = self.run_json("profile", *case, "--precision", "0.01%", "--steady")  # ten rounds at most
        (case,) = document["cases"]
        self.assertGreater(len(case["samples"]), 1)
        self.assertEqual(document["plan"]["imprecise"], [case["name"]])

    def test_says_what_gives_the_rest_where_it_has_no_rights(self):
        result = as_nobody("profile", "--writer", "write", "--reader", "read", *self.BOTH)
        self.assertEqual(result.returncode, 0, result.stderr)
        if "no samples." not in result.stdout:
            self.skipTest("everybody may sample the kernel here")
        self.assertIn("CPU time in", result.stdout)
        self.assertIn("missing: ", result.stdout)
        self.assertIn("\n    sysctl -w kernel.perf_event_paranoid=1\n", result.stdout)

    def test_has_the_shares_of_both_ends_in_one_thread_where_it_has_no_rights(self):
        result = as_nobody("profile", "--writer", "write", "--reader", "read", "--isolation", "none", "--counters", "off", *self.BOTH)
        self.assertEqual(result.returncode, 0, result.stderr)
        words = " ".join(result.stdout.split())
        if "no samples." not in words:
            self.skipTest("everybody may sample the kernel here")
        self.assertIn("CPU time in both ends the kernel ", words)
        self.assertIn("does not allow samples of call chains", words)

    def test_says_on_stderr_what_csv_and_lines_do_not(self):
        case = ["profile", "--writer", "write", "--reader", "read", "--time", "10ms", "--warmup", "1ms", "--timeout", "60s", "--rounds", "2"]
        rows = as_nobody(*case, "--format", "csv")
        self.assertEqual(rows.returncode, 0, rows.stderr)
        self.assertEqual(rows.stdout.splitlines()[0], "name,end,kind,samples,share")
        if "sysctl -w kernel.perf_event_paranoid=1" not in rows.stderr or len(rows.stdout.splitlines()) > 1:
            self.skipTest("everybody may sample the kernel here")
        for line in rows.stderr.splitlines(keepends=True):
            self.assert_sentence(line)
        lines = as_nobody(*case, "--folded", "/dev/null")
        self.assertEqual(lines.returncode, 0, lines.stderr)
        self.assertIn("'/dev/null' is empty", lines.stderr)
        for line in lines.stderr.splitlines(keepends=True):
            self.assert_sentence(line)

    def test_finds_a_bad_place_for_lines_before_measuring(self):
        self.assert_refused("profile", "--folded", self.file("missing/x"), "--time", "60m", says=["--folded", "ENOENT"])
        self.assert_refused("profile", "--folded", str(self.directory), "--time", "60m", says=["--folded", "EISDIR"])
        same = self.file("x.json")
        self.assert_refused("profile", "--folded", same, "--output", same, "--time", "60m", says=["--folded", "--output"])
        self.assertEqual(self.leftovers(), [])

    def test_finds_out_that_two_names_are_one_file(self):
        there = self.file("there.json", "kept")
        link = self.file("link.json")
        os.symlink("there.json", link)
        hard = self.file("hard.json")
        os.link(there, hard)
        folder = self.file("folder")
        os.symlink(".", folder)
        new = self.file("new.json")
        for one, other in ((there, link), (there, hard), (there, f"{folder}/there.json"), (new, f"{folder}/new.json"), (new, f"{folder}/../{self.directory.name}/new.json")):
            self.assert_refused("profile", "--folded", one, "--output", other, "--time", "60m", says=["--folded", "--output", "same file"])
            self.assert_refused("--output", one, "--output", other, "--time", "60m", says=["--output", "same file"])
        with open(there, "a", encoding="utf-8") as stdout:
            result = subprocess.run([BINARY, "profile", "--folded", link, "--dry-run"], stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=PATIENCE)
        self.assertEqual(result.returncode, 2)
        self.assert_sentence(result.stderr)
        self.assertEqual(pathlib.Path(there).read_text(encoding="utf-8"), "kept")
        self.assertFalse(pathlib.Path(new).exists())

    def test_leaves_the_lines_alone_when_it_only_plans(self):
        kept = self.file("x", "kept")
        self.assertEqual(run("profile", "--folded", kept, "--dry-run").returncode, 0)
        self.assertEqual(pathlib.Path(kept).read_text(), "kept")

    def test_to_a_full_device_fails_but_reaches_stdout(self):
        self.profile("--writer", "write", "--reader", "read")
        result = run("profile", "--writer", "write", "--reader", "read", *self.BOTH, "--folded", "/dev/full", "--quiet")
        self.assertEqual(result.returncode, 1)
        self.assertIn("ENOSPC", result.stderr)
        self.assert_sentence(result.stderr)
        self.assertIn("write-read: ", result.stdout)

    def test_to_a_stdout_that_is_no_longer_read_fails(self):
        reader, writer = os.pipe()
        child = subprocess.Popen([BINARY, "profile", "--time", "500ms", "--rounds", "1", "--quiet"], stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.PIPE, text=True)
        os.close(writer)
        time.sleep(0.2)
        os.close(reader)
        errors = child.communicate(timeout=PATIENCE)[1]
        self.assertIn(child.returncode, (1, 2), errors)  # 2: it had not looked at stdout yet
        self.assert_sentence(errors)


class Run:
    """A run that is watched through its progress line."""

    def __init__(self, *arguments):
        def prepare():
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)  # a shell may have had them ignored

        self.process = subprocess.Popen([BINARY, *arguments, "--timeout", "60s", "--progress", "always"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, preexec_fn=prepare)
        self.seen = ""

    def wait_for(self, text):
        """Until the progress line has said `text`."""
        end = time.monotonic() + PATIENCE
        while text not in self.seen:
            more = os.read(self.process.stderr.fileno(), 4096).decode(errors="replace")
            if not more or time.monotonic() > end:
                self.process.kill()
                raise AssertionError(f"'{text}' did not come: {self.seen}")
            self.seen += more

    def finish(self):
        stdout, stderr = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, stdout.decode(), self.seen + stderr.decode(errors="replace")


class Comparing(CliTest):
    PAIR = ["--writer", "write", "--reader", "read", *SHORT, "--rounds", "6", "-q"]

    def results(self, name, *arguments):
        path = self.directory / name
        self.assertEqual(run(*self.PAIR, *arguments, "--output", str(path)).returncode, 0)
        return path

    def slowed(self, path, factor):
        document = json.loads(path.read_text())
        for sample in document["cases"][0]["samples"]:
            sample["seconds"] *= factor
            sample["counted_seconds"] *= factor
            sample["gib_per_second"] /= factor
            sample["conditions"] = {key: None for key in sample["conditions"]}
        slow = path.with_name("slow-" + path.name)
        slow.write_text(json.dumps(document))
        return slow

    def test_finds_a_file_the_same_as_itself(self):
        path = str(self.results("a.json"))
        result = run("compare", path, path, "--format", "json", "--fail-above", "5%")
        self.assertEqual(result.returncode, 0, result.stderr)
        (comparison,) = json.loads(result.stdout)["comparisons"]
        (case,) = comparison["cases"]
        self.assertEqual(case["ratio"], 1)
        self.assertIn(case["verdict"], ("same", "unclear"))
        self.assertEqual((comparison["differences"], comparison["regressions"]), ([], []))

    def test_fails_where_it_became_slower(self):
        path = self.results("a.json")
        slow = self.slowed(path, 50)
        for output in ("table", "json", "csv", "markdown"):
            result = run("compare", str(path), str(slow), "--format", output, "--fail-above", "5%")
            self.assertEqual(result.returncode, 1, result.stdout)
            self.assertIn("slower", result.stdout)
        self.assertEqual(run("compare", str(path), str(slow)).returncode, 0, "nobody asked")
        self.assertEqual(run("compare", str(slow), str(path), "--fail-above", "5%").returncode, 0, "it is faster")

    def test_fails_where_nothing_can_be_compared(self):
        path = self.results("a.json")
        document = json.loads(path.read_text())
        document["cases"][0]["spec"]["writer_threads"] = 2
        other = path.with_name("other.json")
        other.write_text(json.dumps(document))
        result = run("compare", str(path), str(other), "--fail-above", "5%")
        self.assertEqual(result.returncode, 2, result.stdout)
        self.assertIn("Only in base: write-read.", result.stdout)
        self.assertIn("--fail-above: nothing in", result.stderr)
        result = run(*self.PAIR, "--against", str(other), "--fail-above", "5%")
        self.assertEqual((result.returncode, result.stdout), (2, ""))

    def test_measures_and_compares(self):
        fast = self.slowed(self.results("a.json"), 1 / 1000)
        result = run(*self.PAIR, "--against", str(fast), "--fail-above", "5%")
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn("Slower by more than 5 %: write-read", result.stdout)
        result = run(*self.PAIR, "--against", str(fast), "--format", "json")
        json.loads(result.stdout)  # nothing but the results
        self.assertIn("slower", result.stderr)

    def test_says_what_is_missing(self):
        path = str(self.results("a.json"))
        for arguments, said in (
            (["compare", path], "compare needs two files"),
            (["compare", path, "nowhere.json"], "'nowhere.json' cannot be read: No such file"),
            (["compare", path, str(self.directory)], "Is a directory"),
            (["compare", path, "--baseline", "wirte-read"], "write-read"),
            (["compare", path, path, "--baseline", "write-read"], "give one file, or no --baseline"),
            (["compare", "-", "-"], "given twice"),
            ([*self.PAIR, "--fail-above", "5%"], "--against FILE"),
        ):
            result = run(*arguments)
            self.assertEqual((result.returncode, result.stdout), (2, ""), arguments)
            self.assertIn(said, result.stderr)


class Exporting(CliTest):
    def test_to_the_formats_of_others(self):
        pair = ["--writer", "write", "--reader", "read", *SHORT, "--rounds", "2", "-q"]
        runs = json.loads(run(*pair, "--format", "google-benchmark").stdout)["benchmarks"]
        self.assertEqual([(one["name"], one["repetition_index"]) for one in runs], [("write-read", 0), ("write-read", 1)])
        self.assertTrue(all(one["real_time"] > 0 and one["cpu_time"] > 0 for one in runs))
        text = run(*pair, "--format", "openmetrics").stdout
        self.assertTrue(text.endswith("# EOF\n"))
        self.assertRegex(text, r'\npipebench_failed\{case="write-read",[^}]*\} 0\n')

    def test_is_for_results_alone(self):
        for command in ("list", "topology", "doctor", "compare"):
            self.assert_refused(command, "--format", "openmetrics", says=["--format", "openmetrics", "markdown"])


class Viewing(CliTest):
    TWO = ("--writer", "write,vmsplice", "--reader", "read,null", *SHORT, "--rounds", "1", "--quiet")

    def on_a_terminal(self, columns, *arguments, **environment):
        """What pipebench shows on a terminal that is so wide."""
        master, terminal = os.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        variables = {"PATH": os.environ["PATH"], "TERM": "xterm", "LC_ALL": "C.UTF-8"} | environment
        child = subprocess.Popen([BINARY, *arguments], stdin=subprocess.DEVNULL, stdout=terminal, env=variables)
        os.close(terminal)
        text = b""
        try:
            while part := os.read(master, 65536):
                text += part
        except OSError:  # EIO: nobody has the terminal open any more
            pass
        finally:
            os.close(master)
            self.assertEqual(child.wait(timeout=PATIENCE), 0)
        return text.decode("utf-8").replace("\r\n", "\n")

    def test_two_options_end_in_a_grid(self):
        both, grid, table = (run(*self.TWO, *view).stdout for view in ((), ("--view", "grid"), ("--view", "table")))
        self.assertTrue(both.startswith("case "), both)
        self.assertIn("\nGiB/s; writer down, reader across.", both)
        self.assertNotIn("case ", grid.splitlines()[0])
        self.assertIn("GiB/s; writer down, reader across.", grid)
        self.assertIn("-: skipped", grid)
        self.assertIn("null moves no bytes", grid)
        self.assertTrue(table.startswith("case "), table)
        self.assertNotIn("across", table)

    def test_a_file_has_the_view_too(self):
        page = self.directory / "x.md"
        run(*self.TWO, "--view", "grid", "--output", page)
        self.assertTrue(page.read_text(encoding="utf-8").startswith("```\n  writer"))

    def test_a_plan_without_a_grid_says_so_where_it_is_asked_for(self):
        one = ("--writer", "write", "--reader", "read", *SHORT, "--rounds", "1", "--quiet")
        self.assertIn("note: A grid needs two options that vary.", run(*one, "--view", "grid").stdout)
        self.assertNotIn("grid", run(*one).stdout)

    def test_bars_are_of_wide_terminals(self):
        self.assertIn("█", self.on_a_terminal(110, *self.TWO))
        self.assertIn("====", self.on_a_terminal(110, *self.TWO, LC_ALL="C"))
        self.assertNotIn("bar", self.on_a_terminal(99, *self.TWO))
        self.assertNotIn("bar", run(*self.TWO).stdout)

    def test_colours_are_of_terminals_that_may_have_them(self):
        self.assertIn("\033[48;5;", self.on_a_terminal(80, *self.TWO))
        self.assertNotIn("\033", self.on_a_terminal(80, *self.TWO, NO_COLOR="1"))


class Interrupting(CliTest):
    def interrupted(self, number):
        child = Run("--writer", "write", "--reader", "read,splice", "--time", "20ms", "--rounds", "10000", "--format", "json", "--output", self.file("x.json"))
        child.wait_for("[5/")
        child.process.send_signal(number)
        code, stdout, stderr = child.finish()
        self.assertEqual(code, 128 + number, stderr)
        saved = json.loads(pathlib.Path(self.file("x.json")).read_text())
        self.assertEqual(json.loads(stdout), saved)
        self.assertEqual(self.leftovers(), ["x.json"])
        self.assertIn("Not every case has its rounds: 2 cut short.", stderr)
        return saved

    def test_saves_what_was_measured(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            document = self.interrupted(number)
            self.assertIs(document["plan"]["complete"], False)
            self.assertIsNotNone(document["plan"]["finished"])
            self.assertGreaterEqual(sum(len(case["samples"]) for case in document["cases"]), 5)
            for case in document["cases"]:
                self.assertEqual(case["status"], "planned")
                self.assertEqual(case["reason"], f"{len(case['samples'])} of 10000 rounds, as the run was interrupted.")
                self.assertEqual(case["summary"]["n"], len(case["samples"]))
                self.assertIn("cut-short", case["summary"]["doubts"])

    def test_ends_a_long_sample(self):
        for wait in ("block", "poll", "busy", "busy-poll"):
            child = Run("--writer", "write", "--reader", "read", "--wait", wait, "--time", "60m", "--format", "json")
            child.wait_for("[0/")
            time.sleep(0.2)
            child.process.send_signal(signal.SIGINT)
            code, stdout, stderr = child.finish()
            self.assertEqual(code, 130, stderr)
            (case,) = json.loads(stdout)["cases"]
            self.assertEqual((case["status"], case["samples"]), ("planned", []))

    def test_ends_streams_at_any_moment(self):
        for moment in (0, 0.05, 0.3):
            child = Run("--streams", "100", "--oversubscribe", "--cpus", "any", "--pipe-size", "4K", "--time", "60m")
            child.wait_for("[0/")
            time.sleep(moment)
            child.process.send_signal(signal.SIGINT)
            self.assertEqual(child.finish()[0], 130)

    def test_says_so_in_the_table(self):
        child = Run("--writer", "write", "--reader", "read", "--time", "20ms", "--rounds", "10000")
        child.wait_for("[2/")
        child.process.send_signal(signal.SIGINT)
        code, stdout, _ = child.finish()
        self.assertEqual(code, 130)
        self.assertIn("Interrupted", stdout)
        self.assertRegex(stdout, r"~: write-read: \d+ of 10000 rounds")
        self.assertIn("1 planned (1 cut short); ", stdout)

    def test_leaves_a_case_ok_that_has_its_rounds(self):
        config = self.file("x.ini", "[few]\nrounds = 1\nreader = read\n[many]\nrounds = 10000\n[last]\nrounds = 1\nwriter = write\n")
        child = Run("--config", config, "--time", "20ms", "--warmup", "0", "--format", "json")
        child.wait_for("[5/")
        child.process.send_signal(signal.SIGINT)
        code, stdout, stderr = child.finish()
        self.assertEqual(code, 130, stderr)
        self.assertEqual([(case["status"], case["reason"] is None) for case in json.loads(stdout)["cases"]],
                         [("ok", True), ("planned", False), ("ok", True)])


class Processes(CliTest):
    """Ends that are processes of their own."""

    ENDLESS = ["--isolation", "processes", "--writer", "write", "--reader", "read", "--time", "60m"]

    def endless(self, *arguments):
        """A run, and the PIDs of its children."""
        child = Run(*self.ENDLESS, *arguments)
        self.addCleanup(child.process.communicate)
        self.addCleanup(child.process.kill)
        child.wait_for("[0/")
        end = time.monotonic() + PATIENCE
        while len(children_of(child.process.pid)) < 2:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)
        return child, children_of(child.process.pid)

    def test_are_cases_beside_those_of_threads(self):
        document = self.run_json("--writer", "write", "--reader", "read", "--isolation", "threads,processes", "--verify", *SHORT, "--rounds", "3")
        self.assertEqual([(case["name"], case["spec"]["isolation"], case["verify"]["outcome"]) for case in document["cases"]],
                         [(f"write-read:isolation={kind}", kind, "intact") for kind in ("threads", "processes")])
        for case in document["cases"]:
            self.assertEqual((case["status"], len(case["samples"])), ("ok", 3))
            for end in ("writer", "reader"):
                self.assertGreater(case["samples"][0][end]["calls"], 0)
                self.assertIsNotNone(case["samples"][0][end]["voluntary_switches"])

    def test_that_die_fail_their_case(self):
        child, (writer, _) = self.endless("--format", "json")
        os.kill(writer, signal.SIGKILL)
        code, stdout, stderr = child.finish()
        self.assertEqual(code, 1, stderr)
        (case,) = json.loads(stdout)["cases"]
        self.assertEqual((case["status"], case["reason"]), ("failed", "The writer's process was ended by signal 9 (Killed)."))

    def test_end_with_the_process_that_started_them(self):
        child, children = self.endless()
        child.process.kill()
        child.process.communicate(timeout=PATIENCE)
        end = time.monotonic() + PATIENCE
        while any(is_alive(pid) for pid in children):
            self.assertLess(time.monotonic(), end, "a child is left")
            time.sleep(0.01)

    def test_leave_an_interrupt_to_the_process_that_started_them(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            child, children = self.endless("--format", "json")
            for pid in (*children, child.process.pid):  # as a terminal does, to the whole group
                os.kill(pid, number)
            code, stdout, stderr = child.finish()
            self.assertEqual(code, 128 + number, stderr)
            (case,) = json.loads(stdout)["cases"]
            self.assertEqual((case["status"], case["samples"]), ("planned", []))
            self.assertFalse(any(is_alive(pid) for pid in children))


class Others(CliTest):
    """Another pipebench that measures on the same CPUs."""

    SHORT_RUN = ["--writer", "write", "--reader", "read", "--time", "5ms", "--warmup", "1ms", "--rounds", "1", "--format", "json"]

    def setUp(self):
        super().setUp()
        self.other = Run("--writer", "write", "--reader", "read", "--time", "60m")
        self.addCleanup(self.end_other)
        self.other.wait_for("[0/")

    def end_other(self):
        self.other.process.kill()
        self.other.process.communicate()

    def test_is_named_in_a_warning_and_in_the_results(self):
        result = run(*self.SHORT_RUN)
        self.assertEqual(result.returncode, 0, result.stderr)
        named = f"process {self.other.process.pid}, "
        self.assertIn(named, result.stderr)
        self.assertIn("--wait-for-others", result.stderr)
        document = json.loads(result.stdout)
        host = document["host"]
        self.assertIn(named, " ".join(document["cases"][0]["notes"]))
        (finding,) = [finding for finding in host["findings"] if named in finding["what"]]
        self.assertEqual(finding["severity"], "warning")
        self.assertIn(named, " ".join(host["warnings"]))
        if len(os.sched_getaffinity(0)) > 1:
            self.assertIn(named, run("topology", "--measure").stderr)

    def test_is_named_though_it_began_later(self):
        run(*self.SHORT_RUN)
        self.other.process.send_signal(signal.SIGINT)
        stderr = self.other.finish()[2]
        self.assertRegex(stderr, r"Another pipebench \(.*\) measured on CPUs? .* during this run\.")

    def test_does_not_matter_to_who_only_plans(self):
        result = run(*self.SHORT_RUN, "--dry-run")
        self.assertEqual(result.stderr, "")
        self.assertNotIn("Another pipebench", result.stdout)

    def test_is_waited_for(self):
        child = Run(*self.SHORT_RUN, "--wait-for-others")
        child.wait_for(f"Waiting for another pipebench (process {self.other.process.pid}, ")
        self.end_other()
        code, stdout, stderr = child.finish()
        self.assertEqual(code, 0, stderr)
        document = json.loads(stdout)
        self.assertEqual(document["cases"][0]["status"], "ok")
        self.assertNotIn("Another pipebench", " ".join(document["host"]["warnings"]))

    def test_is_waited_for_until_an_interrupt(self):
        child = Run(*self.SHORT_RUN, "--wait-for-others")
        child.wait_for("Waiting for another pipebench")
        child.process.send_signal(signal.SIGINT)
        code, stdout, stderr = child.finish()
        self.assertEqual(code, 130, stderr)
        document = json.loads(stdout)
        self.assertEqual((document["plan"]["complete"], document["cases"][0]["samples"]), (False, []))


class Withheld(CliTest):
    """A machine that lacks a thing still runs the rest, and says what was left out."""

    PAIRS = ["--writer", "write,vmsplice", "--reader", "read", *SHORT, "--rounds", "2"]

    def test_all_cpus_but_one(self):
        cpu = max(os.sched_getaffinity(0))
        for case in self.run_json(*self.PAIRS, preexec_fn=lambda: os.sched_setaffinity(0, {cpu}))["cases"]:
            self.assertEqual(case["status"], "ok", case["reason"])
            spec = case["spec"]
            self.assertEqual((spec["writer_cpu"], spec["reader_cpu"], spec["relation"]), (cpu, cpu, "same-cpu"))

    def test_locked_memory(self):
        if sanitized():
            self.skipTest("the address sanitizer makes mlock() do nothing")
        result = as_nobody("--writer", "write", "--reader", "read", *SHORT, "--rounds", "2", "--lock=off,on", "--format", "json",
                           before=lambda: resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0)))
        self.assertEqual(result.returncode, 1, result.stderr)
        off, on = json.loads(result.stdout)["cases"]
        self.assertEqual((off["name"], off["status"]), ("write-read:lock=off", "ok"))
        self.assertEqual((on["name"], on["status"], on["samples"]), ("write-read:lock=on", "failed", []))
        self.assertIn("mlock", on["reason"])

    def test_descriptors(self):
        if sanitized():
            self.skipTest("the undefined behaviour sanitizer needs descriptors of its own")
        result = run(*self.PAIRS, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (4, 4)))
        self.assertIn(result.returncode, (1, 2))
        self.assertTrue(result.stderr.startswith("pipebench: "), result.stderr)

    def test_vmsplice(self):
        if platform.machine() not in CALLS:
            self.skipTest(f"the number of vmsplice() on {platform.machine()} is not known to this test")
        vmsplice = CALLS[platform.machine()]["vmsplice"]
        try:
            document = self.run_json(*self.PAIRS, preexec_fn=lambda: forbid(vmsplice))
            listing = json.loads(run("list", "--format", "json", preexec_fn=lambda: forbid(vmsplice)).stdout)
        except subprocess.SubprocessError:
            self.skipTest("seccomp filters are not permitted here")
        write, refused = document["cases"]
        self.assertEqual(write["status"], "ok")
        self.assertEqual(refused["status"], "skipped")
        self.assertIn("EPERM", refused["reason"])
        (entry,) = [entry for entry in listing["entries"] if (entry["kind"], entry["name"]) == ("writer", "vmsplice")]
        self.assertFalse(entry["available"])
        self.assertIn("EPERM", entry["reason"])

    def test_cpu_time(self):
        result = self.run_without("getrusage", *self.PAIRS, "--isolation", "threads,none", "--format", "json")
        document = json.loads(result.stdout)
        (finding,) = [finding for finding in document["host"]["findings"] if "user_seconds" in finding["figures"]]
        unknown = ["user_seconds", "system_seconds", "voluntary_switches", "involuntary_switches", "minor_faults"]
        for case in [case for case in document["cases"] if case["status"] == "ok"]:
            self.assertIsNone(case["summary"]["cpu_seconds_per_gib"], case["name"])
            for sample in case["samples"]:
                self.assertEqual([sample[end][key] for end in ("writer", "reader") for key in unknown], [None] * 10)
                self.assertIsNone(sample["both_ends_seconds"])
                self.assertIsNone(sample["conditions"]["involuntary_switches"])
        for key in [*unknown, "cpu_seconds_per_gib", "both_ends_seconds"]:
            self.assertIn(key, finding["figures"])

    def test_private_descriptors(self):
        if platform.machine() not in CALLS:
            self.skipTest(f"the number of unshare() on {platform.machine()} is not known to this test")
        try:
            document = self.run_json(*self.PAIRS, preexec_fn=lambda: forbid(CALLS[platform.machine()]["unshare"]))
        except subprocess.SubprocessError:
            self.skipTest("seccomp filters are not permitted here")
        for case in document["cases"]:
            self.assertEqual(case["status"], "ok")
            self.assertTrue(any("unshare" in note for note in case["notes"]), case["notes"])

    def test_huge_pages(self):
        def without_thp():
            prctl(41, 1)  # PR_SET_THP_DISABLE, inherited

        huge = ["--writer", "write", "--reader", "read", "--pages", "thp", *SHORT, "--rounds", "2"]
        (case,) = self.run_json(*huge, preexec_fn=without_thp)["cases"]
        self.assertEqual((case["status"], case["obtained"]["pages"]), ("ok", "4k"))
        self.assertTrue(any("Asked for thp" in note for note in case["notes"]), case["notes"])
        (case,) = self.run_json(*huge, "--strict", code=1, preexec_fn=without_thp)["cases"]
        self.assertEqual(case["status"], "failed")
        self.assertIn("--strict", case["reason"])

    def hidden(self, *places, then=lambda: None):
        """How to run where these directories are empty, but for what `then` puts there; skips where that cannot be."""
        def prepare():
            hide(*places)
            then()

        how = {"preexec_fn": prepare}
        try:
            run("--version", **how)
        except subprocess.SubprocessError:
            self.skipTest("no mount namespaces here (root, or user namespaces)")
        return how

    def test_io_uring(self):
        pairs = ["--writer", "write,uring-write", "--reader", "uring-read,uring-splice", "--wait", "block", *SHORT, "--rounds", "1"]
        entries = json.loads(run("list", "--format", "json").stdout)["entries"]
        if not all(entry["available"] for entry in entries if entry["name"].startswith("uring-")):
            self.skipTest("no io_uring here")
        for options, forbidden, says in (([], "io_uring_setup", "io_uring_setup"), (["--depth", "4"], "io_uring_setup", "io_uring_setup"),
                                         (["--registered"], "io_uring_register", "--registered: ")):
            result = self.run_without(forbidden, *pairs, *options, "--format", "json")
            self.assertEqual(result.returncode, 0, result.stderr)
            for case in json.loads(result.stdout)["cases"]:
                self.assertEqual((case["status"], case["reason_kind"]), ("skipped", "unavailable"), case["name"])
                self.assertIn(says, case["reason"])
                self.assertIn("EPERM", case["reason"])
        # What it does not need is not in its way.
        result = self.run_without("io_uring_register", *pairs, "--depth", "4", "--format", "json")
        self.assertEqual({case["status"] for case in json.loads(result.stdout)["cases"]}, {"ok"})

    def test_proc(self):
        if sanitized():
            self.skipTest("without /proc the address sanitizer does not know the stack's bounds, and mistakes it after an exception")
        strict = ["--writer", "write", "--reader", "read", "--strict", *SHORT, "--rounds", "2"]
        (case,) = self.run_json(*strict, **self.hidden("/proc"))["cases"]
        self.assertEqual((case["status"], case["obtained"]["pages"]), ("ok", "unknown"))
        self.assertTrue(any("is not known" in note for note in case["notes"]), case["notes"])

    def test_proc_leaves_the_workers_of_io_uring_unknown(self):
        if sanitized():
            self.skipTest("without /proc the address sanitizer does not know the stack's bounds, and mistakes it after an exception")
        document = self.run_json("--writer", "write", "--reader", "uring-splice", *SHORT, "--rounds", "1", **self.hidden("/proc"))
        (case,) = document["cases"]
        if case["status"] == "skipped":
            self.skipTest(case["reason"])
        self.assertEqual((case["samples"][0]["worker_seconds"], case["summary"]["cpu_seconds_per_gib"]), (None, None))
        self.assertTrue(any(text.startswith("worker_seconds:") for text in document["host"]["warnings"]), document["host"]["warnings"])

    def test_sys(self):
        hidden = self.hidden("/sys")
        entries = json.loads(run("list", "--format", "json", **hidden).stdout)["entries"]
        known = {entry["name"]: entry for entry in entries if entry["kind"] == "pages"}
        for pages in ("thp", "2m", "1g"):
            self.assertIsNone(known[pages]["available"])
            self.assertIn("is not known here", known[pages]["reason"])
            self.assertEqual(known[pages]["finding"]["severity"], "note")
        self.assertTrue(known["4k"]["available"])
        self.assertEqual(run("list", **hidden).stderr, "")
        self.assertRegex(run("list", **hidden).stdout, r"\npages +thp +unknown ")
        document = self.run_json("--writer", "write", "--reader", "read", *SHORT, "--rounds", "1", **hidden)
        cpus = document["cases"][0]["spec"]
        if cpus["writer_cpu"] != cpus["reader_cpu"]:
            self.assertEqual(cpus["relation"], "unknown")
        self.assertTrue(any(text.startswith("relation:") for text in document["host"]["warnings"]))
        topology = json.loads(run("topology", "--format", "json", **hidden).stdout)
        self.assertEqual({cpu["node"] for cpu in topology["cpus"]}, {None})
        self.assertLessEqual({entry["relation"] for entry in topology["relations"]}, {"same-cpu", "unknown"})

    def test_the_null_device(self):
        def a_file():
            with open("/dev/null", "wb"):
                pass

        for then, what in ((lambda: None, "/dev/null cannot be opened: ENOENT"), (a_file, "/dev/null is not the null device")):
            how = self.hidden("/dev", then=then)
            entries = json.loads(run("list", "--format", "json", **how).stdout)["entries"]
            reasons = {entry["name"]: entry["reason"] for entry in entries if entry["kind"] == "reader"}
            for reader in ("splice", "relay"):
                self.assertIn(what, reasons[reader])
                self.assertIn("`rm -f /dev/null; mknod -m 666 /dev/null c 1 3`", reasons[reader])
            self.assertIsNone(reasons["read"])

    def test_reserved_pages(self):
        # More than any machine has.
        huge = ["--writer", "write", "--reader", "read", "--pages", "1g", "--buffer-size", "1G", "--buffers", "4096", *SHORT]
        (case,) = self.run_json(*huge)["cases"]
        self.assertEqual(case["status"], "skipped")
        (case,) = self.run_json(*huge, "--strict", code=1)["cases"]
        self.assertEqual(case["status"], "failed")
        self.assertIn("--strict makes this a failure", case["reason"])

    def test_a_home_and_an_environment(self):
        result = as_nobody(*self.PAIRS, "--format", "json", env={})
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual([case["status"] for case in json.loads(result.stdout)["cases"]], ["ok", "ok"])


class Memory(CliTest):
    def test_of_an_ordinary_case_peaks_below_32_mib(self):
        if sanitized():
            self.skipTest("a sanitizer takes memory of its own")
        peak = peak_kib("--time", "300ms", "--rounds", "3", "--format", "json")
        self.assertGreater(peak, 1024)
        self.assertLess(peak, 32 * 1024)


if __name__ == "__main__":
    BINARY = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=2)
