"""What an earlier build left in .cache speeds up the next one, and changes nothing."""

import json
import shutil
from pathlib import Path

import pytest

from tests.site.build import build, copy


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


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the site's sources that has been built once."""
    tree = copy(tmp_path / "tree")
    done = build(tree, tmp_path / "first")
    assert done.returncode == 0, done.stderr
    assert any((tree / ".cache" / "pages").rglob("*.json")), "nothing is kept"
    return tree


def test_next_build_sees_every_change(tree: Path, tmp_path: Path) -> None:
    docs = tree / "docs"
    # Not the glossary: its terms are in the Markdown of all pages, which would hide a
    # page that misses a change of its own.
    program = min((tree / "examples" / "deployments").glob("*.py"))
    program.write_text("# keptprogram\n" + program.read_text())
    replace(docs / "storage.md", "\n## ", "\nkeptsentence\n\n## ")
    # Pages that link to it name the title of a story's page.
    replace(docs / "rollouts.md", "\n# ", "\n# Kepttitle ")
    style = docs / "assets" / "site.css"
    rule = "article { --kept: 1px; top: var(--kept) }"
    style.write_text(f"{style.read_text()}\n{rule}\n")
    notebook = docs / "notebooks" / "rollout.ipynb"
    cells = json.loads(notebook.read_text())
    (cell, *_) = [c for c in cells["cells"] if c["cell_type"] == "markdown"]
    cell["source"].append("\n\nkeptcell")
    notebook.write_text(json.dumps(cells))

    done = build(tree, tmp_path / "next")
    assert done.returncode == 0, done.stderr
    shutil.rmtree(tree / ".cache")
    done = build(tree, tmp_path / "anew")
    assert done.returncode == 0, done.stderr

    found, wanted = contents(tmp_path / "next"), contents(tmp_path / "anew")
    assert found.keys() == wanted.keys()
    assert [name for name in wanted if found[name] != wanted[name]] == []
    for name, word in [
        ("deployments/index.html", b"keptprogram"),
        ("deployments/index.md", b"keptprogram"),
        ("storage/index.html", b"keptsentence"),
        ("storage/index.md", b"keptsentence"),
        ("distributions/kind/index.html", b"Kepttitle"),
        ("notebooks/rollout/index.html", b"keptcell"),
        ("storage/index.html", b"--kept"),
        ("search/search_index.json", b"keptsentence"),
        ("search/search_index.json", b"keptcell"),
    ]:
        assert word in found[name], (name, word)


def test_next_build_sees_that_a_hook_has_changed(tree: Path, tmp_path: Path) -> None:
    hook = tree / "site" / "hooks" / "markdown_copies.py"
    replace(hook, 'bullets="-"', 'bullets="+"')
    done = build(tree, tmp_path / "next")
    assert done.returncode == 0, done.stderr
    assert "\n+ " in (tmp_path / "next" / "deployments" / "index.md").read_text()


def test_next_build_says_again_what_is_wrong(tree: Path, tmp_path: Path) -> None:
    page = tree / "docs" / "storage.md"
    page.write_text(page.read_text() + "\n[nowhere](nowhere.md)\n")
    # The pages that link there stay as they are.
    replace(tree / "docs" / "rollouts.md", "\n## Undo", "\n## Take back")
    for name in ("second", "third"):
        done = build(tree, tmp_path / name)
        assert done.returncode == 1, done.stderr
        assert "nowhere.md" in done.stderr
        assert "does not contain an anchor '#undo'" in done.stderr
