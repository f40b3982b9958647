"""Which lines of a program are its output? The `#>` comments, marked on the page."""

import re

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

# As Pygments writes a comment line, each in a span of its own (line_spans).
LINES = re.compile(
    r'(?:<span id="__span-[\d-]+">(?:<span class="w">)? *(?:</span>)?'
    r'<span class="c1">#&gt;[^\n]*</span>\n</span>)+'
)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Wrap each run of output lines, and leave their text as it is."""
    return LINES.sub(r'<span class="output">\g<0></span>', html)
