"""`make serve` makes a page anew when it is saved, and all when anything else is."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.site.build import ROOT
from tests.site.small_tree import small_tree

SECONDS = 60


class Preview:
    """A small tree that is being served."""

    def __init__(self, tree: Path, temporary: Path, log: Path) -> None:
        self.tree, self.temporary, self.log = tree, temporary, log

    def made(self) -> dict[str, int]:
        """When each page was written."""
        pages = self.temporary.rglob("index.html")
        return {p.parent.name: p.stat().st_mtime_ns for p in pages}

    def wait(self, text: str = "") -> None:
        """Wait until the page of the story says this, and the build of it is over."""
        deadline = time.monotonic() + SECONDS
        while not self.says(text) or not self.log.read_text().rstrip().endswith(IDLE):
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def says(self, text: str) -> bool:
        """Whether the page of the story is there and has a text."""
        try:
            (page,) = self.temporary.glob("mkdocs_*/rollouts/index.html")
            return text in page.read_text()
        except (ValueError, FileNotFoundError):  # it is being made anew
            return False


IDLE = ("Serving on http://127.0.0.1:0/", "Reloading browsers")


@pytest.fixture(scope="module")
def preview(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    folder = tmp_path_factory.mktemp("preview")
    tree = small_tree(folder / "tree")
    (recipe,) = [
        line
        for line in (ROOT / "Makefile").read_text().splitlines()
        if "mkdocs serve" in line
    ]
    options = recipe.partition("mkdocs serve ")[2].replace("$(PORT)", "0").split()
    temporary = folder / "temporary"
    temporary.mkdir()
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "mkdocs", "serve", *options],
            cwd=tree,
            env={**os.environ, "TMPDIR": str(temporary)},
            stdout=log,
            stderr=log,
        )
    try:
        waiting = Preview(tree, temporary, folder / "log")
        waiting.wait()
        yield waiting
    finally:
        process.terminate()
        process.wait(timeout=SECONDS)


def test_page_that_is_saved_is_the_only_one_made_anew(preview: Preview) -> None:
    before, page = preview.made(), preview.tree / "docs" / "rollouts.md"
    # A link that leads nowhere yet is no reason to show nothing.
    page.write_text(page.read_text() + "\nMore of it, [soon](soon.md).\n")
    preview.wait("More of it")
    after = preview.made()
    assert {name for name in before if after[name] != before[name]} == {"rollouts"}
    assert "contains a link 'soon.md'" in preview.log.read_text()
    assert "'dirty' build" not in preview.log.read_text()


def test_all_are_made_anew_when_a_program_changes(preview: Preview) -> None:
    before = preview.made()
    program = min((preview.tree / "examples" / "rollouts").glob("*.py"))
    program.write_text(program.read_text() + "# more of it\n")
    preview.wait("# more of it")
    after = preview.made()
    assert before.keys() == after.keys()
    assert [name for name in before if after[name] == before[name]] == []
