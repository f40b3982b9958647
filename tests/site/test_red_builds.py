"""The build of the site fails, and says why, where a page and the examples differ."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.site.build import assert_build_fails

PROGRAM = "print('hello')\n#> hello\n"


def _page_includes_a_missing_file(tree: Path) -> None:
    page = tree / "docs" / "deployments.md"
    page.write_text(page.read_text() + '\n--8<-- "deployments/99_missing.py"\n')


def _page_names_a_missing_story(tree: Path) -> None:
    page = tree / "docs" / "deployments.md"
    page.write_text(page.read_text() + "\n<!-- run: missing -->\n")


def _no_page_includes_a_folder(tree: Path) -> None:
    (tree / "examples" / "unused").mkdir()
    (tree / "examples" / "unused" / "01_first.py").write_text(PROGRAM)


def _no_page_includes_a_program(tree: Path) -> None:
    (tree / "examples" / "deployments" / "99_unused.py").write_text(PROGRAM)


def _two_pages_include_a_program(tree: Path) -> None:
    page = tree / "docs" / "index.md"
    program = min((tree / "examples" / "deployments").glob("*.py"))
    page.write_text(page.read_text() + f'\n--8<-- "deployments/{program.name}"\n')


def _page_links_to_a_missing_page(tree: Path) -> None:
    page = tree / "docs" / "index.md"
    page.write_text(page.read_text() + "\n[nowhere](nowhere.md)\n")


def _record_of_the_last_run_is_cut_off(tree: Path) -> None:
    (tree / "build").mkdir()
    (tree / "build" / "last-run.json").write_text('{"kubernetes": ')


SAYS: dict[Callable[[Path], None], str] = {
    _page_includes_a_missing_file: (
        "includes examples/deployments/99_missing.py, which does not exist"
    ),
    _page_names_a_missing_story: "deployments.md names the story 'missing'",
    _no_page_includes_a_folder: "examples/unused: no page includes its programs",
    _no_page_includes_a_program: (
        "examples/deployments/99_unused.py: no page includes it"
    ),
    _two_pages_include_a_program: "included more than once, by docs/",
    _page_links_to_a_missing_page: "nowhere.md",
    _record_of_the_last_run_is_cut_off: "last-run.json: not the JSON of a run",
}


@pytest.mark.parametrize("broken", SAYS, ids=lambda b: b.__name__.strip("_"))
def test_build_fails_when(tmp_path: Path, broken: Callable[[Path], None]) -> None:
    assert_build_fails(tmp_path, broken, SAYS[broken])
