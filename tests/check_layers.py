#!/usr/bin/env python3
"""Checks that the includes point the way the design says.

Usage: check_layers.py [ROOT]      checks ROOT/include/pipebench and ROOT/src
       check_layers.py --self-test checks this script, on trees with planted violations
"""

import pathlib
import re
import sys
import tempfile

# What a layer may include, besides itself.
ALLOWED = {
    "base": set(),
    "model": {"base"},
    "stats": {"base"},
    "system": {"base", "model"},
    "strategies": {"base", "model", "system"},
    "plan": {"base", "model"},
    "analysis": {"base", "model", "stats"},
    "engine": {"base", "model", "stats", "system", "strategies"},
    "report": {"base", "model", "stats", "analysis"},
    "app": {"base", "model", "stats", "analysis", "system", "strategies", "plan", "engine", "report"},
    "main": {"base", "app"},
}

# Headers that only one place may include: pattern of the header, pattern of the path (below ROOT), the rule in words.
CONFINED = [
    (re.compile(r"hwloc(\.h|/.*)"), re.compile(r"src/system/topology\.cpp"), "only src/system/topology.cpp may use hwloc"),
    (re.compile(r"boost/program_options.*"), re.compile(r"(src|include/pipebench)/app/.*"), "only app may use Boost.Program_options"),
]

# Pure layers are functions of their arguments: no threads, no descriptors.
PURE = {"stats", "analysis", "report"}
IMPURE = re.compile(
    r"atomic|barrier|condition_variable|future|latch|mutex|semaphore|shared_mutex|stop_token|thread"
    r"|(pthread|sched|fcntl|unistd|poll|signal|semaphore)\.h|sys/.*"
)

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def layer_of(path):
    """The layer of a path below ROOT: src/LAYER/..., include/pipebench/LAYER/..., src/main.cpp; None for others."""
    if path.parts == ("src", "main.cpp"):
        return "main"
    for home in (("src",), ("include", "pipebench")):
        if path.parts[: len(home)] == home and len(path.parts) > len(home) + 1:
            return path.parts[len(home)]
    return None


def included_layer(header):
    """The layer of the project that `header` belongs to; None for a header of somebody else."""
    parts = pathlib.PurePosixPath(header).parts
    if parts[0] == "pipebench":
        return parts[1] if len(parts) > 2 else header
    return parts[0] if len(parts) > 1 and parts[0] in ALLOWED else None


def problem_with(file, quote, header):
    """What is wrong with `file` including `header`, or None."""
    layer = layer_of(file)
    target = included_layer(header)
    if (target is not None) != (quote == '"') or ".." in header:
        return 'headers of the project are spelled "pipebench/LAYER/FILE" or "LAYER/FILE", others <FILE>'
    if target is not None and target not in ALLOWED:
        return f"'{target}' is not a layer"
    if target is not None and target != layer and target not in ALLOWED[layer]:
        return f"{layer} may not include {target}"
    if target is None and layer in PURE and IMPURE.fullmatch(header):
        return f"{layer} is pure: no threads, no descriptors"
    for pattern, home, rule in CONFINED:
        if pattern.fullmatch(header) and not home.fullmatch(file.as_posix()):
            return rule
    return None


def sources(root):
    for home in ("include/pipebench", "src"):
        for path in sorted((root / home).rglob("*")):
            # .in: templates that the build fills in
            if path.is_file() and path.name.removesuffix(".in").endswith((".hpp", ".h", ".cpp")):
                yield path.relative_to(root)


def check(root):
    """(number of files, list of "file:line: #include ...: rule")"""
    root = root.resolve()
    files = list(sources(root))
    problems = []
    for file in files:
        if layer_of(file) not in ALLOWED:
            problems.append(f"{file}: not in a layer that this script knows ({', '.join(ALLOWED)})")
            continue
        for number, line in enumerate((root / file).read_text(encoding="utf-8").splitlines(), start=1):
            found = INCLUDE.match(line)
            problem = problem_with(file, found[1], found[2]) if found else None
            if problem:
                problems.append(f"{file}:{number}: includes {found[2]}: {problem}")
    return len(files), problems


# Trees for the self-test.
CLEAN = {
    "include/pipebench/base/a.hpp": "#pragma once\n#include <vector>\n",
    "include/pipebench/model/b.hpp": '#include "pipebench/base/a.hpp"\n',
    "src/model/private.hpp": "",
    "src/model/b.cpp": '#include "pipebench/model/b.hpp"\n#include "model/private.hpp"\n',
    "src/strategies/loops.hpp": "",
    "src/strategies/writers/w.cpp": '#include "strategies/loops.hpp"\n#include <fcntl.h>\n',
    "src/system/topology.cpp": "#include <hwloc.h>\n",
    "src/app/options.cpp": '#include <boost/program_options.hpp>\n#include "pipebench/plan/p.hpp"\n',
    "src/main.cpp": '#include "pipebench/app/app.hpp"\n',
}
# File, its text, the line that must be named, a word of the rule.
PLANTED = [
    ("include/pipebench/base/bad.hpp", '#pragma once\n#include "pipebench/model/b.hpp"\n', 2, "base may not include model"),
    ("src/stats/bad.cpp", '\n\n#  include "pipebench/engine/e.hpp"\n', 3, "stats may not include engine"),
    ("src/plan/bad.cpp", '#include "strategies/loops.hpp"\n', 1, "plan may not include strategies"),
    ("src/model/bad.cpp", '#include "private.hpp"\n', 1, "are spelled"),
    ("src/strategies/bad.cpp", '#include "strategies/../system/x.hpp"\n', 1, "are spelled"),
    ("src/engine/angle.cpp", "#include <pipebench/base/a.hpp>\n", 1, "are spelled"),
    ("src/engine/quoted.cpp", '#include "vector"\n', 1, "are spelled"),
    ("src/engine/bad.cpp", '#include "app/private.hpp"\n', 1, "engine may not include app"),
    ("src/report/bad.cpp", "#include <thread>\n", 1, "report is pure"),
    ("src/stats/pure.cpp", "#include <sys/uio.h>\n", 1, "stats is pure"),
    ("src/system/pipe.cpp", "#include <hwloc/glibc-sched.h>\n", 1, "hwloc"),
    ("src/plan/parse.cpp", "#include <boost/program_options/variables_map.hpp>\n", 1, "Program_options"),
    ("src/app/bad.cpp", '#include "pipebench/extras/x.hpp"\n', 1, "'extras' is not a layer"),
    ("src/main.cpp", '#include "pipebench/engine/e.hpp"\n', 1, "main may not include engine"),
]


def problems_of(files):
    with tempfile.TemporaryDirectory() as temporary:
        root = pathlib.Path(temporary)
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        return check(root)[1]


def self_test():
    assert problems_of(CLEAN) == [], problems_of(CLEAN)
    for name, text, line, rule in PLANTED:
        found = problems_of({**CLEAN, name: text})
        assert len(found) == 1 and found[0].startswith(f"{name}:{line}: ") and rule in found[0], (name, found)
    unknown = problems_of({**CLEAN, "src/extras/x.cpp": ""})
    assert len(unknown) == 1 and "src/extras/x.cpp" in unknown[0], unknown
    print(f"{len(PLANTED) + 1} planted violations found, none in the clean tree")
    return 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    root = pathlib.Path(arguments[0]) if arguments else pathlib.Path(__file__).parents[1]
    count, problems = check(root)
    for problem in problems:
        print(problem)
    # A check that looked at nothing must not pass.
    if count == 0:
        print(f"no sources below {root}")
    print(f"{count} files, {len(problems)} problems")
    return 1 if problems or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
