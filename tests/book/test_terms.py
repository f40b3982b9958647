"""No page of the course uses a word of the glossary that the reader hasn't met.

Each word has a page that introduces it. An earlier page may use the word where the same
sentence, row or item of a list links to that page, or to an explanation by the word
itself. "Edge cases" are free: a first reader does without them.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urljoin

import pytest
from bs4 import BeautifulSoup, Tag
from pygments.lexers import TextLexer

from book import code, facts
from tests.book.pages import Pages
from tests.site.build import ROOT

SECTIONS = ["The course", "How it works inside"]

# A paragraph is read by its sentences, the others as a whole.
BLOCKS = "p, li, tr, dt, dd"
# Titles are no sentences; what stands in closed boxes and replays is made, not written.
SKIPPED = (
    "h1, h2, h3, h4, details, svg, pre, run-replay, .replay, .printed, .stamp, "
    ".admonition-title, .program__foot, .claim-mark"
)
SENTENCE_ENDS = re.compile("(?<=[.?!])[)”\ue002]?\\s+")
# Stand in the text around the words of a link; before them is its number.
LINK = re.compile("\ue000(?P<number>[0-9]+)\ue001(?P<words>[^\ue002]*)\ue002?")


class Unit(NamedTuple):
    """A sentence, a row or an item, and its links: their words and their targets."""

    text: str
    links: list[tuple[str, str]]


def units(content: str) -> Iterator[Unit]:
    """What a page says to a first reader, piece by piece."""
    root = BeautifulSoup(content, "lxml")
    for skipped in root.select(SKIPPED):
        skipped.decompose()
    for name in root.select("code"):
        name.string = "`"
    for block in root.select(BLOCKS):
        if block.find_parent(BLOCKS.split(", ")) is None:
            yield from _pieces(block)


def _pieces(block: Tag) -> Iterator[Unit]:
    targets = [str(link.get("href")) for link in block.select("a")]
    for number, link in enumerate(block.select("a")):
        link.insert(0, f"\ue000{number}\ue001")
        link.append("\ue002")
    text = block.get_text()
    for piece in SENTENCE_ENDS.split(text) if block.name == "p" else [text]:
        links = [
            (" ".join(m["words"].split()), targets[int(m["number"])])
            for m in LINK.finditer(piece)
        ]
        yield Unit(" ".join(LINK.sub(r"\g<words>", piece).split()), links)


class Course:
    """The pages in the order in which they are read."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        nav: dict[str, Any] = {}
        for entry in self.pages.config.nav or []:
            nav |= entry
        self.order = [
            page for name in SECTIONS for item in nav[name] for page in item.values()
        ]
        self.terms = facts.terms(ROOT)
        self.sources = {file.url: file.src_uri for file in self.pages.files}

    def too_early(self, name: str, text: str | None = None) -> list[str]:
        """The words that a page uses before the reader has met them, and where."""
        page = self.pages.page(name, text=text)
        met = self.order[: self.order.index(name) + 1]
        strange = {
            form: term
            for term in self.terms
            if term.page not in met
            for form in term.forms
        }
        words = facts.pattern(list(strange))
        early: list[str] = []
        for unit in units(edge_cases_left_out(page.content or "")):
            leads = {
                self.sources.get(urljoin(page.url, to.split("#")[0]))
                for _, to in unit.links
            }
            linked = {m[0] for text, _ in unit.links for m in words.finditer(text)}
            for match in words.finditer(unit.text):
                term = strange[match[0]]
                if term.page not in leads and linked.isdisjoint(term.forms):
                    early.append(f"{match[0]} ({term.page or 'no page'}): {unit.text}")
        return early


def edge_cases_left_out(content: str) -> str:
    """The page without its section of that name."""
    return re.sub(r'<h2 id="edge-cases">.*?(?=<h2|\Z)', "", content, flags=re.DOTALL)


def without_colours(_language: str, **options: Any) -> Any:
    return TextLexer(**options)


@pytest.fixture(scope="module")
def course(pages: Pages) -> Iterator[Course]:
    """The course without the colours of its programs, which take most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(code, "get_lexer_by_name", without_colours)
        yield Course(pages)


def test_page_uses_no_word_before_it_is_introduced(course: Course) -> None:
    early = {name: course.too_early(name) for name in course.order}
    faults = [f"docs/{name}: {word}" for name, words in early.items() for word in words]
    assert not faults, "\n".join(faults)


EARLY = "Jobs (jobs.md): "


@pytest.mark.parametrize(
    ("text", "early"),
    [
        ("Pods of Jobs.", [f"{EARLY}Pods of Jobs."]),
        ("It ends. Jobs, see [there](jobs.md#retries).", []),
        ("See [there](jobs.md). Jobs end.", [f"{EARLY}Jobs end."]),
        ("[Jobs](https://kubernetes.io/) end.", []),
        ("[Those](https://kubernetes.io/) end: Jobs.", [f"{EARLY}Those end: Jobs."]),
        ("- See [there](jobs.md). Jobs end.", []),
        ("| a | b |\n| - | - |\n| Jobs | [end](jobs.md) |", []),
        ("| a | b |\n| - | - |\n| Jobs | end |", [f"{EARLY}Jobs end"]),
        ("`Jobs`\n\n## Jobs\n\nEnd.", []),
        ("## Edge cases\n\nJobs.\n\n## Recap\n\nPods.", []),
        ("## Edge cases\n\nPods.\n\n## Recap\n\nJobs.", [f"{EARLY}Jobs."]),
    ],
)
def test_word_is_found_where_nothing_near_it_introduces_it(
    course: Course, text: str, early: list[str]
) -> None:
    assert course.too_early("first-steps.md", f"# First\n\n{text}\n") == early


def test_page_that_introduces_a_word_and_those_after_it_use_it(course: Course) -> None:
    for name in course.order[course.order.index("jobs.md") :]:
        assert course.too_early(name, "# First\n\nJobs.\n") == []
