"""Each page has the style sheets of what is on it, by which main.html chooses them."""

from pathlib import Path

import pytest

from tests.site.soups import soup

pytestmark = pytest.mark.xdist_group("pages")

# What may be on a page, and a selector that only its sheet of site/theme/css has.
SHEETS = {
    "table:not([class])": "table:not([class])",
    "details, .admonition": ".admonition-title",
    "figure.program": ".program__bar",
    "figure.printed": ".printed",
    "figure.cell": ".cell__output",
    "run-replay": ".replay__bar",
    "table.facts": ".facts",
    "a.source": ".source",
    ".claim-mark": ".claim-mark",
    "dl.glossary": ".glossary",
    "dl.api-index": ".api-index",
    ".ways": ".ways",
    ".not-found": ".not-found",
    ".md-button": ".md-button",
}


def test_each_page_has_the_sheets_of_what_is_on_it(site: Path) -> None:
    seen: set[str] = set()
    for path in site.rglob("*.html"):
        page = soup(path)
        (style,) = page.select("head > style")
        for selector, rule in SHEETS.items():
            if page.select(f"body :is({selector})"):
                seen.add(selector)
                assert rule in style.get_text(), f"{path}: {selector} has no style"
    assert seen == SHEETS.keys()
