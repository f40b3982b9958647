"""Which cells of a table are heads, and of what? Markdown's tables do not say it all.

Each head gets its scope. A table whose first head is empty has the heads of its rows in
its first column, and no head in the corner.
"""

import re

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

EMPTY_CORNER = re.compile(
    r"<table>\n<thead>\n<tr>\n<th></th>.*?</table>", flags=re.DOTALL
)
FIRST_CELL = re.compile(r"(?<=<tr>\n)<td>(.*?)</td>")


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Write the heads of the page's tables as such."""

    def row_heads(match: re.Match[str]) -> str:
        table = FIRST_CELL.sub(r'<th scope="row">\1</th>', match[0])
        return table.replace("<th></th>", "<td></td>", 1)

    html = EMPTY_CORNER.sub(row_heads, html)
    return re.sub(r"<th(?=>| style=)", '<th scope="col"', html)
