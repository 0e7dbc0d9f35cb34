#!/usr/bin/env python3
"""HTML reports in a real browser: Chromium, headless, driven by chromedriver.

Usage: report_test.py PIPEBENCH [ARGUMENT OF unittest...]
"""

import copy
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

import browser
from browser import PATIENCE, Browser

BINARY = ""
SKIPPED = 77
SHORT = ["--quiet", "--time", "2ms", "--warmup", "0", "--rounds", "6", "--wait", "busy", "--timeout", "60s"]
HOSTILE = "</script><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">{a|b}\u2028&lt;"
# Whether the charts in the page have been drawn: for each its title, and how many pixels of its canvases are not blank.
CHARTS = """
  return [...document.querySelectorAll('figure')].map((figure) => [figure.querySelector('h3').textContent,
    [...figure.querySelectorAll('canvas')].reduce((sum, canvas) => sum + canvas.getContext('2d')
      .getImageData(0, 0, canvas.width, canvas.height).data.filter((value, at) => at % 4 === 3 && value).length, 0)]);
"""


def pipebench(*arguments):
    subprocess.run([BINARY, *map(str, arguments)], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=PATIENCE)


def measured(path, *arguments):
    pipebench(*arguments, *SHORT, "--output", path)
    return json.loads(path.read_text(encoding="utf-8"))


def with_pairs(results, cpus):
    """`results`, whose first case was measured on every pair of so many CPUs, in two packages."""
    results = copy.deepcopy(results)
    first = results["cases"][0]
    results["cases"] = []
    for writer in range(cpus):
        for reader in range(cpus):
            case = copy.deepcopy(first)
            near = writer // 4 == reader // 4
            relation = "same-cpu" if writer == reader else "l3" if near else "cross-package"
            case |= {"name": f"pairs:cpus={writer},{reader}", "section": "pairs", "varied": {"cpus": f"{writer},{reader}"}}
            case["spec"] |= {"writer_cpu": writer, "reader_cpu": reader, "relation": relation, "stream_cpus": [[writer, reader]]}
            for sample in case["samples"]:
                sample["conditions"] |= {"handover_ns_before": 40 if near else 180, "handover_ns_after": 41 if near else 185}
            results["cases"].append(case)
    return results


class ReportTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory(prefix="pipebench-report-")
        cls.addClassCleanup(directory.cleanup)
        cls.directory = pathlib.Path(directory.name)
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)
        cls.matrix = measured(cls.directory / "matrix.json", "--writer", "write,vmsplice", "--reader", "read,splice")

    def write(self, name, results):
        path = self.directory / name
        path.write_text(json.dumps(results), encoding="utf-8")
        return path

    def report(self, *files):
        """Opens the report of these files; the page must be content with itself."""
        page = self.directory / "report.html"
        pipebench("report", *files, "--output", page)
        self.browser.open(page)
        self.assertEqual(self.browser.requests(), [page.as_uri()], "something was asked for besides the page")
        self.assertEqual(self.browser.complaints(), [])
        return page

    def titles(self):
        """The titles of the charts, all of which must have been drawn."""
        charts = self.browser.script(CHARTS)
        for title, pixels in charts:
            self.assertGreater(pixels, 500, f"{title} is blank")
        return [title for title, _ in charts]

    def test_a_run_writes_a_page_with_its_ladder_and_its_samples(self):
        page = self.directory / "run.html"
        pipebench("--writer", "write", "--reader", "read", *SHORT, "--output", page)
        self.browser.open(page)
        self.assertEqual(self.browser.complaints(), [])
        self.assertEqual([title.split(",")[0] for title in self.titles()], ["Throughput", "Samples in time"])
        self.assertIn("pipebench --writer write", self.browser.script("return document.querySelector('pre.command').textContent"))

    def test_writers_and_readers_are_a_heat_map_instead_of_bars(self):
        self.report(self.directory / "matrix.json")
        titles = self.titles()
        self.assertTrue(titles[0].startswith("Writers and readers"), titles)
        self.assertNotIn("Throughput", titles)

    def test_sizes_are_lines(self):
        measured(self.directory / "sizes.json", "--writer", "write", "--reader", "read", "--buffer-size", "4K..32K")
        self.report(self.directory / "sizes.json")
        self.assertEqual(self.titles()[0], "Throughput by the size of a buffer")

    def test_prices_and_profiles_are_stacked_bars(self):
        measured(self.directory / "prices.json", "--writer", "write,vmsplice", "--reader", "read", "--isolation", "none")
        self.report(self.directory / "prices.json")
        self.assertEqual(self.titles()[0], "What each call costs")
        results = copy.deepcopy(self.matrix)
        for case in results["cases"]:
            work = [{"kind": kind, "samples": 5, "share": 0.5} for kind in ("copying", "pipe lock")]
            end = {"samples": 10, "lost": 0, "throttled": 0, "work": work, "functions": [], "other": [], "conclusion": None, "stacks": []}
            case["profile"] = {"event": "cpu-clock", "frequency_hz": 997, "obstacles": [], "writer": end, "reader": end}
        self.report(self.write("profile.json", results))
        self.assertIn("Where the time goes", self.titles())

    def test_pairs_of_cpus_are_maps_of_speed_and_of_distance(self):
        for cpus in (8, 32):  # cell by cell, and as a picture
            self.report(self.write("pairs.json", with_pairs(self.matrix, cpus)))
            kinds = [title.split(":")[0] for title in self.titles()]
            self.assertEqual(kinds[:3], ["Pairs of CPUs", "How far apart the CPUs were", "By what the CPUs share"])

    def test_files_stand_side_by_side(self):
        files = [self.write(f"file-{number}.json", self.matrix) for number in range(3)]
        self.report(*files)
        self.assertEqual(self.titles()[:2], ["The files side by side", "From file to file, by date"])
        self.assertEqual(len(self.browser.script("return [...document.querySelectorAll('section.results')]")), 3)

    def test_a_hostile_name_stays_text(self):
        results = copy.deepcopy(self.matrix)
        case = results["cases"][0]
        case |= {"name": HOSTILE, "section": HOSTILE, "varied": {}, "notes": [HOSTILE]}
        results["plan"]["arguments"] = [HOSTILE]
        page = self.report(self.write("<img src=x>.json".replace("/", ""), results))
        self.assertNotIn(b"<img", page.read_bytes().split(b"<script>")[0])
        self.assertEqual(self.browser.script("return document.images.length"), 0)
        self.assertTrue(self.browser.script("return document.title").startswith("pipebench: "))
        shown = HOSTILE.replace("\u2028", "\\xe2\\x80\\xa8")
        self.assertIn(shown, self.browser.script("return document.querySelector('table').textContent"))
        tip = """
          const chart = [...document.querySelectorAll('.chart')].find((box) => box.getAttribute('aria-label').startsWith('Throughput'));
          echarts.getInstanceByDom(chart).dispatchAction({ type: 'showTip', seriesIndex: 0, dataIndex: 0 });
          return [chart.querySelector('.tip b').textContent, chart.querySelectorAll('.tip img, .tip script').length];
        """
        self.assertEqual(self.browser.script(tip), [HOSTILE, 0])
        self.assertEqual(self.browser.complaints(), [])

    def test_without_scripts_the_tables_are_there(self):
        self.browser.command("Emulation.setScriptExecutionDisabled", value=True)
        self.addCleanup(self.browser.command, "Emulation.setScriptExecutionDisabled", value=False)
        self.report(self.directory / "matrix.json")
        seen = self.browser.script("return [document.querySelectorAll('canvas').length, document.querySelector('table').innerText]")
        self.assertEqual(seen[0], 0)
        for case in self.matrix["cases"]:
            self.assertIn(case["name"], seen[1])

    def test_the_data_can_be_taken_out_again(self):
        self.report(self.directory / "matrix.json")
        self.browser.script("document.querySelector('.download button').click()")
        download = pathlib.Path(self.browser.profile.name) / "matrix.json"
        end = time.monotonic() + PATIENCE
        while not download.exists() and time.monotonic() < end:
            time.sleep(0.05)
        self.assertEqual(json.loads(download.read_text(encoding="utf-8")), self.matrix)

    def test_a_phone_in_the_dark_needs_no_sideways_scrolling(self):
        self.browser.command("Emulation.setDeviceMetricsOverride", width=390, height=800, deviceScaleFactor=1, mobile=True)
        self.addCleanup(self.browser.command, "Emulation.clearDeviceMetricsOverride")
        light = self.background_in("light")
        self.assertNotEqual(self.background_in("dark"), light)
        self.assertLessEqual(self.browser.script("return document.documentElement.scrollWidth"), 390)
        self.titles()

    def background_in(self, scheme):
        self.browser.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.addCleanup(self.browser.command, "Emulation.setEmulatedMedia", features=[])
        self.report(self.directory / "matrix.json")
        return self.browser.script("return getComputedStyle(document.body).backgroundColor")

    def test_paper_is_light_in_the_dark_too(self):
        self.background_in("dark")
        color = "return getComputedStyle(document.body).backgroundColor"
        self.browser.script("dispatchEvent(new Event('beforeprint'))")
        self.assertEqual(self.browser.script(color), "rgb(255, 255, 255)")
        self.titles()
        self.browser.script("dispatchEvent(new Event('afterprint'))")
        self.assertNotEqual(self.browser.script(color), "rgb(255, 255, 255)")


def main(arguments):
    global BINARY
    BINARY, *rest = arguments
    missing = browser.missing()
    if missing:
        print(f"not here: {', '.join(missing)}")
        return SKIPPED
    listing = subprocess.run([BINARY, "--dry-run", "--quiet", "--format", "html"], check=True, stdout=subprocess.PIPE, text=True)
    if "built without its chart library" in listing.stdout:
        print("this build has no chart library: scripts/fetch-echarts")
        return SKIPPED
    return 0 if unittest.main(argv=[sys.argv[0], *rest], exit=False).result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
