"""Code as HTML."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

from markupsafe import Markup
from pygments import highlight
from pygments.filter import simplefilter
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES, Text
from pygments.util import ClassNotFound

from sandbox.story import OUTPUT_LINE

# For these site/theme/css/code.css has no colour, and they are most of a program:
# without a span for each, a page is half as large.
PLAIN = {"kc", "n", "nv", "o", "p", "sa", "vm", "w"}

FORMATTER = HtmlFormatter(nowrap=True)

# In these, what was printed stands in comments.
PROGRAMS = {"bash", "python"}


class Line(NamedTuple):
    """A line of code: its text, its HTML, and whether a program printed it."""

    text: str
    html: Markup
    printed: bool


@simplefilter
def coloured(
    _filter: Any, _lexer: Any, stream: Iterable[tuple[Any, str]], _options: Any
) -> Iterator[tuple[Any, str]]:
    """Take for plain text what has no colour of its own."""
    for kind, value in stream:
        while kind not in STANDARD_TYPES:
            kind = kind.parent
        yield Text if STANDARD_TYPES[kind] in PLAIN else kind, value


def lines(text: str, language: str) -> tuple[Line, ...]:
    """Highlight a text.

    Args:
        text: the code.
        language: as Pygments names it; of one that it does not know, the text is plain.

    Returns:
        Its lines.
    """
    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        lexer = get_lexer_by_name("text", stripnl=False)
    text = text.rstrip("\n")
    lexer.add_filter(coloured())
    html = highlight(text, lexer, FORMATTER)
    program = language in PROGRAMS
    return tuple(
        Line(line, Markup(marked), program and bool(OUTPUT_LINE.match(line)))
        for line, marked in zip(text.split("\n"), html.split("\n"), strict=False)
    )


def joined(shown: Iterable[Line]) -> Markup:
    """Join lines as the content of a `code` element; mark runs of what was printed."""
    html = Markup()
    for printed, run in groupby(shown, key=lambda line: line.printed):
        text = Markup().join(line.html + "\n" for line in run)
        html += (
            Markup('<span class="output">{}</span>').format(text) if printed else text
        )
    return html


def block(text: str, language: str, title: str = "") -> Markup:
    """Return a text as a highlighted block of code."""
    named = Markup('<span class="filename">{}</span>').format(title) if title else ""
    return Markup(
        '<div class="language-{} highlight">{}<pre><code>{}</code></pre></div>'
    ).format(language or "text", named, joined(lines(text, language)))


def options(
    language: str, inputs: dict[str, str], titles: dict[str, Any], *_: object
) -> bool:
    """Accept what may stand after a fence's language: its title."""
    titles |= inputs
    return inputs.keys() <= {"title"}


def fence(
    source: str,
    language: str,
    css_class: str,
    titles: dict[str, str],
    *_: object,
    **__: object,
) -> str:
    """Highlight a fence of a page; pymdownx.superfences calls this for each.

    Args:
        source: what is in the fence.
        language: what stands after its backticks.
        css_class: what mkdocs.yml names, which is not used here.
        titles: what else stands there: a title, or nothing.
    """
    return block(source, language, titles.get("title", ""))
