"""What a page brings beside its HTML stays light, and nothing of it holds the page up.

Bytes are those on the wire, gzipped. They are the same on each machine.
"""

import gzip
import re
from pathlib import Path

import pytest

from book.run_in_page import bundle
from tests.bench import site_cost
from tests.site.soups import soup

pytestmark = pytest.mark.xdist_group("pages")

# What a page is painted from, its HTML with its styles, and all that a first visit
# fetches. These two pages have hundreds of sources, each with its address.
TEXT = 20_000
REFERENCE = {"claims/": 24_000, "distributions/": 26_000}
ALL_TOLD = 60_000

# What runs programs in a page: fetched once, by readers who ask for it.
PYTHON = 11_200_000


def test_text_pages_are_painted_from_little(site: Path) -> None:
    heavy: list[site_cost.Weight] = []
    for path in site_cost.page_paths(site):
        if re.search(r'<figure class="(program|cell)', path.read_text()):
            continue
        weight = site_cost.weigh(site, path)
        if weight.painted > REFERENCE.get(weight.page, TEXT):
            heavy.append(weight)
    assert not heavy


def test_first_visits_are_light(site: Path) -> None:
    weights = site_cost.weights(site)
    assert not [weight for weight in weights if weight.first_visit > ALL_TOLD]


def test_nothing_holds_up_a_page(site: Path) -> None:
    for path in site_cost.page_paths(site):
        assert not site_cost.references(path).holding_up, path


def test_head_has_the_styles_and_a_sheet_for_paper(site: Path) -> None:
    for path in site.rglob("*.html"):
        head = soup(path).head
        assert head is not None
        sheets = head.select("link[rel=stylesheet], style")
        assert [str(s.get("media", s.name)) for s in sheets] == ["style", "print"]


def test_python_for_the_pages_is_no_heavier(site: Path) -> None:
    folder = site / bundle.PLACE
    if not folder.exists():
        pytest.skip("Python for the pages is not packed: make site says why")
    weight = 0
    for path in folder.iterdir():
        content = path.read_bytes()
        # What is large is compressed already.
        large = path.name in bundle.LARGE
        weight += len(content if large else gzip.compress(content, mtime=0))
    assert weight < PYTHON
