"""What MkDocs calls."""

import logging
from collections.abc import Set as AbstractSet
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from book import markdown_copies, notebooks, theme
from book.blocks import Book
from book.run_in_page import bundle, exchange
from book.site import Site, View
from sandbox.errors import UserError

log = logging.getLogger("mkdocs.plugins.book")

PUBLISHED = ("examples/*/*.py", "examples/*/*.sh", "examples/*/*.yaml", "facts/*.yaml")


class Options(Config):
    """It has none."""


class BookPlugin(BasePlugin[Options]):
    """Makes pages of docs/, examples/, recordings/ and facts/."""

    # What the last build was made from, but for the text of pages: paths and times.
    sources: AbstractSet[tuple[Path, int]] = frozenset()

    def on_startup(
        self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool
    ) -> None:
        """Know whether the pages are for this machine alone."""
        self.served = command == "serve"
        # Else MkDocs warns whenever a page is saved. CONTRIBUTING.md says it once.
        logging.getLogger("mkdocs.commands.build").addFilter(
            lambda record: "'dirty' build" not in record.getMessage()
        )

    def on_config(self, config: MkDocsConfig) -> None:
        """Have Markdown know the blocks; make no sitemap where there is no address."""
        self.extension = Book()
        config.markdown_extensions.append(self.extension)  # pyright: ignore[reportArgumentType]
        if not config.site_url:
            config.theme.static_templates.discard("sitemap.xml")

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Add the examples to the site as they are, and check that pages show them."""
        self.delete_outdated(config, files)
        self.site = Site(config, files)
        for path in (
            p for each in PUBLISHED for p in sorted(self.site.root.glob(each))
        ):
            name = path.relative_to(self.site.root).as_posix()
            files.append(File.generated(config, name, abs_src_path=str(path)))
        offline = config.plugins.get("material/offline")
        from_files = offline is not None and offline.config.enabled
        for name, text in exchange.files(self.site, from_files):
            files.append(File.generated(config, name, content=text))
        # A page that is read from a file can start no worker.
        if not from_files:
            bundle.publish(files, config)
        check_programs(self.site)
        return files

    def delete_outdated(self, config: MkDocsConfig, files: Files) -> None:
        """Have `mkdocs serve --dirty` make all pages if not only their text changed."""
        paths = [Path(config.config_file_path)]
        paths += [p for each in config.watch for p in Path(each).rglob("[!.]*")]
        pages = {file for file in files if file.is_documentation_page()}
        paths += [Path(f.abs_src_path) for f in {*files} - pages if f.abs_src_path]
        sources: set[tuple[Path, int]] = set()
        for path in paths:
            with suppress(FileNotFoundError):  # such as an editor has for a moment
                sources.add((path, path.stat().st_mtime_ns))
        if sources != self.sources:
            for page in pages:
                Path(page.abs_dest_path).unlink(missing_ok=True)
        self.sources = sources

    def on_env(
        self, env: Environment, *, config: MkDocsConfig, files: Files
    ) -> Environment:
        """Give the theme's templates what they need."""
        offline = config.plugins["material/offline"].config.enabled
        theme.furnish(env, files, published=not (offline or self.served))
        return env

    def on_pre_page(self, page: Page, *, config: MkDocsConfig, files: Files) -> Page:
        """Have a notebook rendered as other pages are, and not by nbconvert."""
        if page.file.src_uri.endswith(".ipynb"):
            vars(page)["render"] = partial(Page.render, page)
        return page

    def on_page_markdown(
        self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        """Make Markdown of a notebook; say to the blocks which page they are on."""
        self.extension.view = View(self.site, page.file)
        if page.file.src_uri.endswith(".ipynb"):
            markdown, meta = notebooks.markdown(markdown, page.file.src_uri)
            page.meta.update(meta)
        return markdown

    def on_page_content(
        self, html: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> None:
        """Say to MkDocs where else links may lead on this page."""
        page.present_anchor_ids = (
            page.present_anchor_ids or set()
        ) | self.extension.lines

    def on_page_context(
        self, context: Any, *, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> None:
        """Tell templates where the sources are; write the copy in Markdown."""
        context["on_github"] = self.site.on_github
        name = f"{page.file.dest_uri.removesuffix('.html')}.md"
        target = Path(config.site_dir) / name
        target.parent.mkdir(parents=True, exist_ok=True)
        text = markdown_copies.markdown(page.content or "", page.canonical_url or "")
        target.write_text(text)

    def on_build_error(self, *, error: Exception) -> None:
        """End the build with one line where the user can fix what is wrong."""
        if isinstance(error, UserError):
            log.error(str(error))
            raise Abort("Aborted with an error that you can fix") from None


def check_programs(site: Site) -> None:
    """Warn of programs that no page shows, or several do."""
    for path in sorted(site.examples.glob("*/*.py")):
        name = path.relative_to(site.examples).as_posix()
        pages = [f"docs/{page}" for page in site.shown.get(name, [])]
        if not pages:
            where = f"such as docs/{path.parent.name}.md"
            log.warning("examples/%s: no page shows it; add it to one, %s", name, where)
        elif len(pages) > 1:
            shown = " and ".join(pages)
            log.warning("examples/%s: shown more than once, by %s", name, shown)
