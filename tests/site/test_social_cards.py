"""Where the site has an address, a page that is shared has a card."""

from pathlib import Path

import pytest

from tests.site.conftest import Published
from tests.site.soups import soup

pytestmark = pytest.mark.xdist_group("pages")

# The first bytes of a PNG of 1200 by 630: https://www.w3.org/TR/png-3/#11IHDR
CARD = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (1200).to_bytes(4) + (630).to_bytes(4)


def test_each_page_names_the_card(published: Published) -> None:
    for page in published.folder.rglob("index.html"):
        (image,) = soup(page).select("meta[property='og:image']")
        card = str(image["content"])
        assert card.startswith(published.url)
        file = published.folder / card.removeprefix(published.url)
        assert file.read_bytes().startswith(CARD)


def test_without_an_address_no_page_does(unpublished: Path) -> None:
    for page in unpublished.rglob("index.html"):
        assert not soup(page).select("meta[property='og:image']")
