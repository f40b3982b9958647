"""What does a word mean? The terms of glossary.md: its list, and tooltips elsewhere.

Tooltips are abbreviations to Markdown, which marks every place of a word. Of these a
page keeps the first in its text, so that it stays quiet.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import NotRequired, TypedDict

from markdown.extensions.toc import slugify
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.utils import meta

PAGE = "glossary.md"
# Says "services" as the chapter does, of what runs on a cluster.
WITHOUT_TOOLTIPS = "errata.md"
MARKER = "<!-- glossary -->"

# Words in links, headings, titles and names of tabs are left as they are.
ABBREVIATION = re.compile(
    r'<(?P<other>a|h[1-6]|label|summary|p(?= class="admonition-title"))\b'
    r".*?</(?P=other)>"
    r'|<abbr title="(?P<title>[^"]*)">(?P<word>[^<]*)</abbr>',
    re.DOTALL,
)


class Term(TypedDict):
    """A term, its other forms, what it means and where that is defined."""

    term: str
    also: NotRequired[list[str]]
    means: str
    source: str


def on_page_markdown(
    markdown: str, page: Page, config: MkDocsConfig, files: Files
) -> str:
    """Write the list into the glossary, and the terms below the other pages."""
    terms = read(Path(config.docs_dir) / PAGE)
    if page.file.src_uri == PAGE:
        rows = [
            f'<dt id="{slugify(term["term"], "-")}" markdown="span">'
            f"[{term['term']}]({term['source']})</dt>\n<dd>{term['means']}</dd>"
            for term in terms
        ]
        listed = '<dl class="glossary" markdown="1">\n' + "\n".join(rows) + "\n</dl>"
        return markdown.replace(MARKER, listed)
    if page.file.src_uri == WITHOUT_TOOLTIPS:
        return markdown
    forms = [
        f"*[{form}]: {term['means']}"
        for term in terms
        for form in [term["term"], *term.get("also", [])]
    ]
    # Each is a block of its own: of one with all of them, Markdown would take the first
    # off, look at the rest again, and so on.
    return "\n\n".join([markdown, *forms, ""])


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Leave one tooltip for each term: at its first place in the text of the page."""
    seen: set[str] = set()

    def kept(match: re.Match[str]) -> str:
        if match["other"]:
            return re.sub(r"</?abbr\b[^>]*>", "", match[0])
        if match["title"] in seen:
            return match["word"]
        seen.add(match["title"])
        return match[0]

    return ABBREVIATION.sub(kept, html)


def read(path: Path) -> list[Term]:
    """The terms of the glossary, from the front matter of its page."""
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _read(path: Path, _changed: int) -> list[Term]:
    """Read the file; once for all pages, and again when it has changed."""
    _, data = meta.get_data(path.read_text())
    return data["terms"]
