"""Templates: all HTML that the package writes, escaped by itself.

A template gives elements in which Markdown reads the text, as it does on a page: links
in it are looked up, words of the glossary explained. Text in code is left alone.
"""

import re
from typing import Any
from xml.etree.ElementTree import Element, fromstring

from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown import Markdown
from markdown.util import AtomicString
from markupsafe import Markup, escape

from book.code import block

# In these Markdown reads nothing.
LITERAL = {"button", "code", "pre", "svg", "time"}
# Begins the text of an element in whose place finished HTML belongs.
RAW = "\ue000"
CODE = re.compile(r"`([^`]+)`")


def _day(date: Any) -> str:
    return f"{date.day} {date:%B %Y}"


def _with_code(text: str) -> Markup:
    """Escape a text; what stands between backticks becomes code."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(text))))


TEMPLATES = Environment(
    loader=PackageLoader("book"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
TEMPLATES.filters |= {"day": _day, "with_code": _with_code}


def html(template: str, **values: Any) -> Markup:
    """What a template of templates/ makes of these values."""
    return Markup(TEMPLATES.get_template(f"{template}.html").render(values).strip())


def elements(md: Markdown, template: str, **values: Any) -> Element:
    """The same as the children of an element, for Markdown to go on with.

    Args:
        md: the page's Markdown. It keeps code as it is.
        template: the name of a template, which has to be well-formed XML.
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

    made = html(template, code=code, raw=raw, **values)
    root = fromstring(f"<div>{made}</div>")
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
