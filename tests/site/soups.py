"""The pages of a built site, parsed: each once for all tests of a worker.

Parsing is most of what a look at all pages costs. Modules that look at them are of one
group, `pages`, so that one worker does it. A soup is not to be changed.
"""

from functools import cache
from pathlib import Path

from bs4 import BeautifulSoup


@cache
def soup(path: Path) -> BeautifulSoup:
    """A page of a built site."""
    return BeautifulSoup(path.read_text(), "lxml")
