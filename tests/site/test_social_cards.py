"""Has each page a card, where the site has an address, and is nothing cut off?"""

from pathlib import Path

import pytest
from PIL import Image

from tests.site.conftest import Published
from tests.site.soups import soup

pytestmark = pytest.mark.xdist_group("pages")

PAPER = (252, 251, 248)


def test_each_page_names_a_card_of_its_own(published: Published) -> None:
    cards: dict[bytes, Path] = {}
    for page in published.folder.rglob("index.html"):
        (image,) = soup(page).select("meta[property='og:image']")
        card = str(image["content"])
        assert card.startswith(published.url)
        file = published.folder / card.removeprefix(published.url)
        with Image.open(file) as opened:
            assert (opened.format, opened.size) == ("PNG", (1200, 630))
            picture = opened.convert("RGB")
        # Nothing is set over the right margin or the lower one.
        for margin in [(1120, 0, 1200, 630), (40, 590, 1200, 630)]:
            colours = picture.crop(margin).getcolors()
            assert colours is not None
            assert [colour for _, colour in colours] == [PAPER], page
        assert cards.setdefault(file.read_bytes(), page) == page
    assert len(cards) > 30


def test_without_an_address_there_is_none(unpublished: Path) -> None:
    assert not list(unpublished.rglob("cards"))
    assert (unpublished / "assets" / "logo.svg").is_file()
