"""What does a site say of itself that has an address? And none that has not."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tests.site.conftest import Published
from tests.site.soups import soup

pytestmark = pytest.mark.xdist_group("pages")

# The first bytes of a PNG of 1200 by 630: https://www.w3.org/TR/png-3/#11IHDR
CARD = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (1200).to_bytes(4) + (630).to_bytes(4)
ABOUT_ADDRESS = "link[rel=canonical], meta[property^='og:'], meta[name^='twitter:']"


def pages(folder: Path) -> dict[str, BeautifulSoup]:
    """The pages of a site, by their address below that of the site."""
    by_place = {
        "" if path.parent == folder else f"{path.parent.relative_to(folder)}/": soup(
            path
        )
        for path in folder.rglob("index.html")
    }
    assert "rollouts/" in by_place
    return by_place


def test_page_has_one_address_and_says_what_it_is(published: Published) -> None:
    by_place = pages(published.folder)
    assert len(by_place) > 30
    for place, page in by_place.items():
        (canonical,) = page.select("link[rel=canonical]")
        assert canonical["href"] == published.url + place
        metadata: dict[str, str] = {}
        for tag in page.select("head meta[property^='og:'], head meta[name]"):
            name = str(tag.get("property") or tag["name"])
            assert name not in metadata, f"{place} says its {name} twice"
            metadata[name] = str(tag["content"])
        assert page.title
        title = page.title.get_text()
        assert title.removesuffix(" - Kubernetes Overview") == metadata["og:title"]
        assert metadata["og:type"] == ("article" if place else "website")
        assert metadata["og:site_name"] == "Kubernetes Overview"
        assert metadata["og:description"] == metadata["description"]
        assert metadata["og:url"] == published.url + place
        assert metadata["twitter:card"].startswith("summary")
        card = metadata["og:image"]
        assert card.startswith(published.url)
        file = published.folder / card.removeprefix(published.url)
        assert file.read_bytes().startswith(CARD)


def test_sitemap_has_each_page(published: Published) -> None:
    sitemap = ElementTree.parse(published.folder / "sitemap.xml")
    listed = [str(node.text) for node in sitemap.iterfind("{*}url/{*}loc")]
    assert len(listed) == len(set(listed))
    assert set(listed) == {published.url + place for place in pages(published.folder)}


def test_site_without_an_address_claims_none(unpublished: Path) -> None:
    assert not [
        f"{place}: {tag}"
        for place, page in pages(unpublished).items()
        for tag in page.select(ABOUT_ADDRESS)
    ]
    assert not list(unpublished.glob("sitemap*"))
