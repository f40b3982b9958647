"""A build that fails ends with exit code 1, and says why; tests/book has the rest."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.site.build import build
from tests.site.small_tree import small_tree

PROGRAM = """\
# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
print("hello")
#> hello
"""


def _page_shows_a_missing_file(tree: Path) -> None:
    page = tree / "docs" / "rollouts.md"
    page.write_text(page.read_text() + "\n/// program | rollouts/99_missing.py\n///\n")


def _block_is_unknown(tree: Path) -> None:
    page = tree / "docs" / "index.md"
    page.write_text(page.read_text() + "\n/// replays | rollouts\n///\n")


def _record_of_the_last_run_is_cut_off(tree: Path) -> None:
    (tree / "build").mkdir()
    (tree / "build" / "last-run.json").write_text('{"kubernetes": ')


def _notebook_is_cut_off(tree: Path) -> None:
    path = tree / "docs" / "notebooks" / "rollout.ipynb"
    path.write_text(path.read_text()[:2000])


def _two_pages_are_wrong(tree: Path) -> None:
    page = tree / "docs" / "index.md"
    page.write_text(page.read_text() + "\n[nowhere](nowhere.md)\n")
    (tree / "examples" / "rollouts" / "99_unused.py").write_text(PROGRAM)


SAYS: dict[Callable[[Path], None], list[str]] = {
    # Of an error, a build says the first, and of warnings all.
    _page_shows_a_missing_file: [
        "includes examples/rollouts/99_missing.py, which does not exist"
    ],
    # No block has said this, which would name its page itself.
    _block_is_unknown: ["docs/index.md: no block is written so: /// replays | roll"],
    _record_of_the_last_run_is_cut_off: ["last-run.json: not the JSON of a run"],
    # The plugin that renders notebooks does not get to see it.
    _notebook_is_cut_off: ["rollout.ipynb: not a notebook"],
    _two_pages_are_wrong: [
        "nowhere.md",
        "examples/rollouts/99_unused.py: no page shows it",
    ],
}


@pytest.mark.slow
@pytest.mark.parametrize("broken", SAYS, ids=lambda b: b.__name__.strip("_"))
def test_build_fails_when(tmp_path: Path, broken: Callable[[Path], None]) -> None:
    tree = small_tree(tmp_path / "tree")
    broken(tree)
    done = build(tree, tmp_path / "out")
    assert done.returncode == 1, done.stderr
    assert not [says for says in SAYS[broken] if says not in done.stderr], done.stderr
    assert "Traceback" not in done.stderr
