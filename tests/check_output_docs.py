#!/usr/bin/env python3
"""Checks that docs/output.md names every key and column that pipebench writes.

Usage: check_output_docs.py PIPEBENCH OUTPUT_MD

The keys come from a short real run, so that the parts are there that a dry run leaves out.
"""

import json
import pathlib
import re
import subprocess
import sys

# A dry run has no samples; null/null needs no permission and no second CPU.
RUN = ["--writer", "null", "--reader", "null", "--rounds", "1", "--time", "5ms", "--warmup", "0", "--quiet", "--cpus", "any"]


def output_of(binary, *arguments):
    return subprocess.run([binary, *arguments], stdout=subprocess.PIPE, text=True, check=True).stdout


def keys_of(value):
    """Every key in a JSON value, at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_of(inner)


def main(binary, page):
    text = pathlib.Path(page).read_text(encoding="utf-8")
    documented = set(re.findall(r"`([a-z0-9_]+)`", text))
    results = json.loads(output_of(binary, *RUN, "--format", "json"))
    keys = set(keys_of(results))
    for command in ("list", "topology"):
        keys |= set(keys_of(json.loads(output_of(binary, command, "--format", "json"))))
    # A check that looked at nothing must not pass.
    if not results["cases"][0]["samples"]:
        sys.exit("the run yielded no sample")
    columns = output_of(binary, *RUN, "--format", "csv").splitlines()[0].split(",")
    # writer_calls is documented as `calls` of the writer.
    keys |= {re.sub(r"^(writer|reader)_", "", name) if name not in documented else name for name in columns}
    missing = sorted(keys - documented)
    for key in missing:
        print(f"{page} does not name `{key}`")
    print(f"{len(keys)} keys and columns, {len(missing)} not documented")
    return 1 if missing else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2]))
