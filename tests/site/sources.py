"""What does a hook see of a tree? Its settings, files and pages, without a build.

So a test calls the function that makes a part of a page, and has it in milliseconds.
That the parts come together on a page, tests see on the built site.
"""

from pathlib import Path
from typing import Any, NamedTuple, cast

import published_examples
from bs4 import BeautifulSoup
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files, get_files
from mkdocs.structure.pages import Page

from tests.site.build import ROOT


class Sources(NamedTuple):
    """A tree, as mkdocs hands it to a hook."""

    config: MkDocsConfig
    files: Files

    def page(self, name: str) -> Page:
        """A page by the name of its source below docs/, read and not rendered."""
        file = self.files.get_file_from_path(name)
        assert file is not None, f"there is no docs/{name}"
        page = file.page or Page(None, file, self.config)
        page.read_source(self.config)
        return page

    def text(self, name: str) -> str:
        """The Markdown of a page."""
        return self.page(name).markdown or ""


def sources(tree: Path = ROOT, site_url: str = "", repository_url: str = "") -> Sources:
    """Read a tree by its mkdocs.yml, with no plugin at work and no other hook."""
    # Its __new__ is annotated to return a Config.
    config = cast(MkDocsConfig, MkDocsConfig(str(tree / "mkdocs.yml")))
    with (tree / "mkdocs.yml").open("rb") as file:
        config.load_file(file)
    config.load_dict(
        {
            "site_url": site_url,
            "extra": {**config.extra, "repository": repository_url},
            "plugins": [],
            "hooks": [],
            "theme": "mkdocs",
        }
    )
    failed, _ = config.validate()
    assert not failed, failed
    # Pages link to the examples.
    config.plugins["published_examples"] = cast(Any, published_examples)
    files = config.plugins.on_files(get_files(config), config=config)
    return Sources(config, files)


def parsed(html: str) -> BeautifulSoup:
    """What a hook has made."""
    return BeautifulSoup(html, "html.parser")
