"""Which spans of highlighted code does nobody see? Those are left out.

Names, operators, punctuation and blanks have the colour of plain code, and make up
most of the spans: without them a page is half as large, and is indexed for the
search in a third of the time.
"""

import re

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

PLAIN = re.compile(r'<span class="(?:n|o|p|p p-Indicator|w)">([^<]*)</span>')


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Replace each such span by its text."""
    return PLAIN.sub(r"\1", html)
