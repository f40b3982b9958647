"""A copy of each page in Markdown, beside its HTML: rollouts/index.md.

It is made from what the page has become, so that programs, tables and notebooks are in
it as a reader sees them. For people who give pages to tools: theme/main.html names the
copy in its page, theme/llms.txt lists all.
"""

import re
from typing import Any
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag
from bs4.builder import LXMLTreeBuilder as _Builder  # pyright: ignore
from markdownify import ATX
from markdownify import MarkdownConverter as _Converter

# They have no annotations, or few.
MarkdownConverter: Any = _Converter
LXMLTreeBuilder: Any = _Builder

# For the hand and the eye: what text has no use for. Of a replay, its table stays.
ELEMENTS = {"button", "input", "script", "style", "link", "template"}
CLASSES = {
    *("headerlink", "claim-mark", "no-button", "ran", "tabbed-labels"),
    *("replay__scene", "replay__charts", "replay__headline", "replay__clock"),
}


def markdown(html: str, address: str) -> str:
    """The content of a page in Markdown; with an address, its links are whole."""
    soup = BeautifulSoup(html, builder=WithoutColours())
    made = Copy(address, heading_style=ATX, bullets="-", escape_underscores=False)
    return made.convert_soup(soup).strip() + "\n"


class WithoutColours(LXMLTreeBuilder):
    """Builds no elements of the spans that colour code, which are most of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[bool] = []

    def start(self, tag: str, attrs: dict[str, str], nsmap: Any = None) -> None:
        """Begin an element."""
        if tag == "span":
            # Pygments' names are short, such as s2.
            self.kept.append(len(attrs.get("class", "none")) > 3)
        if tag != "span" or self.kept[-1]:
            super().start(tag, attrs, nsmap or {})

    def end(self, tag: str) -> None:
        """End it."""
        if tag != "span" or self.kept.pop():
            super().end(tag)


class Copy(MarkdownConverter):
    """Markdown of the elements of these pages that others don't have."""

    def __init__(self, address: str, **options: Any) -> None:
        super().__init__(**options)
        self.address = address

    def process_tag(self, node: Tag, parent_tags: set[str] | None = None) -> str:
        """Leave out what text has no use for, and look into no block of code."""
        classes = node.get("class") or [""]
        if node.name in ELEMENTS or CLASSES.intersection(classes):
            return ""
        if "highlight" in classes:
            code = "".join(each.get_text() for each in node.select("pre > code"))
            return fence(code, classes[0].removeprefix("language-"))
        if node.name == "svg":
            label = node.get("aria-label")
            return f" *Picture: {label}* " if label else ""
        return super().process_tag(node, parent_tags=parent_tags)

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """A link from the page's address."""
        if href := el.get("href"):
            el["href"] = urljoin(self.address, str(href))
        return super().convert_a(el, text, parent_tags)

    def convert_div(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """A box as a quotation."""
        if "admonition" in (el.get("class") or ()):
            return self.convert_blockquote(el, text, parent_tags)
        return super().convert_div(el, text, parent_tags)

    def convert_p(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """A paragraph; the title of a box is bold."""
        if "admonition-title" in (el.get("class") or ()):
            text = f"**{text.strip()}**"
        return super().convert_p(el, text, parent_tags)

    def convert_summary(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """The title of what can be opened, bold."""
        return f"\n\n**{text.strip()}**\n\n"

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """A fence around the text as it is, to the last byte."""
        code = el.get_text()
        if "td" in parent_tags or "th" in parent_tags:
            return " ".join(f"`{line}`" for line in code.splitlines() if line)
        return fence(code, "")

    def convert_figcaption(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """A title, with its links, on one line."""
        return f"\n\n{' '.join(text.split())}\n\n"


def fence(code: str, language: str) -> str:
    """A block of code between as many backticks as it takes."""
    ticks = max((len(run) for run in re.findall("`+", code)), default=0)
    around = "`" * max(3, ticks + 1)
    end = "" if code.endswith("\n") else "\n"
    named = "" if language == "text" else language
    return f"\n\n{around}{named}\n{code}{end}{around}\n\n"
