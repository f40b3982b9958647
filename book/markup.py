"""Templates of HTML: what they are given is escaped by itself.

A template gives elements in which Markdown reads the text, as it does on a page: links
in it are looked up, words of the glossary explained. Text in code is left alone.
"""

from datetime import date
from functools import partial
from typing import Any
from xml.etree.ElementTree import Element, fromstring

from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown import Markdown
from markdown.extensions.toc import slugify
from markdown.util import AtomicString

from book.code import block
from book.last_run import DRIVERS

# In these Markdown reads nothing.
LITERAL = {"button", "code", "pre", "svg", "time"}
# Begins the text of an element in whose place finished HTML belongs.
RAW = "\ue000"


def day(iso: str | date) -> str:
    """Write a day such as 2026-11-04 as a sentence does: 4 November 2026."""
    each = date.fromisoformat(str(iso))
    return f"{each.day} {each:%B %Y}"


TEMPLATES = Environment(
    loader=PackageLoader("book"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
TEMPLATES.globals["drivers"] = DRIVERS  # pyright: ignore[reportArgumentType]
TEMPLATES.filters |= {"day": day, "slug": partial(slugify, separator="-")}


def elements(md: Markdown, template: str, **values: Any) -> Element:
    """Make of a template elements with which Markdown goes on.

    Args:
        md: the page's Markdown. It keeps code as it is.
        template: the name of a template of templates/, which has to be well-formed XML.
        values: what the template names. Besides, it has `code(text, language)` and
            `raw(html)`, for the whole text of a `p` that they replace.

    Returns:
        An element whose children are those of the template.
    """
    stored: list[str] = []

    def raw(text: str) -> str:
        stored.append(str(text))
        # XML has no sign for the placeholders of Markdown.
        return f"{RAW}{len(stored) - 1}"

    def code(text: str, language: str) -> str:
        return raw(block(text, language))

    page = TEMPLATES.get_template(f"{template}.html")
    root = fromstring(f"<div>{page.render(code=code, raw=raw, **values).strip()}</div>")
    for element in root.iter():
        if element.text and element.text.startswith(RAW):
            text = stored[int(element.text.removeprefix(RAW))]
            element.text = AtomicString(md.htmlStash.store(text))
        elif element.tag in LITERAL:
            for inner in element.iter():
                inner.text = inner.text and AtomicString(inner.text)
                if inner is not element:
                    inner.tail = inner.tail and AtomicString(inner.tail)
    return root
