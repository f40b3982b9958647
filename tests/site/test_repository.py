"""Do programs and notebooks lead to GitHub, where the build knows the repository?"""

from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml

from tests.site.build import ROOT
from tests.site.conftest import Published
from tests.site.soups import soup

pytestmark = pytest.mark.xdist_group("pages")

NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))
TAB = "a[href^='https://codespaces.new/']"


def test_each_program_leads_to_its_file(published: Published) -> None:
    blob = f"{published.repository}/blob/main/"
    paths: set[str] = set()
    for page in published.folder.rglob("index.html"):
        for block in soup(page).select("figure.program"):
            (download,) = block.select("a[download]")
            (link,) = block.select(f"a[href^='{blob}']")
            assert link.get_text() == "Open on GitHub"
            path = str(link["href"]).removeprefix(blob)
            assert (ROOT / path).is_file()
            assert str(download["href"]).endswith(path)
            paths.add(path)
    assert len(paths) > 100


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_leads_to_its_file(published: Published, notebook: Path) -> None:
    parsed = soup(published.folder / "notebooks" / notebook.stem / "index.html")
    path = notebook.relative_to(ROOT)
    assert parsed.select(f"a[href='{published.repository}/blob/main/{path}']")


def test_each_page_that_can_be_run_opens_in_a_browser_tab(published: Published) -> None:
    pages = 0
    for page in published.folder.rglob("index.html"):
        parsed = soup(page)
        if not parsed.find(id="run-this-page"):
            assert not parsed.select(TAB)
            continue
        pages += 1
        (link,) = parsed.select(TAB)
        assert f"git clone {published.repository}," in parsed.get_text()
        assert link["href"] == "https://codespaces.new/somebody/overview?quickstart=1"
        # What is up there is of no use to a story for simulated nodes.
        paragraph = link.find_parent("p")
        assert paragraph
        assert ("sandbox down" in paragraph.get_text()) == (
            "up --driver kwok" in str(parsed)
        )
    assert pages > 15


def test_each_page_leads_to_a_form_with_its_name_and_version(
    published: Published,
) -> None:
    form = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE/page.yml").read_text())
    fields = {field["id"] for field in form["body"]}
    pages = [*published.folder.rglob("index.html")]
    named: set[Path] = set()
    for page in pages:
        (link,) = soup(page).select("a[href*='/issues/new']")
        assert link.get_text() == "Something wrong on this page?"
        url = urlsplit(str(link["href"]))
        assert url.geturl().startswith(f"{published.repository}/issues/new?")
        filled = dict(parse_qsl(url.query))
        assert filled.pop("template") == "page.yml"
        assert filled.keys() <= fields
        assert filled["version"] == "main"
        assert (ROOT / filled["page"]).is_file()
        named.add(ROOT / filled["page"])
    assert len(named) == len(pages)


def test_without_a_repository_nothing_leads_there(unpublished: Path) -> None:
    pages = list(unpublished.rglob("index.html"))
    assert any(soup(page).select("figure.program") for page in pages)
    assert any(soup(page).find(id="run-this-page") for page in pages)
    for page in pages:
        parsed = soup(page)
        assert "Open on GitHub" not in parsed.get_text()
        assert not parsed.select("a[href*='/issues/new']")
        assert not parsed.select(TAB)
