"""On every page: heads of tables, words of the glossary, marks of claims, stamps."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString
from mkdocs.exceptions import PluginError
from mkdocs.utils import log

from book import facts, last_run
from book.markup import elements
from book.site import View

# Says "services" as the chapter does, of what runs on a cluster; lists the terms.
WITHOUT_TOOLTIPS = {"errata.md", "glossary.md"}
# Words in these are left as they are.
NOT_EXPLAINED = {
    *("a", "h1", "h2", "h3", "h4", "h5", "h6", "label", "summary", "code", "pre"),
    *("svg", "button", "abbr", "script"),
}


def register(md: Markdown, view: View) -> None:
    """Add to a page's Markdown all that this module does."""
    md.inlinePatterns.register(ClaimMark(md, view), "claim", 76)
    # After the inline patterns, before MkDocs looks up links.
    md.treeprocessors.register(UnreadBlocks(md, view), "unread-blocks", 16)
    md.treeprocessors.register(TableHeads(md), "table-heads", 15)
    md.treeprocessors.register(Terms(md, view), "terms", 14)
    md.treeprocessors.register(PageStamp(md, view), "page-stamp", 13)


class ClaimMark(InlineProcessor):
    """`{ #claim-KEY }` becomes a mark that says what became of the claim."""

    def __init__(self, md: Markdown, view: View) -> None:
        super().__init__(r"[ \n]*\{:? *#claim-([\w-]+) *\}", md)
        self.view = view

    def handleMatch(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, m: re.Match[str], data: str
    ) -> tuple[Element, int, int]:
        """Make the mark, which leads to the claim's place in the errata."""
        key = m[1]
        headings = self.view.site.claims
        claims = {claim.key: claim for heading in headings for claim in heading.claims}
        mark = Element("a" if key in claims else "span", {"id": f"claim-{key}"})
        if key in claims:
            fate = claims[key].fate
            mark.attrib |= {
                "class": f"claim-mark claim-mark--{fate}",
                # Its words would be found in every paragraph that has a mark.
                "data-search-exclude": "",
                "href": self.view.link(f"errata.md#{key}"),
                "aria-label": f"{fate}, claim {key}",
            }
            mark.text = AtomicString(fate)
        else:
            log.warning(
                "docs/%s: the mark claim-%s names no claim of facts/claims.yaml",
                self.view.page,
                key,
            )
        return mark, m.start(0), m.end(0)


class UnreadBlocks(Treeprocessor):
    """A block whose name or option nobody knows: Markdown takes it for text."""

    def __init__(self, md: Markdown, view: View) -> None:
        super().__init__(md)
        self.view = view

    def run(self, root: Element) -> None:
        """Raise PluginError where there is one."""
        for element in root.iter():
            text = element.text or ""
            if text.startswith("///") and element.tag not in ("code", "pre"):
                raise PluginError(
                    f"docs/{self.view.page}: no block is written so: "
                    f"{text.splitlines()[0]}: book/blocks.py has names and options"
                )


class TableHeads(Treeprocessor):
    """Heads of tables say of what they are the heads.

    A table whose first head is empty has the heads of its rows in its first column, and
    no head in the corner.
    """

    def run(self, root: Element) -> None:
        """Change the tables that have no class."""
        for parent in list(root.iter()):
            for table in parent:
                if table.tag != "table" or table.get("class"):
                    continue
                corner = table.find("thead/tr/th")
                if corner is not None and not (corner.text or len(corner)):
                    corner.tag = "td"
                    for row in table.iterfind("tbody/tr"):
                        row[0].tag = "th"
                        row[0].set("scope", "row")
                for head in table.iterfind("thead/tr/th"):
                    head.set("scope", "col")


class Terms(Treeprocessor):
    """The first place of each word of the glossary on a page says what it means."""

    def __init__(self, md: Markdown, view: View) -> None:
        super().__init__(md)
        self.view = view

    def run(self, root: Element) -> None:
        """Make an `abbr` of each."""
        if self.view.page in WITHOUT_TOOLTIPS:
            return
        self.means = {
            form: term.means for term in self.view.site.terms for form in term.forms
        }
        self.seen: set[str] = set()
        self.forms = facts.pattern(self.means)
        self._explain(root)

    def _explain(self, element: Element) -> None:
        """Explain the words in an element, in the order of the text."""
        element.text, made = self._split(element.text)
        children = list(element)
        for child in children:
            element.remove(child)
        element.extend(made)
        for child in children:
            element.append(child)
            if child.tag not in NOT_EXPLAINED and not _is_other(child):
                self._explain(child)
            child.tail, made = self._split(child.tail)
            element.extend(made)

    def _split(self, text: str | None) -> tuple[str | None, list[Element]]:
        """The text up to the first word that is explained, and from there elements."""
        if not text or isinstance(text, AtomicString):
            return text, []
        start, made, end = text, list[Element](), 0
        for match in self._first_places(text):
            abbr = Element("abbr", {"title": self.means[match[0]]})
            abbr.text = AtomicString(match[0])
            before = text[end : match.start()]
            if made:
                made[-1].tail = before
            else:
                start = before
            made.append(abbr)
            end = match.end()
        if made:
            made[-1].tail = text[end:]
        return start, made

    def _first_places(self, text: str) -> Iterator[re.Match[str]]:
        for match in self.forms.finditer(text):
            if (means := self.means[match[0]]) not in self.seen:
                self.seen.add(means)
                yield match


def _is_other(element: Element) -> bool:
    """Whether it is a title, a stamp or closed: what isn't the page's own text."""
    return not {"admonition-title", "stamp", "run"}.isdisjoint(
        (element.get("class") or "").split()
    )


class PageStamp(Treeprocessor):
    """The stamp below the title of a story's page, and of a notebook's."""

    def __init__(self, md: Markdown, view: View) -> None:
        super().__init__(md)
        self.view = view

    def run(self, root: Element) -> None:
        """Put it there."""
        site = self.view.site
        # A notebook's name ends in .ipynb, that of a story's page in nothing; of pages
        # in other folders, none is a story's.
        name = self.view.page.removeprefix("notebooks/").removesuffix(".md")
        programs = site.programs_of_stories
        if name not in programs:
            return
        stamp = last_run.of_programs(site.records, {name: programs[name]}, "page")
        made = elements(self.md, "stamp", stamp=stamp)
        for parent in root.iter():
            for at, child in enumerate(list(parent)):
                if child.tag == "h1":
                    parent.insert(at + 1, made[0])
                    return
