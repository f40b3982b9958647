"""What an earlier build left in .cache speeds up the next one, and changes nothing."""

import json
import logging
import os
import shutil
from pathlib import Path

import kept
import pytest

from tests.site.build import build
from tests.site.small_tree import SYSTEM, small_tree
from tests.site.sources import sources


def contents(folder: Path) -> dict[str, bytes]:
    """Each file of a site, but for those with the time of the build in them."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in ("sitemap.xml", "sitemap.xml.gz")
    }


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text, path
    path.write_text(text.replace(old, new, 1))


def built(tree: Path, target: Path) -> Path:
    """Build a tree, which must pass, and return the folder of the site."""
    done = build(tree, target)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree with a page of each kind, which has been built once."""
    tree = small_tree(tmp_path / "tree", stories=("rollouts", "deployments"))
    built(tree, tmp_path / "first")
    assert any((tree / ".cache" / "pages").rglob("*.json")), "nothing is kept"
    return tree


def test_next_build_sees_every_change(tree: Path, tmp_path: Path) -> None:
    docs = tree / "docs"
    # Not the glossary: its terms are in the Markdown of all pages, which would hide a
    # page that misses a change of its own. For the same reason, a page has one change.
    program = min((tree / "examples" / "deployments").glob("*.py"))
    program.write_text("# keptprogram\n" + program.read_text())
    replace(docs / "offline.md", "\nOf a Pod.\n", "\nkeptsentence\n")
    # Pages that link to it name the title of a story's page.
    replace(docs / "rollouts.md", "\n# ", "\n# Kepttitle ")
    style = tree / "site" / "theme" / "css" / "page.css"
    rule = "article { --kept: 1px; top: var(--kept) }"
    style.write_text(f"{style.read_text()}\n{rule}\n")
    notebook = docs / "notebooks" / "rollout.ipynb"
    cells = json.loads(notebook.read_text())
    (cell, *_) = [c for c in cells["cells"] if c["cell_type"] == "markdown"]
    cell["source"].append("\n\nkeptcell")
    notebook.write_text(json.dumps(cells))

    found = contents(built(tree, tmp_path / "next"))
    shutil.rmtree(tree / ".cache")
    wanted = contents(built(tree, tmp_path / "anew"))
    assert found.keys() == wanted.keys()
    assert [name for name in wanted if found[name] != wanted[name]] == []
    for name, word in [
        ("deployments/index.html", b"keptprogram"),
        ("deployments/index.md", b"keptprogram"),
        ("offline/index.html", b"keptsentence"),
        ("offline/index.md", b"keptsentence"),
        (f"distributions/{SYSTEM}/index.html", b"Kepttitle"),
        ("notebooks/rollout/index.html", b"keptcell"),
        ("offline/index.html", b"--kept"),
        ("search/search_index.json", b"keptsentence"),
        ("search/search_index.json", b"keptcell"),
    ]:
        assert word in found[name], (name, word)

    # Of what is kept now, nothing was made by a hook like this.
    hook = tree / "site" / "hooks" / "markdown_copies.py"
    replace(hook, 'bullets="-"', 'bullets="+"')
    copy = built(tree, tmp_path / "hook") / "distributions" / SYSTEM / "index.md"
    assert "\n+ " in copy.read_text()


def test_next_build_says_again_what_is_wrong(tree: Path, tmp_path: Path) -> None:
    page = tree / "docs" / "offline.md"
    page.write_text(page.read_text() + "\n[nowhere](nowhere.md)\n")
    # The page that links there stays as it is.
    replace(tree / "docs" / "how-this-site-is-tested.md", "\n## Output", "\n## What")
    for name in ("second", "third"):
        done = build(tree, tmp_path / name)
        assert done.returncode == 1, done.stderr
        assert "nowhere.md" in done.stderr
        assert "does not contain an anchor '#output'" in done.stderr


class Maker:
    """Makes something by a hook, and counts how often."""

    def __init__(self, folder: Path) -> None:
        (folder / "docs").mkdir()
        (folder / "mkdocs.yml").write_text("site_name: Kept\n")
        self.config = sources(folder).config
        self.path = folder / ".cache" / "made" / "of.html"
        self.times = 0
        self.warns = False

    def made(self, *made_from: str) -> str:
        """What is made of these texts, now or earlier."""

        def make() -> str:
            self.times += 1
            if self.warns:
                logging.getLogger("mkdocs.hooks.maker").warning("Look out")
            return f"of {made_from}"

        return kept.kept(self.config, "made/of.html", [*made_from], make)


@pytest.fixture
def maker(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Maker:
    caplog.set_level(logging.INFO, "mkdocs")  # As a build sets it, but for --quiet.
    return Maker(tmp_path)


def test_nothing_is_made_twice_of_the_same(maker: Maker) -> None:
    assert maker.made("a", "b") == maker.made("a", "b") == "of ('a', 'b')"
    assert maker.times == 1


@pytest.mark.parametrize("other", [("a", "c"), ("ab",), ("b", "a"), ("a",)])
def test_of_something_else_it_is_made_anew(
    maker: Maker, other: tuple[str, ...]
) -> None:
    maker.made("a", "b")
    assert maker.made(*other) == f"of {other}"
    assert maker.times == 2


def test_what_comes_with_a_warning_is_made_and_said_each_time(
    maker: Maker, caplog: pytest.LogCaptureFixture
) -> None:
    maker.warns = True
    for _ in range(2):
        assert maker.made("a") == "of ('a',)"
    assert [record.getMessage() for record in caplog.records] == ["Look out"] * 2
    assert not maker.path.exists()


def test_where_messages_are_not_told_nothing_is_kept(
    maker: Maker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, "mkdocs")
    maker.made("a")
    assert not maker.path.exists()


def test_of_each_thing_one_file_is_there(maker: Maker) -> None:
    for text in ("a", "b", "c"):
        maker.made(text)
    assert list(maker.path.parent.iterdir()) == [maker.path]


def test_what_was_cut_off_is_made_anew(maker: Maker) -> None:
    maker.made("a")
    maker.path.write_text(maker.path.read_text()[:10])
    assert maker.made("a") == "of ('a',)"
    assert maker.times == 2


def test_a_hook_that_has_changed_makes_anew(
    maker: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    hook = hooks / "hook.py"
    hook.write_text("text = 1\n")
    monkeypatch.setattr(kept, "FOLDER", hooks)
    maker.made("a")
    maker.made("a")
    assert maker.times == 1
    hook.write_text("text = 2\n")
    os.utime(hook, ns=(1, 1))  # However coarse the clock of the disk is.
    maker.made("a")
    assert maker.times == 2
