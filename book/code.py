"""Code as HTML, in one pass over its tokens."""

from collections.abc import Iterable
from functools import lru_cache
from html import escape
from typing import Any, NamedTuple

from markupsafe import Markup
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES, Generic
from pygments.util import ClassNotFound

from sandbox.story import OUTPUT_LINE

# Names, operators, punctuation and blanks have the colour of plain code, and are most
# of it: without a span for each, a page is half as large.
PLAIN = {"", "n", "o", "p", "w"}


# In these, what was printed stands in comments.
PROGRAMS = {"bash", "python"}


class Line(NamedTuple):
    """A line of code: its text, its HTML, and whether a program or shell printed it."""

    text: str
    html: Markup
    printed: bool


@lru_cache(maxsize=1000)
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
    found: list[Line] = []
    words, html, typed = "", "", True
    for kind, value in lexer.get_tokens(text.rstrip("\n")):
        while kind not in STANDARD_TYPES and kind.parent is not None:
            kind = kind.parent
        name = STANDARD_TYPES.get(kind, "")
        typed = typed and kind is not Generic.Output
        for number, part in enumerate(value.split("\n")):
            if number:
                printed = not typed or bool(
                    language in PROGRAMS and OUTPUT_LINE.match(words)
                )
                found.append(Line(words, Markup(html), printed))
                words, html, typed = "", "", kind is not Generic.Output
            if part:
                words += part
                safe = escape(part)
                html += safe if name in PLAIN else f'<span class="{name}">{safe}</span>'
    return tuple(found)


def joined(shown: Iterable[Line]) -> Markup:
    """Lines as the content of a `code` element; what was printed is marked, in runs."""
    html, printed = "", False
    for line in shown:
        if line.printed != printed:
            html += '<span class="output">' if line.printed else "</span>"
            printed = line.printed
        html += f"{line.html}\n"
    return Markup(html + ("</span>" if printed else ""))


def block(text: str, language: str, title: str = "") -> Markup:
    """A text as a highlighted block of code."""
    named = Markup('<span class="filename">{}</span>').format(title) if title else ""
    return Markup(
        '<div class="language-{} highlight">{}<pre><code>{}</code></pre></div>'
    ).format(language or "text", named, joined(lines(text, language)))


def options(
    language: str, inputs: dict[str, str], found: dict[str, Any], *_: object
) -> bool:
    """Accept what may stand after a fence's language: its title."""
    found |= inputs
    return inputs.keys() <= {"title"}


def fence(
    source: str,
    language: str,
    css_class: str,
    found: dict[str, str],
    *_: object,
    **__: object,
) -> str:
    """Highlight a fence of a page; pymdownx.superfences calls this for each.

    Args:
        source: what is in the fence.
        language: what stands after its backticks.
        css_class: what mkdocs.yml names, which is not used here.
        found: what else stands there: a title, or nothing.

    Returns:
        Its HTML.
    """
    return block(source, language, found.get("title", ""))
