"""What do tools get? Each page as Markdown, with its programs, and a list of them."""

import re
from copy import copy as copy_of
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
import yaml

from tests.site.build import ROOT
from tests.site.conftest import Published
from tests.site.small_tree import SECTION
from tests.site.soups import soup

pytestmark = pytest.mark.xdist_group("pages")

FENCE = re.compile(r"^(`{3,})(\w*)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
ENTRY = re.compile(r"- \[([^]]+)\]\(([^)]+)\): (.+)")


def copies(folder: Path) -> dict[Path, Path]:
    """The copy that each page of a site names, by the page."""
    by_page: dict[Path, Path] = {}
    for path in folder.rglob("index.html"):
        (link,) = soup(path).select("head link[rel~=alternate][type='text/markdown']")
        by_page[path] = path.parent / str(link["href"])
    assert folder / "rollouts" / "index.html" in by_page
    return by_page


def test_each_program_is_in_one_copy_to_the_last_byte(site: Path) -> None:
    every = copies(site)
    assert len(every) > 30
    shown = [
        code
        for copy in every.values()
        for _, language, code in FENCE.findall(copy.read_text())
        if language == "python"
    ]
    for program in (ROOT / "examples").glob("*/*.py"):
        assert shown.count(program.read_text()) == 1, program


def test_copy_has_the_text_of_its_page_and_nothing_of_how_it_is_made(
    site: Path,
) -> None:
    for page, copy in copies(site).items():
        text = copy.read_text()
        for shown in soup(page).select("article :is(h1, h2, h3)"):
            heading = copy_of(shown)
            for mark in heading.select("a.headerlink"):
                mark.decompose()
            assert re.sub(r"\s+", " ", heading.get_text()).strip() in re.sub(
                r"[*`\\]|\[|\]\([^)]*\)", "", text
            )
        prose = FENCE.sub("", text)
        assert not re.findall(r"<!--.*|<(?:div|figure|span|svg)\b.*|--8<--.*", prose)
        assert "](" in prose


def test_copy_has_whole_addresses_where_the_site_has_one(published: Published) -> None:
    links = [
        link
        for copy in copies(published.folder).values()
        for link in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", copy.read_text()))
    ]
    assert f"{published.url}rollouts/#undo" in links
    assert not [link for link in links if not urlsplit(link).scheme]


def test_copy_has_the_links_of_its_page_where_the_site_has_no_address(
    unpublished: Path,
) -> None:
    copy = copies(unpublished)[unpublished / "offline" / "index.html"].read_text()
    assert "](../how-this-site-is-tested/#output)" in copy


def test_llms_txt_lists_each_page_of_the_nav(
    unpublished: Path, published: Published
) -> None:
    # For a tag such as !ENV, which is not for here.
    settings = (ROOT / "mkdocs.yml").read_text()
    text = re.sub(r"!(ENV|relative) |!!python/name:", "", settings)
    nav = yaml.safe_load(text)["nav"]
    sections = [name for entry in nav for name in entry][1:]
    for folder, address, names in [
        (unpublished, "", [SECTION]),
        (published.folder, published.url, sections),
    ]:
        listed = (folder / "llms.txt").read_text()
        # https://llmstxt.org: a title, a quotation, text, then sections of links.
        assert listed.startswith("# Kubernetes Overview\n\n> ")
        headings = re.findall(r"^## (.+)$", listed, re.MULTILINE)
        assert headings == ["Start", *names]
        entries = [
            ENTRY.fullmatch(line)
            for line in listed.splitlines()
            if line.startswith("- ")
        ]
        links = [entry[2] for entry in entries if entry]
        assert len(links) == len(entries), "an entry has no description"
        assert len(set(links)) == len(links)
        assert set(links) == {
            urljoin(address, str(copy.relative_to(folder)))
            for copy in copies(folder).values()
        }
        assert all(copy.is_file() for copy in copies(folder).values())
