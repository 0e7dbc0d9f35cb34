#!/usr/bin/env python3
"""Man page and shell completion: each is well-formed, has every command and option, and completes what people type.

Usage: shells_test.py PIPEBENCH GENERATE [ARGUMENT OF unittest...]

What needs a shell or a checker that is not there is left out; when the rest has passed, the exit code is then 77.
"""

import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

BINARY = ""
GENERATE = ""
PATIENCE = 120  # seconds; nothing here takes so long on its own
OPTION = re.compile(r"^  (?:-(\w), )?--([\w-]+)", re.MULTILINE)
# In Debian's archive: what may be missing, and what it is for.
MAY_LACK = ("man", "mandoc", "zsh")


def output_of(*command, **how):
    how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "timeout": PATIENCE, "check": True} | how
    return subprocess.run(command, **how).stdout


def complaints_of(*command):
    """What a checker says, on whichever stream."""
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, check=False)
    return result.stdout


def commands():
    text = output_of(BINARY, "--help").split("\nCommands:\n")[1].split("\n\n")[0]
    return re.findall(r"^  (\w+)", text, re.MULTILINE)


def options(command):
    """(letter or "", name) of each."""
    return OPTION.findall(output_of(BINARY, command, "--help").split("Usage:")[-1])


class Generated(unittest.TestCase):
    kind = ""

    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory(prefix="pipebench-shells-")
        cls.addClassCleanup(directory.cleanup)
        cls.directory = pathlib.Path(directory.name)
        cls.path = cls.directory / cls.kind
        cls.text = output_of(GENERATE, cls.kind)
        cls.path.write_text(cls.text)
        cls.files = cls.directory / "files"
        cls.files.mkdir()
        for name in ("base.json", "base two.json", "other.json"):
            (cls.files / name).touch()
        (cls.files / "folder").mkdir()

    def need(self, tool):
        path = shutil.which(tool)
        if not path:
            self.skipTest(f"{tool} is not installed")
        return path


class ManPage(Generated):
    kind = "man"

    def rendered(self, *arguments):
        page = output_of(self.need("mandoc"), "-Tutf8", "-Owidth=300", str(self.path), *arguments)
        return re.sub(".\b", "", page)  # bold is overstruck

    def test_is_clean_to_groff(self):
        self.need("man")
        environment = os.environ | {"LC_ALL": "C.UTF-8", "MANWIDTH": "80"}
        command = ["man", "--warnings=w", "-E", "UTF-8", "-l", "-Tutf8", "-Z", str(self.path)]
        result = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_is_clean_to_mandoc(self):
        # It has no date: one that does not move with the text would only mislead.
        complaints = [line for line in complaints_of(self.need("mandoc"), "-Tlint", "-Wwarning", str(self.path)).splitlines() if "missing date" not in line]
        self.assertEqual(complaints, [])

    def test_has_every_command_and_option(self):
        page = self.rendered()
        for command in commands():
            self.assertRegex(page, rf"(?m)^ +{command}( |$)")
            section = page.split(f"\nOPTIONS OF {command}\n")[1].split("\nOPTIONS OF ")[0].split("\nEXAMPLES\n")[0]
            shown = re.findall(r"^ {7}(?:-(\w), )?--([\w-]+)", section, re.MULTILINE)
            self.assertEqual(shown, options(command))

    def test_commands_can_be_copied(self):
        page = self.rendered()
        self.assertIn("pipebench --writer vmsplice --reader splice --cpus 0,1", page)
        self.assertIn("synthetic:'pack:2 l3:4 core:8 pu:2'", page)
        self.assertIn("`pipebench list`", page)
        self.assertTrue(set("\u2018\u2019\u2010\u2212").isdisjoint(page))


class Completion(Generated):
    """What the shells are asked alike. `complete` takes the words of a line, of which the last is not finished."""

    def complete(self, *words):
        raise NotImplementedError

    def assert_completes(self):
        self.assertEqual(self.complete("re"), {"report"})
        self.assertTrue(set(commands()) <= self.complete(""))
        for command in commands():
            self.assertEqual(self.complete(command, "--"), {f"--{name}" for _, name in options(command)}, command)
        self.assertEqual(self.complete("--wri"), {"--writer", "--writer-threads"})

        for words in (["--writer", "vm"], ["--wait", "block", "--writer", "vm"], ["run", "--writer", "vm"], ["profile", "--writer", "vm"]):
            self.assertEqual(self.complete(*words), {"vmsplice", "vmsplice-drop"}, words)
        self.assertEqual(self.complete("--reader", "al"), {"all"})
        self.assertEqual(self.complete("--order", "s"), {"shuffled", "sequential"})
        self.assertEqual(self.complete("list", "--format", "c"), {"csv"})
        self.assertIn("json", self.complete("compare", "x", "y", "--format", ""))
        self.assertNotIn("openmetrics", self.complete("compare", "--format", ""))
        self.assertEqual(self.complete("--seed", ""), set())

        for command in ("compare", "report"):
            self.assertEqual(self.complete(command, "ba"), {"base.json", "base two.json"})
            self.assertEqual(self.complete(command, "x", "oth"), {"other.json"})
        self.assertEqual(self.complete("list", "base"), set())
        self.assertEqual(self.complete("--output", "oth"), {"other.json"})
        self.assertEqual(self.complete("--config", "art"), {"article"})
        self.assertEqual(self.complete("--config", "oth"), {"other.json"})


# Asks a completion function as bash does, and prints its answers, each on a line.
ASK_BASH = r"""
source "$1"; shift
complete -p pipebench >/dev/null || exit 1
COMP_WORDS=(pipebench "$@") COMP_CWORD=$#
_pipebench pipebench "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
((${#COMPREPLY[@]})) && printf '%s\n' "${COMPREPLY[@]}"
exit 0
"""


class Bash(Completion):
    kind = "bash"

    def complete(self, *words):
        command = ["bash", "--norc", "-c", ASK_BASH, "bash", str(self.path), *words]
        result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=self.files, timeout=PATIENCE, check=False)
        self.assertEqual((result.returncode, result.stderr), (0, ""), words)
        return set(result.stdout.splitlines())

    def test_is_well_formed(self):
        self.assertEqual(complaints_of("bash", "-n", str(self.path)), "")

    def test_completes(self):
        self.assert_completes()
        self.assertEqual(self.complete("--writer", "=", "nu"), {"null"})
        self.assertTrue({"null", "vmsplice"} <= self.complete("--writer", "="))
        self.assertEqual(self.complete("--writer", "null,vmsplice,tee,spl"), {"null,vmsplice,tee,splice"})

    def test_completes_on_a_terminal(self):
        """Names of files are quoted, a folder gets its slash."""
        (self.directory / "bashrc").write_text(f"source '{self.path}'\nbind 'set enable-bracketed-paste off'\nPS1=\npipebench() {{ printf '<%s>' \"$@\"; echo; }}\n")
        shell = Shell("bash", "--noprofile", "--rcfile", str(self.directory / "bashrc"), "-i", cwd=self.files)
        self.addCleanup(shell.end)
        for typed, becomes in (("compare base\\ t", "<compare><base two.json>"), ("report oth\tfol", "<report><other.json><folder/>"), ("--writer=vmsplice-", "<--writer=vmsplice-drop>")):
            shell.type(f"pipebench {typed}\t\n")
            shell.wait_for(becomes)


class Shell:
    """A shell that somebody types at."""

    def __init__(self, *command, cwd):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            os.environ |= {"TERM": "xterm", "LC_ALL": "C.UTF-8", "HISTFILE": "/dev/null"}
            os.execvp(command[0], command)
        self.seen = ""

    def type(self, keys):
        os.write(self.terminal, keys.encode())

    def wait_for(self, text):
        end = time.monotonic() + PATIENCE
        while text not in self.seen:
            if not select.select([self.terminal], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError(f"'{text}' did not come: {self.seen}")
            self.seen += os.read(self.terminal, 65536).decode(errors="replace")

    def end(self):
        os.close(self.terminal)  # which is SIGHUP to the shell
        os.waitpid(self.pid, 0)


# Types a line and Tab at a zsh behind another one's pseudo-terminal (zpty), and puts into a file what the completion
# system was given for it. Keys that come before the prompt is there would be the terminal's, not the line editor's.
ASK_ZSH = r"""
zmodload zsh/zpty || exit 1
folder=$1 answers=$2 line=$3
zpty z zsh -f -i
zpty -w z "fpath=(${(q)folder} \$fpath); autoload -Uz compinit; compinit -C -d ${(q)answers}.dump; LISTMAX=10000"
zpty -w z "compadd() { local -a found; builtin compadd -O found \"\$@\"; (( \$#found )) && print -rl -- \$found >>${(q)answers}; builtin compadd \"\$@\" }"
zpty -w z "PS1='<%(?..)ready>'"
zpty -r z seen '*<ready>*'
zpty -w -n z $line$'\t\x15'"print '=' >>${(q)answers}; print ANSW''ERED"$'\n'
zpty -r z seen '*ANSWERED*'
"""


class Zsh(Completion):
    kind = "zsh"

    def setUp(self):
        self.need("zsh")
        (self.directory / "functions").mkdir(exist_ok=True)
        (self.directory / "functions" / "_pipebench").write_text(self.text)

    def complete(self, *words):
        return self.complete_line("pipebench " + " ".join(words))

    def complete_line(self, line):
        answers = self.directory / "answers"
        answers.unlink(missing_ok=True)
        output_of("zsh", "-f", "-c", ASK_ZSH, "zsh", str(self.directory / "functions"), str(answers), line, cwd=self.files)
        *found, end = answers.read_text().splitlines()
        self.assertEqual(end, "=")
        return {word.replace("\\ ", " ") for word in found}

    def test_is_well_formed(self):
        self.assertEqual(complaints_of("zsh", "-n", str(self.path)), "")

    def test_completes(self):
        self.assert_completes()
        self.assertEqual(self.complete("--writer=nu"), {"null"})
        self.assertEqual(self.complete("--writer", "null,vmsplice,tee,spl"), {"splice"})
        self.assertEqual(self.complete("--membind", "n"), {"node:N"})


class Fish(Generated):
    kind = "fish"

    def test_has_every_command_and_option(self):
        for command in commands():
            self.assertRegex(self.text, rf"(?m) -a {command} -d ")
        for letter, name in options("run"):
            self.assertRegex(self.text, rf" -l {name}{f' -s {letter}' if letter else ''} ")


def main(arguments):
    global BINARY, GENERATE
    BINARY, GENERATE, *rest = arguments
    result = unittest.main(argv=[sys.argv[0], *rest], exit=False).result
    if not result.wasSuccessful():
        return 1
    lacking = [tool for tool in MAY_LACK if not shutil.which(tool)]
    if lacking:
        print(f"{', '.join(lacking)}: not installed; the rest passed", file=sys.stderr)
    return 77 if lacking else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
