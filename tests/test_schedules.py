"""What a schedule finds is told in an issue: dead links, and runs that are red."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.servers import Quiet, serving

LINKS = Path(__file__).parent.parent / ".github" / "links"


class Elsewhere(Quiet):
    """Another site, of which one page is there."""

    def do_GET(self) -> None:
        self.answer(200 if self.path == "/there" else 404)

    do_HEAD = do_GET


@pytest.fixture
def elsewhere() -> Iterator[str]:
    with serving(Elsewhere) as address:
        yield address


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
    text = report.read_text()
    assert f"{elsewhere}/gone" in text
    assert "/storage/" in text
    assert "404" in text


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
    (tmp_path / "links.txt").write_text("Result     Error: 404\n" if dead else "")
    assert asked_of_github(
        [LINKS / "report.sh", "links.txt"], tmp_path, open_issue
    ) == (asked)


@pytest.mark.parametrize(
    ("open_issue", "asked"),
    [
        ("", "issue create --title Red: ci --body Red: https://example.com/run/1"),
        ("7", "issue comment 7 --body Red: https://example.com/run/1"),
    ],
)
def test_red_run_is_told_in_one_issue(
    tmp_path: Path, open_issue: str, asked: str
) -> None:
    script = [LINKS.parent / "red-run.sh", "ci", "https://example.com/run/1"]
    assert asked_of_github(script, tmp_path, open_issue) == asked


def asked_of_github(script: Sequence[object], folder: Path, open_issue: str) -> str:
    """What a script asks GitHub's command line to do, where that issue is open."""
    gh = folder / "bin" / "gh"
    gh.parent.mkdir()
    gh.write_text(
        f'#!/bin/bash\nif [ "$2" = list ]; then echo "{open_issue}"; '
        f'else echo "$@" >>{folder / "asked"!s}; fi\n'
    )
    gh.chmod(0o755)
    (folder / "asked").touch()
    subprocess.run(
        [str(word) for word in script],
        cwd=folder,
        env={"PATH": f"{gh.parent}{os.pathsep}{os.environ['PATH']}"},
        check=True,
        timeout=60,
    )
    return (folder / "asked").read_text().strip()
