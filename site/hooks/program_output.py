"""Which lines of a code block are output? They are marked, line ends included."""

import re

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

# Pygments makes each comment a span, and each line of a shell session's output.
PROGRAM = re.compile(r'^(?: *<span class="c1">#&gt;[^\n]*</span>\n)+', re.MULTILINE)
SESSION = re.compile(r'^<span class="go">([^\n]*)</span>\n', re.MULTILINE)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Wrap each run of output lines; the text stays as it is."""
    html = PROGRAM.sub(r'<span class="output">\g<0></span>', html)
    return SESSION.sub('<span class="go">\\1\n</span>', html)
