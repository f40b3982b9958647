"""Every link of the site is followed, and a dead one is told with the page it is on."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

LINKS = Path(__file__).parent.parent / ".github" / "links"


class Elsewhere(BaseHTTPRequestHandler):
    """Another site, of which one page is there."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/there" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def elsewhere() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def check(folder: Path, report: Path) -> int:
    """Check the links of a site, and return the exit code."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [LINKS / "check.sh", folder, report],
        env=os.environ | {"PATH": path, "NO_PROXY": "127.0.0.1"},
        capture_output=True,
        timeout=120,
        check=False,
    )
    return done.returncode


def test_dead_link_is_told_with_its_page(tmp_path: Path, elsewhere: str) -> None:
    site, report = tmp_path / "a site", tmp_path / "links.txt"
    (site / "storage").mkdir(parents=True)
    (site / "index.html").write_text(
        f'<a href="storage/">in</a> <a href="{elsewhere}/there">out</a>'
    )
    page = site / "storage" / "index.html"
    page.write_text(f'<a href="{elsewhere}/there">out</a>')
    assert check(site, report) == 0
    assert "Error" not in report.read_text()
    page.write_text(f'<a href="{elsewhere}/gone">out</a>')
    assert check(site, report) == 1
    told = report.read_text()
    assert f"{elsewhere}/gone" in told
    assert "/storage/" in told
    assert "404" in told


@pytest.mark.parametrize(
    ("open_issue", "dead", "asked"),
    [
        ("", True, "issue create --title Dead links --body-file links.txt"),
        ("7", True, "issue edit 7 --body-file links.txt"),
        ("7", False, "issue close 7 --comment Every link leads somewhere again."),
        ("", False, ""),
    ],
)
def test_one_issue_has_the_dead_links(
    tmp_path: Path, open_issue: str, dead: bool, asked: str
) -> None:
    gh = tmp_path / "bin" / "gh"
    gh.parent.mkdir()
    gh.write_text(
        f'#!/bin/bash\nif [ "$2" = list ]; then echo "{open_issue}"; '
        f'else echo "$@" >>{tmp_path / "asked"!s}; fi\n'
    )
    gh.chmod(0o755)
    (tmp_path / "links.txt").write_text("Result     Error: 404\n" if dead else "")
    (tmp_path / "asked").touch()
    subprocess.run(
        [LINKS / "report.sh", "links.txt"],
        cwd=tmp_path,
        env={"PATH": f"{gh.parent}{os.pathsep}{os.environ['PATH']}"},
        check=True,
        timeout=60,
    )
    assert (tmp_path / "asked").read_text().strip() == asked
