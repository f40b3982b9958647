"""Which tables scroll? All of Markdown's: each in a box, as wide as the page at most.

The theme has a script do that, and the page would move when it runs.
"""

import re

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
BOX = (
    '<div class="md-typeset__scrollwrap"><div class="md-typeset__table">{}</div></div>'
)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put each table without a class into a box."""
    return TABLE.sub(lambda match: BOX.format(match[0]), html)
