#!/usr/bin/python3
"""What is made for other tools, in their hands: Google Benchmark's compare.py, and Prometheus' parser of OpenMetrics.

Usage: other_tools_test.py PIPEBENCH [ARGUMENT OF unittest...]

Debian's packages of the two (libbenchmark-tools, python3-prometheus-client) are for Debian's own Python.
"""

import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

BINARY = ""
SKIPPED = 77
PATIENCE = 120  # seconds; nothing here takes so long on its own
COMPARE = pathlib.Path("/usr/share/benchmark/compare.py")
SHORT = ["--quiet", "--time", "2ms", "--warmup", "0", "--rounds", "10", "--timeout", "60s"]
SPEEDS = ["--writer", "write,vmsplice", "--reader", "read", *SHORT]
PRICES = ["--isolation", "none", *SPEEDS]
# compare.py takes three functions from SciPy and NumPy, which fill a hundred megabytes. Where they are not installed,
# these stand in for them: how it reads the files, which is what is tested, is its own, and no p is looked at.
STAND_INS = {
    "numpy.py": """
class array(list):
    def any(self):
        return any(self)
""",
    "scipy/__init__.py": "",
    "scipy/stats.py": """
import math, types, numpy
def mannwhitneyu(one, other, alternative):
    assert len(one) > 1 and len(other) > 1
    return types.SimpleNamespace(pvalue=0.5)
def gmean(rows):
    return numpy.array(math.exp(sum(map(math.log, column)) / len(column)) for column in zip(*rows))
""",
}


def missing():
    """What is needed and not installed."""
    there = {"libbenchmark-tools": COMPARE.exists(), "python3-prometheus-client": importlib.util.find_spec("prometheus_client")}
    return [package for package, found in there.items() if not found]


def pipebench(*arguments):
    done = subprocess.run([BINARY, *map(str, arguments)], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, timeout=PATIENCE)
    return done.stdout


class OtherTools(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="pipebench-tools-")
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def compare(self, *arguments):
        """What Google Benchmark's compare.py has to say, as JSON."""
        environment = dict(os.environ)
        if not importlib.util.find_spec("scipy"):
            for name, text in STAND_INS.items():
                (self.directory / "python" / name).parent.mkdir(parents=True, exist_ok=True)
                (self.directory / "python" / name).write_text(text, encoding="utf-8")
            environment["PYTHONPATH"] = str(self.directory / "python")
        said = self.directory / "said.json"
        command = [sys.executable, COMPARE, "--no-color", "--dump_to_json", said, *arguments]
        done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, done.stdout)
        return {each["name"]: each for each in json.loads(said.read_text(encoding="utf-8"))}

    def test_google_benchmark_compares_two_runs(self):
        for name, case in (("speeds", SPEEDS), ("prices", PRICES)):
            files = [self.directory / f"{name}-{number}.json" for number in range(2)]
            for file in files:
                file.write_text(pipebench(*case, "--format", "google-benchmark"), encoding="utf-8")
            said = self.compare("benchmarks", *files)
            self.assertEqual(said.keys(), {"write-read", "vmsplice-read", "OVERALL_GEOMEAN"})
            for case_name in ("write-read", "vmsplice-read"):
                self.assertEqual(len(said[case_name]["measurements"]), 10, "each sample is a repetition")
                self.assertEqual(said[case_name]["utest"]["nr_of_repetitions"], 10)
                for measurement in said[case_name]["measurements"]:
                    self.assertGreater(measurement["real_time"], 0)
                    self.assertGreater(measurement["cpu_time"], 0)

    def test_google_benchmark_compares_cases_of_one_run(self):
        file = self.directory / "run.json"
        file.write_text(pipebench(*SPEEDS, "--format", "google-benchmark"), encoding="utf-8")
        said = self.compare("filters", file, "write-read", "vmsplice-read")
        self.assertIn("[write-read vs. vmsplice-read]", said)

    def test_prometheus_reads_every_metric(self):
        from prometheus_client.openmetrics.parser import text_string_to_metric_families

        config = self.directory / "x.ini"
        config.write_text('[a "b" \\ c]\nwriter = write\nreader = read\n', encoding="utf-8")
        for case in (SPEEDS, PRICES, ["--config", config, *SHORT], [*SPEEDS, "--ceilings"], [*SPEEDS, "--writer-threads", "2"]):
            text = pipebench(*case, "--format", "openmetrics")
            families = {family.name: family for family in text_string_to_metric_families(text)}  # ValueError: it is none
            samples = [sample for family in families.values() for sample in family.samples]
            self.assertEqual(len(samples), sum(not line.startswith("#") for line in text.splitlines()))
            self.assertEqual([sample.value for sample in families["pipebench_run_info"].samples], [1])
            named = {sample.labels["case"] for sample in families["pipebench_samples"].samples}
            self.assertEqual(named, {'a "b" \\ c'} if config in case else {"write-read", "vmsplice-read"})


def main(arguments):
    global BINARY
    BINARY, *rest = arguments
    if missing():
        print(f"not here: {', '.join(missing())}")
        return SKIPPED
    return 0 if unittest.main(argv=[sys.argv[0], *rest], exit=False).result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
