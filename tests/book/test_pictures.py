"""Pictures of docs/pictures say in words what they show, in the colours of the site."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.site.build import ROOT

PICTURES = sorted((ROOT / "docs" / "pictures").glob("*.svg"))

# Of the text around it, or of site/theme/css/colours.css: right in both schemes.
COLOUR = re.compile(r"none|currentColor|var\(--[a-z-]+\)")
# On a phone a picture is a fifth smaller, and less than 11 pixels are hard to read.
WIDTH, LEAST = 440, 14


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_picture_is_like_the_others(path: Path) -> None:
    picture = ElementTree.parse(path).getroot()
    title, words = picture[:2]
    assert (picture.tag, title.tag, words.tag) == ("svg", "title", "desc")
    assert picture.get("role") == "img"
    # On its page, no other element has these.
    ids = [f"{path.stem}-title", f"{path.stem}-text"]
    assert [title.get("id"), words.get("id")] == ids
    assert picture.get("aria-labelledby") == " ".join(ids)
    assert len((title.text or "").split()) > 2
    assert len((words.text or "").split()) > 20

    _, _, width, height = str(picture.get("viewBox")).split()
    assert (width, height) == (picture.get("width"), picture.get("height"))
    assert int(width) == WIDTH
    for part in picture.iter():
        colours = [part.get("fill", "none"), part.get("stroke", "none")]
        assert all(COLOUR.fullmatch(colour) for colour in colours), colours
        assert float(part.get("font-size", LEAST)) >= LEAST
        assert part.get("font-family", "inherit") == "inherit"
        assert part.get("style") is None


def test_each_picture_is_on_one_page() -> None:
    pages = [path.read_text() for path in (ROOT / "docs").rglob("*.md")]
    included = re.findall(r'^--8<-- "([\w-]+\.svg)"$', "\n".join(pages), re.MULTILINE)
    assert sorted(included) == [path.name for path in PICTURES]
