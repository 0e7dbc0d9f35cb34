#!/usr/bin/env python3
"""Checks that docs/output.md says what the results hold: its tables are those that pipebench makes of its own, and every
other key and column that it writes is named.

Usage: check_output_docs.py PIPEBENCH GENERATE OUTPUT_MD

With PIPEBENCH_REWRITE_GOLDEN=1 the tables are written anew; look at the difference before you keep it.
"""

import json
import os
import pathlib
import re
import subprocess
import sys

# A dry run has no samples; null/null needs no permission and no second CPU.
RUN = ["--writer", "null", "--reader", "null", "--rounds", "1", "--time", "5ms", "--warmup", "0", "--quiet", "--cpus", "any"]
VERBOSE = ["--verbose", *(word for word in RUN if word != "--quiet")]
TABLE = re.compile(r"<!-- keys: (\w+) -->\n.*?<!-- end -->\n", re.DOTALL)


def output_of(binary, *arguments):
    return subprocess.run([binary, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL if "--verbose" in arguments else None, text=True, check=True).stdout


def keys_of(value):
    """Every key in a JSON value, at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_of(inner)


def wrong_tables(page, text, tables):
    """Complaints about the tables of the page; rewrites them instead where that is asked for."""
    if os.environ.get("PIPEBENCH_REWRITE_GOLDEN") == "1":
        text = TABLE.sub(lambda match: tables[match[1]], text)
        page.write_text(text, encoding="utf-8")
    found = {match[1]: match[0] for match in TABLE.finditer(text)}
    for name in sorted(set(tables) | set(found)):
        if found.get(name) != tables.get(name):
            yield f"{page}: the table of `{name}` is not what `generate keys` prints (PIPEBENCH_REWRITE_GOLDEN=1 writes it anew)"


def section_of(text, title):
    """The section of the page below this title, up to the next of its rank."""
    return re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)[1]


def first_cells(section):
    """What stands in the first cell of each row of its tables."""
    return [row.split("|")[1] for row in section.splitlines() if row.startswith("| `")]


def wrong_columns(binary, page, text):
    """Complaints about the columns of CSV and of the tables."""
    header = output_of(binary, *VERBOSE, "--ceilings", "--format", "csv").strip().splitlines()[0].split(",")
    documented = []
    for cell in first_cells(section_of(text, "CSV")):
        names = re.findall(r"`(\w+)`", cell)
        # "`a` … `b`" stands for all columns from a to b.
        documented += header[header.index(names[0]) : header.index(names[1]) + 1] if "…" in cell else names
    if documented != header:
        yield f"{page}: the columns of CSV are {','.join(header)}, not {','.join(documented)}"
    cells = first_cells(section_of(text, "Table and Markdown"))
    documented = [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]
    for run in (RUN, [*RUN, "--isolation", "none"], [*RUN, "--dry-run"], VERBOSE):
        lines = output_of(binary, *run, "--format", "markdown").splitlines()
        headers = [line for line, below in zip(lines, lines[1:]) if below.startswith("| -")]
        for name in [name for header in headers for name in header.strip("| ").split(" | ")]:
            if name not in documented:
                yield f"{page}: the table's column '{name}' is not there"


def unnamed_keys(binary, page, text):
    """Complaints about keys and columns that the page does not name, of which it has no table."""
    documented = set(re.findall(r"`([a-z0-9_]+)`", text))
    keys = set()
    for command in (["list"], ["topology", "--measure"], ["doctor"],
                    ["gup", "--rounds", "1", "--time", "1ms", "--warmup", "0"]):
        keys |= set(keys_of(json.loads(output_of(binary, *command, "--format", "json"))))
    columns = output_of(binary, *RUN, "--format", "csv").splitlines()[0].split(",")
    # writer_calls is documented as `calls` of the writer, writer_turns_count as `count` of its turns, latency_p50_ns as `p50_ns`.
    keys |= {re.sub(r"^(writer|reader|conditions|latency|round_trip)_(turns_)?", "", name) if name not in documented else name for name in columns}
    # A check that looked at nothing must not pass.
    if len(columns) < 20:
        sys.exit("the CSV has no columns")
    for key in sorted(keys - documented):
        yield f"{page} does not name `{key}`"


def main(binary, generate, page):
    page = pathlib.Path(page)
    tables = {match[1]: match[0] for match in TABLE.finditer(output_of(generate, "keys"))}
    if not tables:
        sys.exit("there are no tables of keys")
    complaints = list(wrong_tables(page, page.read_text(encoding="utf-8"), tables))
    complaints += wrong_columns(binary, page, page.read_text(encoding="utf-8"))
    complaints += unnamed_keys(binary, page, page.read_text(encoding="utf-8"))
    print("\n".join(complaints) or f"{len(tables)} tables, all as they should be")
    return 1 if complaints else 0


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
