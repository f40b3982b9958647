"""The build of the site fails, and says why, where a page and the examples differ.

The first tests build, so as to see how a build ends; the others call the hook.
"""

import logging
import re
from collections.abc import Callable
from pathlib import Path

import every_program_on_one_page
import pytest
import run_this_page
from mkdocs.exceptions import PluginError

from tests.site.build import ROOT, build, copy
from tests.site.small_tree import small_tree
from tests.site.sources import sources

PROGRAM = "print('hello')\n#> hello\n"


def _page_includes_a_missing_file(tree: Path) -> None:
    page = tree / "docs" / "rollouts.md"
    page.write_text(page.read_text() + '\n--8<-- "rollouts/99_missing.py"\n')


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
    _page_includes_a_missing_file: [
        "includes examples/rollouts/99_missing.py, which does not exist"
    ],
    _record_of_the_last_run_is_cut_off: ["last-run.json: not the JSON of a run"],
    # The plugin that renders notebooks does not get to see it.
    _notebook_is_cut_off: ["rollout.ipynb: not a notebook"],
    _two_pages_are_wrong: [
        "nowhere.md",
        "examples/rollouts/99_unused.py: no page includes it",
    ],
}


@pytest.mark.parametrize("broken", SAYS, ids=lambda b: b.__name__.strip("_"))
def test_build_fails_when(tmp_path: Path, broken: Callable[[Path], None]) -> None:
    tree = small_tree(tmp_path / "tree")
    broken(tree)
    done = build(tree, tmp_path / "out")
    assert done.returncode == 1, done.stderr
    assert not [says for says in SAYS[broken] if says not in done.stderr], done.stderr
    assert "Traceback" not in done.stderr


def test_story_that_a_page_names_has_to_be_there() -> None:
    seen = sources()
    page = seen.page("deployments.md")
    with pytest.raises(PluginError, match=r"deployments\.md names the story 'missing'"):
        run_this_page.on_page_markdown(
            "<!-- run: missing -->", page, seen.config, seen.files
        )


def _no_page_includes_a_folder(tree: Path) -> None:
    (tree / "examples" / "unused").mkdir()
    (tree / "examples" / "unused" / "01_first.py").write_text(PROGRAM)


def _no_page_includes_a_program(tree: Path) -> None:
    (tree / "examples" / "deployments" / "99_unused.py").write_text(PROGRAM)


def _two_pages_include_a_program(tree: Path) -> None:
    page = tree / "docs" / "index.md"
    program = min((tree / "examples" / "deployments").glob("*.py"))
    page.write_text(page.read_text() + f'\n--8<-- "deployments/{program.name}"\n')


WARNS: dict[Callable[[Path], None], str] = {
    _no_page_includes_a_folder: (
        "examples/unused: no page includes its programs; write docs/unused.md"
    ),
    _no_page_includes_a_program: (
        "examples/deployments/99_unused.py: no page includes it"
    ),
    _two_pages_include_a_program: "included more than once, by docs/",
}


@pytest.mark.parametrize("broken", WARNS, ids=lambda b: b.__name__.strip("_"))
def test_hook_warns_when(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, broken: Callable[[Path], None]
) -> None:
    tree = copy(tmp_path / "tree")
    broken(tree)
    (warning,) = warnings_of(tree, caplog)
    assert WARNS[broken] in warning


def test_hook_has_nothing_to_say_of_the_tree_as_it_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert not warnings_of(ROOT, caplog)


def warnings_of(tree: Path, caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the hook warns of. That ends a build, which is strict."""
    seen = sources(tree)
    with caplog.at_level(logging.WARNING):
        every_program_on_one_page.on_files(seen.files, seen.config)
    return [record.getMessage() for record in caplog.records]


def test_hook_names_each_file_that_is_missing(tmp_path: Path) -> None:
    tree = copy(tmp_path / "tree")
    for name in ("rollouts", "storage"):
        page = tree / "docs" / f"{name}.md"
        page.write_text(page.read_text() + f'\n--8<-- "{name}/99_missing.py"\n')
    seen = sources(tree)
    with pytest.raises(PluginError) as error:
        every_program_on_one_page.on_files(seen.files, seen.config)
    assert re.sub(r"md:\d+", "md", str(error.value)).splitlines() == [
        f"docs/{name}.md includes examples/{name}/99_missing.py, which does not exist"
        for name in ("rollouts", "storage")
    ]
