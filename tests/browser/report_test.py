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
from pairs import with_pairs, write_many_pairs

BINARY = ""
SKIPPED = 77
SHORT = ["--quiet", "--time", "2ms", "--warmup", "0", "--rounds", "6", "--wait", "busy", "--timeout", "60s"]
LONG_PATIENCE = 500  # of a build without optimization: results of hundreds of MB
HOSTILE = "\x1b[2J\u0085</script><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">{a|b}\u2028&lt;"
# Whether the charts in the page have been drawn: for each its title, and how many pixels of its canvases are not blank.
CHARTS = """
  return [...document.querySelectorAll('figure')].map((figure) => [figure.querySelector('h3').textContent,
    [...figure.querySelectorAll('canvas')].reduce((sum, canvas) => sum + canvas.getContext('2d')
      .getImageData(0, 0, canvas.width, canvas.height).data.filter((value, at) => at % 4 === 3 && value).length, 0)]);
"""
# The texts in the charts whose titles begin so: for each chart its width, and where each text is.
TEXTS = """
  const boxes = [...document.querySelectorAll('.chart')].filter((box) => box.getAttribute('aria-label').startsWith(arguments[0]));
  return boxes.map((box) => {
    const texts = echarts.getInstanceByDom(box).getZr().storage.getDisplayList(true).filter((each) => each.type === 'tspan' && !each.ignore);
    return {width: box.clientWidth, texts: texts.map((each) => {
      const at = each.getBoundingRect().clone();
      at.applyTransform(each.getComputedTransform() ?? [1, 0, 0, 1, 0, 0]);
      return {text: each.style.text, left: at.x, right: at.x + at.width, top: at.y, bottom: at.y + at.height};
    })};
  });
"""
# What hovering over an element of a chart says.
TIP = """
  const box = [...document.querySelectorAll('.chart')].find((each) => each.getAttribute('aria-label').startsWith(arguments[0]));
  echarts.getInstanceByDom(box).dispatchAction({type: 'showTip', seriesIndex: arguments[1], dataIndex: arguments[2]});
  return box.querySelector('.tip')?.innerText ?? '';
"""
# The options of a chart's series, without what JSON cannot hold.
SERIES = """
  const box = [...document.querySelectorAll('.chart')].find((each) => each.getAttribute('aria-label').startsWith(arguments[0]));
  return JSON.parse(JSON.stringify(echarts.getInstanceByDom(box).getOption().series));
"""


def pipebench(*arguments, patience=PATIENCE):
    subprocess.run([BINARY, *map(str, arguments)], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=patience)


def rounds_of(rounds):
    """The options of a short run of so many."""
    return [str(rounds) if before == "--rounds" else option for before, option in zip(["", *SHORT], SHORT)]


def measured(path, *arguments, rounds=6):
    pipebench(*arguments, *rounds_of(rounds), "--output", path)
    return json.loads(path.read_text(encoding="utf-8"))


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
        pipebench("report", *files, "--output", page, patience=LONG_PATIENCE)
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

    def test_two_samples_are_seen_in_time(self):
        for rounds, views in ((1, ["Throughput"]), (2, ["Throughput", "Samples in time"])):
            page = self.directory / "few.html"
            pipebench("--writer", "write", "--reader", "read", *rounds_of(rounds), "--output", page)
            self.browser.open(page)
            self.assertEqual(self.browser.complaints(), [])
            self.assertEqual([title.split(",")[0] for title in self.titles()], views)

    def test_an_option_may_be_called_anything(self):
        results = copy.deepcopy(self.matrix)
        for number, case in enumerate(results["cases"]):
            case["varied"] = json.loads(f'{{"__proto__": "{number}"}}')
        self.report(self.write("proto.json", results))
        self.assertEqual(self.titles()[0], "Throughput")

    def test_writers_and_readers_are_a_heat_map_instead_of_bars(self):
        self.report(self.directory / "matrix.json")
        titles = self.titles()
        self.assertTrue(titles[0].startswith("Writers and readers"), titles)
        self.assertNotIn("Throughput", titles)

    def test_sizes_are_lines(self):
        measured(self.directory / "sizes.json", "--writer", "write", "--reader", "read", "--buffer-size", "4K..32K")
        self.report(self.directory / "sizes.json")
        self.assertEqual(self.titles()[0], "Throughput by the size of a buffer")

    def test_percentiles_are_bars_with_a_dot_for_each(self):
        for option, key, title in (("--latency", "latency", "How long 4 KiB stay in the pipe"), ("--message=4K", "round_trip", "Messages, there and back")):
            results = measured(self.directory / "times.json", "--writer", "write,shm", "--reader", "read,shm", option)
            self.report(self.directory / "times.json")
            self.assertIn(title, self.titles())
            times = {case["name"]: case["summary"][key] for case in results["cases"] if case["summary"]}
            series = self.browser.script(SERIES, title)
            bars = sorted(point["value"][1] for point in series[0]["data"])
            for shown, exact in zip(bars, sorted(each["p50_ns"] / 1000 for each in times.values()), strict=True):
                self.assertAlmostEqual(shown / exact, 1, places=4)
            dots = sorted(point["value"][1] for point in series[1]["data"])
            keys = ("p90_ns", "p99_ns", "p999_ns", "max_ns")
            for shown, exact in zip(dots, sorted(each[key] / 1000 for each in times.values() for key in keys), strict=True):
                self.assertAlmostEqual(shown / exact, 1, places=4)
            tip = self.browser.script(TIP, title, 0, 0)
            self.assertIn("99.9 %", tip)
            self.assertIn("shm-shm (no pipe)", [each["text"] for chart in self.texts_of(title) for each in chart["texts"]])

    def test_prices_and_profiles_are_stacked_bars(self):
        prices = measured(self.directory / "prices.json", "--writer", "write,vmsplice", "--reader", "read", "--isolation", "none")
        self.report(self.directory / "prices.json")
        self.assertEqual(self.titles()[0], "What each call costs")
        _, _, intervals, dots = self.browser.script(SERIES, "What each call costs")
        for row, case in enumerate(prices["cases"]):
            summary = case["summary"]
            for shown, key in zip(intervals["data"][row][1:], ("turns_ns_per_page_ci95_low", "turns_ns_per_page_ci95_high"), strict=True):
                self.assertAlmostEqual(shown, summary[key], delta=1e-5 * shown)
            mine = [dot["value"][1] for dot in dots["data"] if dot["value"][0] == row]
            for shown, sample in zip(mine, case["samples"], strict=True):
                self.assertAlmostEqual(shown, sample["turns_ns_per_page"], delta=1e-5 * shown)
        self.assertIn("ns per 4 KiB, both", self.browser.script(TIP, "What each call costs", 3, 0))
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

    def test_a_page_of_very_many_pairs_is_lean(self):
        """What it holds and builds, as that is what takes time to open; scripts/page-time says how much."""
        results = measured(self.directory / "one.json", "--writer", "write", "--reader", "read", rounds=10)
        write_many_pairs(self.directory / "many.json", results, 128)
        page = self.report(self.directory / "many.json")
        titles = self.titles()
        self.assertEqual([title.split(":")[0].split(",")[0] for title in titles], ["Pairs of CPUs", "How far apart the CPUs were", "By what the CPUs share", "Samples in time"])
        packed = self.browser.script("return document.getElementById('packed-0').textContent.length")
        self.assertLess(packed, 40e6)
        self.assertLess(page.stat().st_size - packed, 6e6)
        self.assertLess(self.browser.script("return document.querySelectorAll('*').length"), 5000)
        self.assertIn("16384 rows, too many for a page", page.read_text(encoding="utf-8"))
        self.assertIn("Shown are 500 of 16384 cases.", self.browser.script("return document.body.innerText"))

    def test_of_an_even_number_of_pairs_the_middle_lies_between_two(self):
        results = with_pairs(self.matrix, 2)
        for speed, case in enumerate(results["cases"], start=1):
            case["summary"]["median_gib_per_second"] = speed
            case["spec"]["relation"] = "l3" if speed < 4 else "numa"
        results["cases"].append(copy.deepcopy(results["cases"][0]))
        results["cases"][-1] |= {"name": "pairs:cpus=2,0", "varied": {"cpus": "2,0"}}
        results["cases"][-1]["spec"] |= {"writer_cpu": 2, "relation": "l3"}
        results["cases"][-1]["summary"]["median_gib_per_second"] = 10
        self.report(self.write("even.json", results))
        # Of 1, 2, 3 and 10.
        self.assertEqual(self.browser.script(SERIES, "By what")[0]["data"][0]["value"], [0, 2.5, 1.75, 4.75])

    def test_a_map_of_equal_values_has_no_scale(self):
        results = with_pairs(self.matrix, 4)
        self.report(self.write("equal.json", results))
        speed = results["cases"][0]["summary"]["median_gib_per_second"]
        texts = [each["text"] for each in self.texts_of("Pairs of CPUs")[0]["texts"] if "GiB/s" in each["text"]]
        self.assertEqual(len(texts), 1, texts)
        self.assertTrue(texts[0].startswith("all: "), texts)
        self.assertAlmostEqual(float(texts[0].split()[1].replace("\u202f", "")), speed, delta=0.01 * speed)

    def test_boundaries_are_seen_on_any_cell(self):
        """In the colours of text and of background, so that one of the two stands out."""
        for scheme in ("light", "dark"):
            self.browser.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
            self.addCleanup(self.browser.command, "Emulation.setEmulatedMedia", features=[])
            self.report(self.write("pairs.json", with_pairs(self.matrix, 8)))
            strokes = self.browser.script("""
              const box = [...document.querySelectorAll('.chart')].find((each) => each.getAttribute('aria-label').startsWith('Pairs'));
              const list = echarts.getInstanceByDom(box).getZr().storage.getDisplayList(true);
              return [...new Set(list.filter((each) => each.type === 'line' && each.shape.x1 === each.shape.x2).map((each) => each.style.stroke))];
            """)
            self.assertGreaterEqual(set(strokes), {"#1b1c1e", "#ffffff"} if scheme == "light" else {"#e7e8ea", "#15171a"})

    def texts_of(self, title):
        return self.browser.script(TEXTS, title)

    def check_texts(self, chart):
        """None is cut, and none lies on another."""
        texts = [each for each in chart["texts"] if each["text"].strip()]
        self.assertTrue(texts)
        for at, one in enumerate(texts):
            self.assertGreaterEqual(one["left"], -0.5, one)
            self.assertLessEqual(one["right"], chart["width"] + 0.5, one)
            for other in texts[at + 1 :]:
                apart = one["right"] <= other["left"] + 1 or other["right"] <= one["left"] + 1
                apart = apart or one["bottom"] <= other["top"] + 3 or other["bottom"] <= one["top"] + 3
                self.assertTrue(apart, f"{one} lies on {other}")

    def test_no_text_is_cut_or_lies_on_another(self):
        """However narrow the page is."""
        self.addCleanup(self.browser.command, "Emulation.clearDeviceMetricsOverride")
        results = copy.deepcopy(self.matrix)
        for case in results["cases"]:
            case["varied"] = {}  # so that they are bars
            for sample in case["samples"]:
                # As long as they get, and as near.
                sample["conditions"] |= {"steal_seconds": 0.25, "involuntary_switches": 5, "run_queue_seconds": 0.001}
                sample["conditions"] |= {"writer_ns_per_add": 0.2712 + 0.0001 * sample["round"], "writer_frequency_hz": 2.4e9}
        prices = json.loads((self.directory / "prices.json").read_text()) if (self.directory / "prices.json").exists() else measured(
            self.directory / "prices.json", "--writer", "write,vmsplice", "--reader", "read", "--isolation", "none"
        )
        pages = [self.write("texts.json", results), self.write("texts-prices.json", prices)]
        for width in (400, 1200):
            self.browser.command("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 1000)
            for page in pages:
                self.report(page)
                for chart in self.texts_of(""):
                    self.check_texts(chart)

    def test_prices_keep_their_room_beside_a_sample_far_out(self):
        results = measured(self.directory / "far.json", "--writer", "write,vmsplice", "--reader", "read", "--isolation", "none")
        for case in results["cases"]:
            case["samples"][0]["writer_turns"]["median_ns_per_page"] *= 30
        self.report(self.write("far.json", results))
        (chart,) = self.texts_of("What each call costs")
        self.check_texts(chart)

    def test_neighbouring_ticks_have_other_texts(self):
        results = copy.deepcopy(self.matrix)
        for case in results["cases"]:
            for sample in case["samples"]:
                # Nothing else, as tracks one below the other may well have the same number.
                sample["conditions"] = dict.fromkeys(sample["conditions"]) | {"writer_ns_per_add": 0.27120 + 0.00001 * sample["round"], "reader_ns_per_add": 0.2712}
        self.report(self.write("ticks.json", results))
        (chart,) = self.texts_of("Samples in time")
        ticks = sorted((each for each in chart["texts"] if each["right"] < 60), key=lambda each: each["top"])
        self.assertGreater(len(ticks), 8)
        for one, other in zip(ticks, ticks[1:]):
            if other["top"] - one["top"] < 60:
                self.assertNotEqual(one["text"], other["text"])

    def test_any_number_of_samples_can_be_drawn(self):
        """More than a function can have arguments."""
        results = copy.deepcopy(self.matrix)
        for case in results["cases"]:
            case["varied"] = {}
        results["cases"] = results["cases"][:1]
        (case,) = results["cases"]
        sample = {key: value for key, value in case["samples"][0].items() if value is not None}
        sample |= {"conditions": {}, "writer": {}, "reader": {}}
        for end in ("writer", "reader"):
            sample[end] = {key: value for key, value in case["samples"][0][end].items() if key in ("calls", "short_calls", "would_block", "waits")}
        case["samples"] = [sample | {"round": number} for number in range(130_000)]
        self.report(self.write("many.json", results))
        self.assertEqual(len(self.titles()), 2)

    def test_counters_are_whole_numbers(self):
        results = copy.deepcopy(self.matrix)
        for case in results["cases"]:
            case["varied"] = {}
            case["samples"][0]["writer"]["calls"] = 32
            case["samples"][0]["reader"]["calls"] = 1234567
        self.report(self.write("counters.json", results))
        first_dot = (1, 0)  # the first series has the bars
        lines = [line.split("\t") for line in self.browser.script(TIP, "Throughput", *first_dot).splitlines()]
        self.assertIn(["calls", "32", "1\u202f234\u202f567"], lines)

    def test_complaints_are_those_of_the_page(self):
        self.browser.open(pathlib.Path("/dev/null"))
        self.browser.script("console.error('of another page')")
        self.report(self.directory / "matrix.json")
        self.browser.script("console.error('of the page')")
        (said,) = self.browser.complaints()
        self.assertIn("of the page", said)

    def test_files_stand_side_by_side(self):
        files = [self.write(f"file-{number}.json", self.matrix) for number in range(3)]
        self.report(*files)
        self.assertEqual(self.titles()[:2], ["The files side by side", "From file to file, by date"])
        self.assertEqual(len(self.browser.script("return [...document.querySelectorAll('section.results')]")), 3)

    def test_each_of_many_files_has_a_colour_of_its_own(self):
        files = [self.write(f"file-{number}.json", self.matrix) for number in range(10)]
        self.report(*files)
        colours = {each["name"]: each["color"] for each in self.browser.script(SERIES, "The files side by side") if each.get("name")}
        self.assertEqual(len(set(colours.values())), 10, colours)

    def test_a_picture_of_a_page_without_a_chart_is_refused(self):
        results = copy.deepcopy(self.matrix)
        for case in results["cases"]:
            case |= {"status": "skipped", "reason": "Because.", "samples": [], "summary": None}
        picture = self.directory / "none.png"
        command = [pathlib.Path(__file__).resolve().parents[2] / "scripts/picture", BINARY, self.write("none.json", results), picture]
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False, timeout=PATIENCE)
        self.assertEqual(done.returncode, 1)
        self.assertIn("has no chart", done.stderr)
        self.assertNotIn("Traceback", done.stderr)
        self.assertFalse(picture.exists())

    def test_the_same_case_is_found_by_what_it_measures(self):
        renamed, another = copy.deepcopy(self.matrix), copy.deepcopy(self.matrix)
        for case in renamed["cases"]:
            case["name"] = f"renamed {case['name']}"
        for case in another["cases"]:
            case["spec"]["buffers"] += 1
        files = [self.write("matrix.json", self.matrix), self.write("renamed.json", renamed), self.write("another.json", another)]
        self.report(*files)
        bars = [each for each in self.browser.script(SERIES, "The files side by side") if each.get("name")]
        self.assertEqual({each["name"].rsplit("/", 1)[-1] for each in bars}, {"matrix.json", "renamed.json"})
        (table,) = self.browser.script("return [...document.querySelectorAll('details')].map((each) => each.innerText).filter((text) => text.startsWith('The cases that'))")
        self.assertNotIn("renamed write-read", table)
        self.assertIn(self.matrix["cases"][0]["name"], table)

    def test_a_file_given_twice_is_two_files(self):
        self.report(self.directory / "matrix.json", self.directory / "matrix.json")
        legend = {each["name"] for each in self.browser.script(SERIES, "The files side by side") if each.get("name")}
        self.assertEqual(len(legend), 2, legend)
        captions = self.browser.script("return [...document.querySelectorAll('caption')].map((each) => each.textContent)")
        self.assertEqual(len(set(captions)), 2, "each table says which file it is of")

    def test_hosts_are_named_where_there_are_several(self):
        files = []
        for host in ("alpha", "beta"):
            results = copy.deepcopy(self.matrix)
            results["host"]["hostname"] = host
            files.append(self.write(f"{host}.json", results))
        self.report(*files)
        legend = {each["name"] for each in self.browser.script(SERIES, "The files side by side") if each.get("name")}
        self.assertEqual({name.rpartition(" ")[2] for name in legend}, {"(alpha)", "(beta)"})

    def test_a_hostile_name_stays_text(self):
        results = copy.deepcopy(self.matrix)
        case = results["cases"][0]
        case |= {"name": HOSTILE, "section": HOSTILE, "varied": {}, "notes": [HOSTILE]}
        results["plan"]["arguments"] = [HOSTILE]
        page = self.report(self.write("<img src=x>.json".replace("/", ""), results))
        self.assertNotIn(b"<img", page.read_bytes().split(b"<script>")[0])
        self.assertEqual(self.browser.script("return document.images.length"), 0)
        self.assertTrue(self.browser.script("return document.title").startswith("pipebench: "))
        shown = HOSTILE.replace("\u2028", "\\xe2\\x80\\xa8").replace("\x1b", "\\x1b").replace("\u0085", "\\xc2\\x85")
        self.assertNotRegex(self.browser.script("return document.body.innerText"), "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028]")
        options = "return [...document.querySelectorAll('option')].map((each) => each.textContent)"
        self.assertIn(shown, self.browser.script(options))
        self.assertIn(shown, self.browser.script("return document.querySelector('table').textContent"))
        tip = """
          const chart = [...document.querySelectorAll('.chart')].find((box) => box.getAttribute('aria-label').startsWith('Throughput'));
          echarts.getInstanceByDom(chart).dispatchAction({ type: 'showTip', seriesIndex: 0, dataIndex: 0 });
          return [chart.querySelector('.tip b').textContent, chart.querySelectorAll('.tip img, .tip script').length];
        """
        self.assertEqual(self.browser.script(tip), [shown, 0])
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
