"""The glossary's terms are in order, and their tooltips stay out of the way."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from bs4 import BeautifulSoup

from tests.site.build import ROOT
from tests.site.soups import soup

pytestmark = pytest.mark.xdist_group("pages")

GLOSSARY = ROOT / "facts" / "glossary.yaml"


def terms() -> list[dict[str, Any]]:
    return yaml.safe_load(GLOSSARY.read_text())


def soups(site: Path) -> dict[str, BeautifulSoup]:
    return {path.parent.name: soup(path) for path in site.rglob("index.html")}


def test_each_term_is_told_once_in_the_order_of_the_alphabet() -> None:
    names = [term["term"].lower() for term in terms()]
    assert names == sorted(set(names))
    forms = [f for term in terms() for f in [term["term"], *term.get("also", [])]]
    assert len(forms) == len(set(forms))
    for term in terms():
        assert term.keys() <= {"term", "also", "means", "page", "source"}
        # A tooltip is a sentence or two, in plain text.
        assert 20 <= len(term["means"]) <= 140, term
        assert term["means"].endswith(".")
        assert not set(term["means"]) & set('`*_[]<>"'), term
        assert term["source"].startswith(
            (
                "https://kubernetes.io/docs/",
                "https://kind.sigs.k8s.io/",
                "https://kwok.sigs.k8s.io/",
                "https://opencontainers.org/",
            )
        )


def test_glossary_lists_each_term_with_its_source(site: Path) -> None:
    listed = soups(site)["glossary"].select("dl.glossary dt")
    assert [
        (dt.get_text(), links_of(dt), links_of(dt.find_next("dd"))) for dt in listed
    ] == [
        (term["term"], [term["source"]], [place(term)] if "page" in term else [])
        for term in terms()
    ]


def links_of(tag: Any) -> list[str]:
    return [str(link["href"]) for link in tag.select("a")]


def place(term: dict[str, Any]) -> str:
    """The page that introduces a term, as the glossary links to it."""
    return f"../{term['page'].removesuffix('.md')}/"


def test_a_page_has_one_tooltip_for_a_word_and_none_in_code_or_titles(
    site: Path,
) -> None:
    means = {term["means"] for term in terms()}
    for name, page in soups(site).items():
        tooltips = [str(tag["title"]) for tag in page.select("article abbr")]
        assert set(tooltips) <= means, name
        assert len(tooltips) == len(set(tooltips)), name
        assert not page.select(
            ":is(pre, code, a, h1, h2, h3, label, summary, .admonition-title, svg) abbr"
        ), name
    assert soups(site)["deployments"].select("article abbr")
    assert not soups(site)["glossary"].select("article abbr")
