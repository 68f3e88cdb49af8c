#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Opens the report of compare_optimizers in headless Chromium: no error is logged, each chart draws, tables sort,
the legend toggles, charts zoom and show values, and the page fits a phone, the dark and paper.

Run: report_test.py [PROGRAM]  PROGRAM is compare_optimizers; with it, the test also opens a report that it writes.
SCREENSHOTS=FOLDER keeps screenshots. Exit status: 77 without Chromium, chromedriver or libjs-vega.
"""
import base64
import copy
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import synthetic_study

REPORT = pathlib.Path(__file__).resolve().parents[2] / "examples/compare_optimizers/report"
SCRIPTS = pathlib.Path("/usr/share/javascript")
PROGRAM = sys.argv.pop(1) if len(sys.argv) > 1 and os.path.isfile(sys.argv[1]) else None
SCREENSHOTS = os.environ.get("SCREENSHOTS")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update", "--hide-scrollbars"]


def page(study, with_vega=True):
    """Returns page.html with its marks replaced, as the program does it."""
    texts = {name: (REPORT / name).read_text() for name in ("report.css", "report.js", "charts.json")}
    texts["study.json"] = json.dumps(study).replace("<", "\\u003c")
    files = (REPORT / "vega.txt").read_text().split()
    texts["vega"] = "\n".join((SCRIPTS / name).read_text() for name in files) if with_vega else ""
    return re.sub(r"(/\*)?\{\{([a-z.]+)\}\}(\*/)?", lambda mark: texts[mark[2]], (REPORT / "page.html").read_text())


class Browser:
    """Chromium, by way of the WebDriver protocol of chromedriver."""

    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.folder = tempfile.TemporaryDirectory()
        self.root = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL)
        for _ in range(100):
            try:
                urllib.request.urlopen(self.root + "/status").close()
                break
            except OSError:
                time.sleep(0.1)
        options = {"args": FLAGS + [f"--user-data-dir={self.folder.name}/profile"],
                   "binary": shutil.which("chromium") or shutil.which("google-chrome")}
        session = self.post("/session", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.root += f"/session/{session['sessionId']}"

    def close(self):
        urllib.request.urlopen(urllib.request.Request(self.root, method="DELETE")).close()
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()

    def post(self, path, body):
        request = urllib.request.Request(self.root + path, json.dumps(body).encode())
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=300) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from None

    def command(self, name, **parameters):
        return self.post("/goog/cdp/execute", {"cmd": name, "params": parameters})

    def run(self, script, *arguments):
        return self.post("/execute/sync", {"script": script, "args": list(arguments)})

    def wait_for(self, expression):
        """Waits until an expression of JavaScript is true."""
        end = time.monotonic() + 60
        while not self.run(f"return Boolean({expression})"):
            if time.monotonic() > end:
                raise AssertionError(f"never true: {expression}; log: {self.log()}")
            time.sleep(0.02)

    def show(self, file, width=1280, height=900, scheme="light", media=""):
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                     mobile=width < 500)
        self.command("Emulation.setEmulatedMedia", media=media,
                     features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.post("/url", {"url": "about:blank"})
        self.log()
        self.post("/url", {"url": file.as_uri()})
        # Each chart is drawn once its place is on the page.
        self.wait_for("[...document.querySelectorAll('.chart')].every(chart => chart.hidden || chart.firstChild)")

    def log(self):
        return [entry["message"] for entry in self.post("/se/log", {"type": "browser"})]

    def mouse(self, kind, x, y, **more):
        self.command("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def screenshot(self, name):
        if not SCREENSHOTS:
            return
        size = self.command("Page.getLayoutMetrics")["cssContentSize"]
        image = self.command("Page.captureScreenshot", captureBeyondViewport=True, clip={
            "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1})
        pathlib.Path(SCREENSHOTS, f"{name}.png").write_bytes(base64.b64decode(image["data"]))


# The names of the charts in which something is drawn.
CHARTS = """return [...document.querySelectorAll('figure')].filter(each => {
  const svg = each.querySelector('.chart svg');
  return svg && svg.clientHeight > 100 && [...svg.querySelectorAll('.mark-symbol path, .mark-line path')]
      .some(path => path.getBoundingClientRect().width > 1);
}).map(each => each.id)"""
TICKS = """return [...document.querySelectorAll(`#${arguments[0]} .role-axis-label text`)]
  .map(each => each.textContent).sort()"""
COLUMN = """const rows = [...document.querySelectorAll('#group table')][0].tBodies[0].rows;
  return [...rows].map(row => row.cells[arguments[0]].textContent.trim())"""


class ReportTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = Browser()
        cls.folder = tempfile.TemporaryDirectory()
        cls.studies = synthetic_study.studies()
        for name, study in cls.studies.items():
            cls.file(name).write_text(page(study))

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.folder.cleanup()

    @classmethod
    def file(cls, name):
        return pathlib.Path(cls.folder.name, f"{name}.html")

    def tearDown(self):
        self.assertEqual(self.browser.log(), [])

    def open(self, name, **how):
        self.browser.show(self.file(name), **how)
        self.assertEqual(self.browser.log(), [])

    def middle(self, selector):
        """Scrolls an element into view and returns its place."""
        return self.browser.run("""const element = document.querySelector(arguments[0]);
          element.scrollIntoView({block: 'center', behavior: 'instant'});
          const box = element.getBoundingClientRect();
          return [box.left + box.width / 2, box.top + box.height / 2]""", selector)

    def test_each_chart_of_each_study_draws(self):
        usual = ["curves", "differences", "finals", "sensitivity", "time"]
        expected = {"one": usual, "many": ["ranks", "profiles", *usual], "regression": usual, "diverged": usual,
                    "analytic": ["paths", *usual], "untuned": ["curves", "finals", "time"]}
        for name, charts in expected.items():
            with self.subTest(name):
                self.open(name)
                self.browser.screenshot(name)
                self.assertEqual(self.browser.run(CHARTS), charts)

    def test_the_first_screen_has_the_answer(self):
        self.open("one")
        text = self.browser.run("return document.querySelector('.answer').innerText")
        best = self.studies["one"]["groups"][0]["optimizers"][0]
        self.assertIn(best["tuned"]["code"], text)
        self.assertIn(f"{100 * best['summary']['tuned']['mean']:.2f}\u00a0%", text)
        self.assertIn("What would change this answer\n", text)
        self.assertIn("SGD: still improving", text)
        bottom = self.browser.run("return document.querySelector('.answer').getBoundingClientRect().bottom")
        self.assertLess(bottom, 900)

    def test_a_click_on_a_heading_sorts_the_table(self):
        self.open("one")
        click = "[...document.querySelectorAll('#group thead button')][arguments[0]].click()"
        names = self.browser.run(COLUMN, 1)
        self.browser.run(click, 1)
        self.assertEqual([name.split()[-1] for name in self.browser.run(COLUMN, 1)],
                         sorted((name.split()[-1] for name in names), key=str))
        self.browser.run(click, 2)
        means = self.browser.run(COLUMN, 2)
        self.assertEqual(means, sorted(means))
        self.browser.run(click, 2)
        self.assertEqual(self.browser.run(COLUMN, 2), means[::-1])
        self.assertEqual(self.browser.run("return document.querySelectorAll('#group [aria-sort]').length"), 1)

    def test_the_legend_switches_an_optimizer_off_in_all_charts(self):
        self.open("one")
        lines = "return document.querySelectorAll('#curves .mark-line path').length"
        rows = "return document.querySelectorAll('#finals .mark-symbol path').length"
        before = self.browser.run(lines), self.browser.run(rows)
        self.browser.run("document.querySelector('.legend [data-name=sgd]').click()")
        self.assertEqual(self.browser.run(lines), before[0] - 1)
        self.assertEqual(self.browser.run(rows), before[1] - 11)  # ten runs and their mean
        self.browser.run("document.querySelector('.legend [data-name=sgd]').click()")
        self.assertEqual(self.browser.run(lines), before[0])

    def test_an_axis_switches_to_logarithmic(self):
        self.open("one")
        before = self.browser.run(TICKS, "sensitivity")
        self.browser.run("document.querySelector('#sensitivity input').click()")
        after = self.browser.run(TICKS, "sensitivity")
        self.assertIn("0.001", before)
        self.assertNotIn("0.001", after)

    def test_the_mouse_zooms_into_a_rectangle_and_buttons_zoom_too(self):
        self.open("one")
        before = self.browser.run(TICKS, "curves")
        x, y = self.middle("#curves svg")
        self.browser.mouse("mousePressed", x, y - 50, button="left", clickCount=1)
        self.browser.mouse("mouseMoved", x + 150, y + 50, button="left", buttons=1)
        self.browser.mouse("mouseReleased", x + 150, y + 50, button="left", clickCount=1)
        zoomed = self.browser.run(TICKS, "curves")
        self.assertNotEqual(zoomed, before)
        press = "document.querySelectorAll('#curves .zoom button')[arguments[0]].click()"
        self.browser.run(press, 0)
        self.assertNotEqual(self.browser.run(TICKS, "curves"), zoomed)
        self.browser.run(press, 2)
        self.assertEqual(self.browser.run(TICKS, "curves"), before)

    def test_the_pointer_shows_values(self):
        self.open("one")
        x, y = self.middle("#curves svg")
        self.browser.mouse("mouseMoved", x, y)
        self.browser.wait_for("!document.getElementById('tip').hidden")
        text = self.browser.run("return document.getElementById('tip').innerText")
        self.assertRegex(text, r"^Epochs \d+\n")
        self.assertIn("Adam", text)
        x, y = self.middle("#finals .mark-symbol path")
        self.browser.mouse("mouseMoved", x, y)
        self.browser.wait_for("/, tuned, seed \\d+: /.test(document.getElementById('tip').innerText)")

    def test_a_word_explains_itself_to_the_keyboard(self):
        self.open("one")
        self.browser.run("document.querySelector('dfn[data-word=Holm]').focus()")
        self.assertIn("correction", self.browser.run("return document.getElementById('tip').innerText"))
        self.browser.run("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape'}))")
        self.assertTrue(self.browser.run("return document.getElementById('tip').hidden"))

    def test_another_task_is_shown(self):
        self.open("many")
        self.browser.run("document.querySelector('a[href=\"#task-3\"]').click()")
        self.browser.wait_for("document.getElementById('picker').value === '3'")
        self.assertIn("Ecoli", self.browser.run("return document.querySelector('#group h2').innerText"))
        self.browser.wait_for("document.querySelector('#curves svg')")

    def test_the_page_fits_a_phone(self):
        for name in ("many", "diverged", "analytic"):
            self.open(name, width=390, height=844)
            self.browser.screenshot(f"{name}-phone")
            self.assertEqual(self.browser.run("return document.documentElement.scrollWidth"), 390)

    def test_the_page_is_dark_where_the_reader_wants_it(self):
        brightness = """const [r, g, b] = getComputedStyle(document.body)[arguments[0]].match(/[\\d.]+/g).map(Number);
          return (r + g + b) / 3"""
        self.open("many", scheme="dark")
        self.browser.screenshot("many-dark")
        self.assertLess(self.browser.run(brightness, "backgroundColor"), 60)
        self.assertGreater(self.browser.run(brightness, "color"), 200)
        self.browser.run("document.getElementById('theme').click()")
        self.assertGreater(self.browser.run(brightness, "backgroundColor"), 200)

    def test_paper_shows_the_charts_without_buttons(self):
        self.open("one", width=760, scheme="dark", media="print")
        self.browser.screenshot("one-print")
        self.assertEqual(len(self.browser.run(CHARTS)), 5)
        style = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"
        self.assertEqual(self.browser.run(style, ".controls", "display"), "none")
        self.assertEqual(self.browser.run(style, "body", "backgroundColor"), "rgb(255, 255, 255)")

    def test_without_vega_the_page_has_its_tables(self):
        self.file("plain").write_text(page(self.studies["many"], with_vega=False))
        self.open("plain")
        self.browser.screenshot("plain")
        self.assertEqual(self.browser.run("return document.querySelectorAll('svg[role], .chart').length"), 0)
        self.assertGreater(self.browser.run("return document.querySelectorAll('table').length"), 3)
        self.assertIn("libjs-vega", self.browser.run("return document.getElementById('no-charts').innerText"))

    def test_text_of_the_study_is_not_markup(self):
        study = copy.deepcopy(self.studies["one"])
        study["groups"][0]["task"]["title"] = "<!--<script></script><b id='bold'>$& {{vega}} [seed"
        self.file("markup").write_text(page(study))
        self.open("markup")
        self.assertIsNone(self.browser.run("return document.getElementById('bold')"))
        headline = self.browser.run("return document.querySelector('h2').innerText")
        self.assertIn("<!--<script></script><b id='bold'>$& {{vega}} [seed", headline)

    def test_a_running_study_says_so(self):
        study = copy.deepcopy(self.studies["one"])
        study.update(complete=False, progress={"done": 12, "of": 300, "seconds_left": 41})
        study["groups"][0]["optimizers"] = []
        study["groups"][0]["conclusion"] = {"best": None, "indistinguishable": [], "sentence": "", "advice": []}
        self.file("live").write_text(page(study))
        self.open("live")
        self.assertIn("12 of 300 runs", self.browser.run("return document.getElementById('progress').innerText"))

    @unittest.skipUnless(PROGRAM, "no program was given")
    def test_a_report_of_the_program_draws(self):
        folder = pathlib.Path(self.folder.name, "study")
        subprocess.run([PROGRAM, "iris", "rosenbrock", "--optimizers", "sgd,adam", "--seeds", "3", "--epochs", "5",
                        "--out", folder], check=True, stdout=subprocess.DEVNULL)
        self.browser.show(folder / "report.html")
        self.browser.screenshot("program")
        self.assertIn("curves", self.browser.run(CHARTS))


def missing():
    if not shutil.which("chromedriver") or not (shutil.which("chromium") or shutil.which("google-chrome")):
        return "no Chromium with chromedriver; scripts/install_dependencies.sh browser installs them"
    if not all((SCRIPTS / name).is_file() for name in (REPORT / "vega.txt").read_text().split()):
        return "no libjs-vega; scripts/install_dependencies.sh browser installs it"
    return None


if __name__ == "__main__":
    if missing():
        print(missing())
        sys.exit(77)
    unittest.main()
