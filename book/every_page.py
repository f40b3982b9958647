"""On every page: heads of tables, words of the glossary, marks of claims, stamps."""

import re
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from book import facts, last_run
from book.markup import elements
from book.site import View
from sandbox.errors import UserError

# Says "services" as the chapter does, of what runs on a cluster; lists the terms.
WITHOUT_TOOLTIPS = {"claims.md", "glossary.md"}
# Words in these are left as they are. The last are classes, of titles and of what isn't
# the page's own text.
NOT_EXPLAINED = {
    *("a", "h1", "h2", "h3", "h4", "h5", "h6", "label", "summary", "code", "pre"),
    *("svg", "button", "abbr", "script", "admonition-title", "ran", "stamp", "run"),
}

# Marks the place of a block until its end is read.
UNCLOSED = "data-unclosed"


class ClaimMark(InlineProcessor):
    """`{ #claim-KEY }` becomes a mark that says what became of the claim."""

    def __init__(self, md: Markdown, view: View) -> None:
        super().__init__(r"[ \n]*\{:? *#claim-([\w-]+) *\}", md)
        self.view = view

    def handleMatch(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, m: re.Match[str], data: str
    ) -> tuple[Element, int, int]:
        """Make the mark, which leads to the claim's place on their page.

        Raises UserError where there is no such claim.
        """
        key, headings = m[1], self.view.site.headings
        fates = {claim.key: claim.fate for each in headings for claim in each.claims}
        if key not in fates:
            raise UserError(f"docs/{self.view.page}: no claim has the key {key}")
        attributes = {
            "id": f"claim-{key}",
            "class": f"claim-mark claim-mark--{fates[key]}",
            # Its words would be found in every paragraph that has a mark.
            "data-search-exclude": "",
            "href": self.view.link(f"claims.md#{key}"),
            "aria-label": f"{fates[key]}, claim {key}",
        }
        mark = Element("a", attributes)
        mark.text = AtomicString(fates[key])
        return mark, m.start(0), m.end(0)


class WholePage(Treeprocessor):
    """What is done to a page when all of it has been read."""

    def __init__(self, md: Markdown, view: View) -> None:
        super().__init__(md)
        self.view = view

    def run(self, root: Element) -> None:
        """Do it. Raises UserError where there is a block that nobody knows."""
        refuse_unread_blocks(root, self.view.page)
        mark_table_heads(root)
        if self.view.page not in WITHOUT_TOOLTIPS:
            terms = self.view.site.terms
            self.means = {form: term.means for term in terms for form in term.forms}
            self.forms, self.seen = facts.pattern(self.means), set[str]()
            self.explain(root)
        self.add_stamp(root)

    def add_stamp(self, root: Element) -> None:
        """Put the stamp below the title of a story's page, and of a notebook's."""
        site = self.view.site
        # A notebook's name ends in .ipynb, that of a story's page in nothing; of pages
        # in other folders, none is a story's.
        name = self.view.page.removeprefix("notebooks/").removesuffix(".md")
        title = root.find("h1")
        if title is None or name not in site.programs_of_stories:
            return
        programs = {name: site.programs_of_stories[name]}
        stamp = last_run.of_programs(site.records, programs, "this page")
        made = elements(self.md, "stamp", view=self.view, stamp=stamp)
        root.insert(list(root).index(title) + 1, made[0])

    def explain(self, element: Element) -> None:
        """Have the first place of each word of the glossary say what it means."""
        children, text = list(element), element.text
        element[:] = []
        self.put(element, text)
        for child in children:
            element.append(child)
            tail = child.tail
            marks = {child.tag, *(child.get("class") or "").split()}
            if NOT_EXPLAINED.isdisjoint(marks):
                self.explain(child)
            self.put(element, tail)

    def put(self, parent: Element, text: str | None) -> None:
        """Append a text, with an `abbr` for each word in it that is new."""
        end = 0
        if text and not isinstance(text, AtomicString):
            for match in self.forms.finditer(text):
                means = self.means[match[0]]
                if means not in self.seen:
                    self.seen.add(means)
                    append(parent, text[end : match.start()])
                    end = match.end()
                    abbr = SubElement(parent, "abbr", {"title": means})
                    abbr.text = AtomicString(match[0])
        append(parent, text[end:] if text and end else text)


def append(parent: Element, text: str | None) -> None:
    """Have a text stand at the end of an element."""
    if len(parent):
        parent[-1].tail = text
    else:
        parent.text = text


def refuse_unread_blocks(root: Element, page: str) -> None:
    """Raise UserError where a block has no end, or Markdown has taken it for text.

    It does so where nobody knows the block's name, or one of its options.
    """
    for element in root.iter():
        if name := element.get(UNCLOSED):
            raise UserError(
                f"docs/{page}: a block `/// {name}` has no `///` as its end"
            )
        text = element.text or ""
        if text.startswith("///") and element.tag not in ("code", "pre"):
            raise UserError(
                f"docs/{page}: no block is written so: {text.splitlines()[0]}: "
                "book/blocks.py has names and options"
            )


def mark_table_heads(root: Element) -> None:
    """Have heads of tables without a class say of what they are the heads.

    A table whose first head is empty has the heads of its rows in its first column, and
    no head in the corner.
    """
    for table in root.iter("table"):
        if table.get("class"):
            continue
        corner = table.find("thead/tr/th")
        if corner is not None and not (corner.text or len(corner)):
            corner.tag = "td"
            for row in table.iterfind("tbody/tr"):
                row[0].tag = "th"
                row[0].set("scope", "row")
        for head in table.iterfind("thead/tr/th"):
            head.set("scope", "col")
