"""Pages as the package makes them, one at a time: in milliseconds, without a site."""

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, cast

from bs4 import BeautifulSoup
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files, get_files
from mkdocs.structure.pages import Page
from mkdocs.utils.yaml import get_yaml_loader, yaml_load

from book.plugin import BookPlugin
from sandbox.errors import UserError
from tests.site.build import ROOT, SOURCES

# A build that ends by one of these says one line: of a block, or of something else.
FAULT = (PluginError, UserError)


class Pages:
    """The pages of a tree. Reading it raises a FAULT where a build would end so.

    Args:
        tree: the folder of mkdocs.yml.
        site_url: the address that the site will have, if it knows it.
        repository_url: where its sources are on GitHub, if it knows it.
    """

    def __init__(
        self, tree: Path = ROOT, site_url: str = "", repository_url: str = ""
    ) -> None:
        # Its __new__ is annotated to return a Config.
        config = cast(MkDocsConfig, MkDocsConfig(str(tree / "mkdocs.yml")))
        settings = tree / "mkdocs.yml"
        config.load_dict(deepcopy(_read(settings.resolve(), settings.stat().st_mtime)))
        config.load_dict(
            {
                "site_url": site_url,
                "extra": {**config.extra, "repository": repository_url},
                "plugins": [],
                "watch": [],
                "theme": {
                    "name": "mkdocs",
                    "custom_dir": str(tree / "site" / "theme"),
                },
            }
        )
        failed, _ = config.validate()
        assert not failed, failed
        # MkDocs would take one instance for all configurations.
        config.plugins["book"] = BookPlugin()
        self.config = config.plugins.on_config(config)
        # The plugin of the notebooks makes pages of them.
        files = get_files(config)
        files.add_files_from_theme(config.theme.get_env(), config)
        for file in files:
            if file.src_uri.endswith(".ipynb"):
                file.is_documentation_page = lambda: True
                file.dest_uri = f"{file.src_uri.removesuffix('.ipynb')}/index.html"
                file.url = file.dest_uri.removesuffix("index.html")
        self.files: Files = config.plugins.on_files(files, config=config)

    def page(self, name: str, more: str = "", text: str | None = None) -> Page:
        """Render a page, by its source below docs/.

        Args:
            name: the source.
            more: what is added to its Markdown.
            text: what stands in the place of its Markdown.
        """
        file = self.files.get_file_from_path(name)
        assert file is not None, f"there is no docs/{name}"
        page = Page(None, file, self.config)
        page = self.config.plugins.on_pre_page(
            page, config=self.config, files=self.files
        )
        page.read_source(self.config)
        if text is not None:
            page.markdown = text
        page.markdown = self.config.plugins.on_page_markdown(
            (page.markdown or "") + more,
            page=page,
            config=self.config,
            files=self.files,
        )
        page.render(self.config, self.files)
        return page

    def html(self, name: str, more: str = "", text: str | None = None) -> BeautifulSoup:
        """The same, parsed."""
        page = self.page(name, more, text)
        return BeautifulSoup(page.content or "", "lxml")


@cache
def _read(settings: Path, written: float) -> dict[str, Any]:
    loader: Any = get_yaml_loader(config=cast(MkDocsConfig, MkDocsConfig()))
    with settings.open("rb") as file:
        return yaml_load(file, loader)


def linked(target: Path, *, without: str = "") -> Path:
    """Fill a folder with links to what the site is made of.

    The folder `without` is no link: its files are, so that one of them can be replaced.
    """
    for name in SOURCES:
        if name != without:
            (target / name).symlink_to(ROOT / name)
            continue
        for path in (ROOT / name).rglob("*"):
            copy = target / path.relative_to(ROOT)
            if path.is_file():
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.symlink_to(path)
    return target


def without_a_run(target: Path) -> Path:
    """The same, of a clone that has run nothing and keeps no run."""
    linked(target, without="recordings")
    (target / "recordings" / "last-run.json").unlink(missing_ok=True)
    return target


def replace(path: Path, text: str) -> None:
    """Give a file that is a link a text of its own."""
    path.unlink(missing_ok=True)
    path.write_text(text)
