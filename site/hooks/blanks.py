"""Which blanks of the HTML does a reader see? One at most, but in code.

The theme's templates make a fifth of a page of blanks.
"""

import re

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.pages import Page

KEPT = re.compile(r"(<(pre|script|textarea)\b.*?</\2>)", re.DOTALL)
BLANKS = re.compile(r"\s+")


def on_post_page(html: str, page: Page, config: MkDocsConfig) -> str:
    """Leave one blank where there are several."""
    # Text, and then what is kept with the name of its element, over and over.
    parts = KEPT.split(html)
    texts = [BLANKS.sub(" ", text) for text in parts[::3]]
    return "".join(
        part for pair in zip(texts, [*parts[1::3], ""], strict=True) for part in pair
    )
