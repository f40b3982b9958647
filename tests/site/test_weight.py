"""What a page brings beside its HTML stays light, and nothing of it holds the page up.

Bytes are those on the wire, gzipped. They are the same on each machine.
"""

from pathlib import Path

from bs4 import BeautifulSoup

from tests.bench import site_cost

# Unabridged, the style sheets are 31 KB. The theme's script is 35 KB of the rest.
CSS = 17_000
CSS_AND_SCRIPTS = 56_000
# What a replay adds.
REPLAY = 5_000


def test_what_pages_bring_is_light(site: Path) -> None:
    heavy: list[site_cost.Weight] = []
    for path in site_cost.page_paths(site):
        weight = site_cost.weigh(site, path)
        more = REPLAY if "<run-replay" in path.read_text() else 0
        beside = weight.first_visit - weight.html
        if weight.css > CSS + more or beside > CSS_AND_SCRIPTS + more:
            heavy.append(weight)
    assert not heavy


def test_no_script_holds_up_a_page(site: Path) -> None:
    for path in site_cost.page_paths(site):
        assert not site_cost.references(path).holding_up, path


def test_head_names_one_style_sheet(site: Path) -> None:
    for path in site.rglob("*.html"):
        head = BeautifulSoup(path.read_text(), "html.parser").head
        assert head is not None
        sheets = head.select("link[rel=stylesheet], style")
        assert [str(s.get("href", "")).rpartition("/")[2] for s in sheets] == [
            "style.css"
        ]
