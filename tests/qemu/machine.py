"""Machines in QEMU for tests: a kernel, busybox, pipebench, and command lines to run. Emulated, so speeds mean nothing."""

import base64
import dataclasses
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
SOURCE_ROOT = HERE.parent.parent
QUIET = ["-nodefaults", "-no-user-config", "-display", "none", "-serial", "stdio", "-no-reboot"]


@dataclasses.dataclass
class Architecture:
    name: str  # as in the names of qemu-system-* and of Debian's library folders
    console: str
    options: list
    root: pathlib.Path = pathlib.Path("/")  # below it are the programs and libraries for it

    def missing(self):
        """What is needed and not there, as a sentence; empty when all is."""
        for command in (f"qemu-system-{self.name}", "cpio", "readelf"):
            if not shutil.which(command):
                return f"{command} is not installed."
        if not self.busybox.exists():
            return f"There is no {self.busybox} (package busybox-static)."
        # An ELF file that names an interpreter needs libraries, which the machine does not have for it.
        if b"/ld-linux" in self.busybox.read_bytes()[:4096]:
            return f"{self.busybox} is not the static one (package busybox-static)."
        return ""

    @property
    def busybox(self):
        return self.root / "bin/busybox"

    def libraries(self, binary):
        """What `binary` is linked with, and all that those are linked with."""
        folders = [self.root / folder for folder in (f"lib/{self.name}-linux-gnu", f"usr/lib/{self.name}-linux-gnu", "lib", "usr/lib", "usr/local/lib")]
        found, unread = set(), [pathlib.Path(binary)]
        while unread:
            listing = subprocess.run(["readelf", "-ld", unread.pop()], stdout=subprocess.PIPE, text=True, check=True).stdout
            places = [self.root / path[1:] for path in re.findall(r"interpreter: (\S+)\]", listing)]
            for name in re.findall(r"\(NEEDED\).*\[(\S+)\]", listing):
                places += [folder / name for folder in folders if (folder / name).exists()][:1] or [self.root / "lib" / name]
            unread += [place for place in places if place not in found]
            found.update(places)
        return found


X86 = Architecture("x86_64", "ttyS0", ["-machine", "q35"])
# Signing pointers takes most of the emulator's time, if done as in hardware.
ARM = Architecture("aarch64", "ttyAMA0", ["-machine", "virt", "-cpu", "max,pauth-impdef=on"], SOURCE_ROOT / "build/sysroot-arm64")


class Result:
    def __init__(self, status, stdout, stderr):
        self.status, self.stdout, self.stderr = int(status), base64.b64decode(stdout).decode(), base64.b64decode(stderr).decode()

    @property
    def json(self):
        if self.status != 0:
            raise AssertionError(f"exit status {self.status}: {self.stderr}{self.stdout[-2000:]}")
        return json.loads(self.stdout)


def make_initramfs(architecture, binary, commands, directory):
    """A root file system with pipebench, the libraries it is linked with, busybox and the init script."""
    root = directory / "root"
    for name in ("bin", "proc", "sys", "dev", "tmp"):
        (root / name).mkdir(parents=True)
    shutil.copy(architecture.busybox, root / "bin/busybox")
    shutil.copy(binary, root / "bin/pipebench")
    shutil.copy(HERE / "init.sh", root / "init")
    (root / "init").chmod(0o755)
    (root / "commands").write_text("".join(line + "\n" for line in commands))
    for library in architecture.libraries(binary):
        copy = root / library.relative_to(architecture.root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, copy)
    names = "\n".join(str(path.relative_to(root)) for path in root.rglob("*"))
    image = directory / "initramfs"
    with open(image, "wb") as file:
        subprocess.run(["cpio", "--quiet", "-o", "-H", "newc"], input=names.encode(), stdout=file, cwd=root, check=True)
    return image


class NeverBooted(Exception):
    """The kernel did not get as far as its first program: emulated processors lock up at times."""


def wait_for(machine, console, patience):
    """Until the machine has switched itself off. Its first program has half of that time to begin."""
    began = time.monotonic()
    while machine.poll() is None:
        waited = time.monotonic() - began
        if waited > patience:
            raise TimeoutError(f"The machine did not end within {patience} s.")
        if waited > patience / 2 and "@@@" not in console.read_text(errors="replace"):
            raise NeverBooted(f"The machine's first program did not begin within {patience / 2:.0f} s.")
        time.sleep(0.2)


def boot(architecture, options, kernel, image, patience):
    """What the console showed until the machine switched itself off."""
    console = image.parent / "console"
    threads = "single" if "-icount" in options else "multi"  # only one can count what all CPUs execute
    command = [f"qemu-system-{architecture.name}", "-accel", f"tcg,thread={threads}", *QUIET, *architecture.options, *options,
               "-kernel", str(kernel), "-initrd", str(image), "-append", f"console={architecture.console} quiet panic=-1"]
    with open(console, "wb") as file:
        machine = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        wait_for(machine, console, patience)
    except BaseException as error:
        print(f"{error} It had shown:\n{console.read_text(errors='replace')[-4000:]}", file=sys.stderr)
        raise
    finally:
        if machine.poll() is None:
            os.killpg(machine.pid, signal.SIGKILL)
            machine.wait()
    return console.read_text(errors="replace")


def boot_patiently(*arguments):
    """A second machine, where the first did not get as far as the test."""
    try:
        return boot(*arguments)
    except NeverBooted:
        return boot(*arguments)


def run(architecture, options, kernel, binary, commands, patience):
    """A Result of each command line, run in turn on one machine, which is given `patience` seconds for all."""
    with tempfile.TemporaryDirectory(prefix="pipebench-qemu-") as directory:
        image = make_initramfs(architecture, binary, commands, pathlib.Path(directory))
        console = boot_patiently(architecture, options, kernel, image, patience)
    # Not split(): what is empty stands between two blanks.
    found = [Result(*rest) for rest in re.findall(r"@@@ (\d+) (\S*) (\S*) @@@", console)]
    if len(found) != len(commands) or "@@@ end" not in console:
        raise AssertionError(f"{len(found)} of {len(commands)} commands came to an end; the console showed:\n{console[-4000:]}")
    return found


def run_tests(missing):
    """Those of the script that calls this; skipped, as Meson understands it, with the reason if something is missing."""
    if missing:
        print(missing, file=sys.stderr)
        sys.exit(77)
    unittest.main(verbosity=2)
