"""What of a page is searched? The search plugin takes it from the HTML.

Where that has not changed, neither has what is searched: kept.py has it.
"""

import json
from typing import Any

from kept import kept
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page


def on_nav(nav: object, config: MkDocsConfig, files: Files) -> None:
    """Have the plugin's index ask for a page's entries before it reads the page."""
    plugin: Any = config.plugins["material/search"]
    index = plugin.search_index
    read = index.add_entry_from_context

    def add(page: Page) -> None:
        start = len(index.entries)

        def make() -> str:
            read(page)
            made = json.dumps(index.entries[start:])
            del index.entries[start:]
            return made

        about = json.dumps([page.title, page.meta], default=str)
        contents = "".join(map(str, page.toc))
        made_from = [page.content or "", page.url, about, contents]
        name = f"search/{page.file.dest_uri}.json"
        index.entries += json.loads(kept(config, name, made_from, make))

    index.add_entry_from_context = add
