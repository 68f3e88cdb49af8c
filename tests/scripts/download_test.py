#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""scripts/download_mnist.sh against a server on this machine: good, truncated, altered and cut-off
files, files that are missing, and no server at all. Serves MNIST from $XGRAD_DATA_DIR/mnist where it
is there, else small files of the same names with their own sums."""
import gzip
import hashlib
import http.server
import os
import pathlib
import socket
import subprocess
import tempfile
import threading
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAMES = [f"{part}-{kind}-ubyte.gz" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")]
MNIST = pathlib.Path(os.environ.get("XGRAD_DATA_DIR", ROOT / "data")) / "mnist"
REAL = all((MNIST / name).is_file() for name in NAMES)
GOOD = {name: (MNIST / name).read_bytes() if REAL else gzip.compress(name.encode() * 1000) for name in NAMES}


class Mirrors(http.server.BaseHTTPRequestHandler):
    """/good/NAME, /truncated/NAME and so on; notes what was asked for."""

    asked = []

    def do_GET(self):
        mirror, name = self.path.strip("/").split("/")
        Mirrors.asked.append((mirror, name))
        good = GOOD[name]
        body = {
            "good": good,
            "truncated": good[: len(good) // 2],
            "altered": gzip.compress(gzip.decompress(good)[:-1] + b"\x7f", 1),
            "page": b"<html>Moved</html>",
            "cut": good,
        }.get(mirror)
        if body is None:
            return self.send_error(404)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if mirror == "cut" else body)

    def log_message(self, *_):
        pass


class DownloadTest(unittest.TestCase):
    def setUp(self):
        Mirrors.asked = []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mirrors)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        self.scratch = tempfile.TemporaryDirectory()
        self.dir = pathlib.Path(self.scratch.name) / "a folder" / "mnist"

    def tearDown(self):
        self.server.shutdown()
        self.server.server_close()
        self.scratch.cleanup()

    def download(self, *mirrors):
        environment = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
        environment["XGRAD_MNIST_MIRRORS"] = " ".join(
            mirror if "://" in mirror else f"{self.address}/{mirror}" for mirror in mirrors)
        if not REAL:
            environment["XGRAD_MNIST_MD5"] = " ".join(
                hashlib.md5(gzip.decompress(GOOD[name])).hexdigest() for name in NAMES)
        return subprocess.run([ROOT / "scripts/download_mnist.sh", self.dir], env=environment,
                              capture_output=True, text=True, timeout=120, check=False)

    def files(self):
        return {path.name: path.read_bytes() for path in self.dir.iterdir()}

    def test_good_files_are_fetched_once(self):
        for _ in range(2):
            run = self.download("good")
            self.assertEqual((run.returncode, run.stderr), (0, ""))
            self.assertEqual(self.files(), GOOD)
            self.assertEqual(Mirrors.asked, [("good", name) for name in NAMES])

    def test_mirrors_are_asked_in_order_until_one_has_the_right_file(self):
        bad = ["missing", "truncated", "altered", "page", "cut"]
        run = self.download(*bad, "good", "never")
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        self.assertEqual(self.files(), GOOD)
        self.assertEqual(Mirrors.asked, [(mirror, name) for name in NAMES for mirror in [*bad, "good"]])

    def test_nothing_is_kept_where_no_mirror_has_the_right_file(self):
        run = self.download("truncated", "altered", "cut", "missing")
        self.assertEqual(run.returncode, 1)
        self.assertIn(f"{NAMES[0]} could not be fetched", run.stderr)
        self.assertEqual(run.stderr.count("cut short or altered"), 2)
        self.assertIn("404", run.stderr)
        self.assertIn(f"{self.dir} by hand", run.stderr)
        self.assertEqual(self.files(), {})

    def test_only_what_is_missing_or_broken_is_fetched(self):
        self.dir.mkdir(parents=True)
        (self.dir / NAMES[0]).write_bytes(GOOD[NAMES[0]])
        (self.dir / NAMES[1]).write_bytes(GOOD[NAMES[1]][:-9])
        self.assertEqual(self.download("good").returncode, 0)
        self.assertEqual(self.files(), GOOD)
        self.assertEqual(Mirrors.asked, [("good", name) for name in NAMES[1:]])

    def test_without_a_network_it_says_so(self):
        with socket.socket() as unused:  # bound, so that nobody else listens there
            unused.bind(("127.0.0.1", 0))
            run = self.download(f"http://127.0.0.1:{unused.getsockname()[1]}", "http://mirror.invalid")
        self.assertEqual(run.returncode, 1)
        self.assertIn("connect", run.stderr)
        self.assertIn("http://mirror.invalid:", run.stderr)
        self.assertIn("bundled digits", run.stderr)
        self.assertEqual(self.files(), {})


if __name__ == "__main__":
    print("serving", "MNIST" if REAL else "small files in place of MNIST")
    unittest.main()
