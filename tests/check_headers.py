#!/usr/bin/env python3
"""Compiles every header below include/ and src/ alone: a header must bring all that it needs.

Usage: check_headers.py SOURCE_ROOT BUILD_ROOT

The headers are looked up at each run, so a new one needs no mention anywhere. The compiler and its flags are those of
the library, from the build's compile_commands.json.
"""

import concurrent.futures
import json
import pathlib
import shlex
import subprocess
import sys

JOBS = 2  # the compilers of other tests run beside


def compiler(source_root, build_root):
    """The command that compiles a file of the library, without the file and without outputs."""
    home = source_root / "src"
    for entry in json.loads((build_root / "compile_commands.json").read_text(encoding="utf-8")):
        file = (pathlib.Path(entry["directory"]) / entry["file"]).resolve()
        if file.is_relative_to(home):
            break
    else:
        sys.exit(f"{build_root}/compile_commands.json has no file below {home}")

    command = []
    words = iter(shlex.split(entry["command"]))
    for word in words:
        if word in ("-o", "-c", "-MF", "-MQ", "-MT"):
            next(words)
        elif word not in ("-MD", "-MMD", "-fdiagnostics-color=always"):
            command.append(word)
    return command, entry["directory"]


def compile_alone(command, directory, header):
    """What the compiler says of a file that includes nothing but `header`, twice; empty when it accepts it."""
    # Twice, since a header without a guard is a mistake too.
    source = f'#include "{header}"\n' * 2
    done = subprocess.run(
        [*command, "-fsyntax-only", "-x", "c++", "-"],
        cwd=directory, input=source, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )
    return f"{header} does not compile alone:\n{done.stdout}" if done.returncode else ""


def main(source_root, build_root):
    source_root = pathlib.Path(source_root).resolve()
    headers = sorted(path for home in ("include", "src") for path in (source_root / home).rglob("*.hpp"))
    # A check that looked at nothing must not pass.
    if not headers:
        sys.exit(f"no headers below {source_root}")
    command, directory = compiler(source_root, pathlib.Path(build_root).resolve())
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        said = [text for text in pool.map(lambda header: compile_alone(command, directory, header), headers) if text]
    print("\n".join([*said, f"{len(headers)} headers, {len(said)} do not compile alone"]))
    return 1 if said else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2]))
