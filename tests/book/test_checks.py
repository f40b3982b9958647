"""The build says where a page, the examples and the settings differ."""

import logging
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from book.blocks import PARTS, Kind, Made
from book.site import View
from tests.book.pages import FAULT, Pages, linked, replace
from tests.site.build import ROOT

PROGRAM = """\
# /// script
# requires-python = ">=3.11"
# ///
print('hello')
#> hello
"""


def _no_page_shows_a_folder(tree: Path) -> None:
    (tree / "examples" / "unused").mkdir()
    (tree / "examples" / "unused" / "01_first.py").write_text(PROGRAM)


def _no_page_shows_a_program(tree: Path) -> None:
    (tree / "examples" / "deployments" / "99_unused.py").write_text(PROGRAM)


def _two_pages_show_a_program(tree: Path) -> None:
    text = (ROOT / "docs" / "index.md").read_text()
    program = min((ROOT / "examples" / "deployments").glob("*.py")).name
    more = f"\n/// program | deployments/{program}\n///\n"
    replace(tree / "docs" / "index.md", text + more)


WARNS: dict[Callable[[Path], None], str] = {
    _no_page_shows_a_folder: (
        "examples/unused/01_first.py: no page shows it; add it to one, such as docs/un"
    ),
    _no_page_shows_a_program: "examples/deployments/99_unused.py: no page shows it",
    _two_pages_show_a_program: "shown more than once, by docs/",
}


@pytest.mark.parametrize("broken", WARNS, ids=lambda b: b.__name__.strip("_"))
def test_build_warns_where(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, broken: Callable[[Path], None]
) -> None:
    folder = "docs" if broken is _two_pages_show_a_program else "examples"
    tree = linked(tmp_path, without=folder)
    broken(tree)
    with caplog.at_level(logging.WARNING):
        Pages(tree)
    (warning,) = [record.getMessage() for record in caplog.records]
    assert WARNS[broken] in warning


def test_build_has_nothing_to_say_of_the_tree_as_it_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        Pages()
    assert not caplog.records


@pytest.mark.parametrize(
    ("block", "says"),
    [
        ("run | missing", "examples/missing: no setup.yaml here; name a folder"),
        (
            "program | rollouts/99_missing.py",
            "includes examples/rollouts/99_missing.py, which does not exist",
        ),
        (
            "printed | rollouts/99_missing.py",
            "includes examples/rollouts/99_missing.py, which does not exist",
        ),
    ],
)
def test_what_a_block_names_has_to_be_there(
    pages: Pages, block: str, says: str
) -> None:
    with pytest.raises(FAULT, match=re.escape(says)) as fault:
        pages.page("deployments.md", text=f"/// {block}\n///\n")
    assert str(fault.value).startswith(f"docs/deployments.md, `{block}`: ")


@pytest.mark.parametrize(
    ("block", "says"),
    [
        ("prog | rollouts/04_undo.py", "no block is written so: /// prog | roll"),
        ("program | rollouts/04_undo.py\n    fodl: []", "no block is written so: ///"),
        ("systems | us: nodes", "`systems | us: nodes`: its argument is none of all, "),
        ("systems | all: nodes, colour", "facts/distributions.yaml has no fact colour"),
        ("system | facts", "`system | facts`: it belongs on the page of a system"),
        ("system | fact", "`system | fact`: its argument is none of facts, examples"),
        ("claims | al", "`claims | al`: its argument is none of summary, corr"),
        ("offline | llm", "`offline | llm`: its argument is none of llms"),
        ("last-run | story", "`last-run | story`: its argument is none of stories"),
        ("glossary | words", "`glossary | words`: it has no argument"),
        ("glossary\nWords.", "`glossary`: nothing belongs between its two lines"),
    ],
)
def test_block_that_nobody_knows_ends_the_build(
    pages: Pages, block: str, says: str
) -> None:
    with pytest.raises(FAULT, match=re.escape(says)):
        pages.page("deployments.md", text=f"Text.\n\n/// {block}\n///\n")


def test_error_of_our_own_names_the_page_and_the_block(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(view: View, argument: str) -> Made:
        raise KeyError(argument)

    monkeypatch.setitem(PARTS, "journey", Kind(broken, ("",)))
    with pytest.raises(KeyError) as fault:
        pages.page("deployments.md", text="/// journey\n///\n")
    assert fault.value.__notes__ == ["It makes docs/deployments.md, `journey`."]


@pytest.mark.parametrize("block", ["glossary", "program | rollouts/04_undo.py"])
def test_block_without_an_end_ends_the_build(pages: Pages, block: str) -> None:
    name = block.partition(" ")[0]
    with pytest.raises(FAULT, match=f"a block `/// {name}` has no `///` as its end"):
        pages.page("deployments.md", text=f"Text.\n\n/// {block}\n\nMore text.\n")


def test_another_address_than_githubs_is_refused() -> None:
    address = "https://git.example/somebody/overview"
    says = f"REPOSITORY_URL is {address}: set it to https://github.com/OWNER/NAME"
    with pytest.raises(FAULT, match=says):
        Pages(repository_url=address).page("deployments.md")


def test_mark_that_names_no_claim_ends_the_build(pages: Pages) -> None:
    says = "index.md: no claim has the key what-99"
    with pytest.raises(FAULT, match=says):
        pages.page("index.md", text="True.\n{ #claim-what-99 }\n")


def test_notebook_without_a_set_up_is_refused(tmp_path: Path) -> None:
    tree = linked(tmp_path, without="docs")
    (tree / "docs" / "notebooks" / "rollout.yaml").unlink()
    with pytest.raises(FAULT, match=r"there must be a notebook and rollout\.yaml"):
        Pages(tree).page("notebooks/rollout.ipynb")


def test_link_of_a_notebook_to_a_page_that_is_missing_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tree = linked(tmp_path, without="docs")
    path = tree / "docs" / "notebooks" / "rollout.ipynb"
    replace(path, path.read_text().replace("../rollouts.md", "../missing.md"))
    with caplog.at_level(logging.WARNING):
        Pages(tree).page("notebooks/rollout.ipynb")
    assert any("missing.md" in record.getMessage() for record in caplog.records)
