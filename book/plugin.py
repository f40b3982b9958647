"""What MkDocs calls: the one module of the package that knows it."""

import logging
from functools import partial
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from book import markdown_copies, notebooks, repository, system_pages, theme
from book.blocks import Book
from book.site import Site, View

log = logging.getLogger("mkdocs.plugins.book")

PUBLISHED = (".py", ".sh", ".yaml")


class Options(Config):
    """It has none."""


class BookPlugin(BasePlugin[Options]):
    """Makes pages of docs/, examples/, recordings/ and facts/."""

    def on_startup(
        self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool
    ) -> None:
        """Know whether the pages are for this machine alone."""
        self.served = command == "serve"

    def on_config(self, config: MkDocsConfig) -> None:
        """Have Markdown know the blocks."""
        self.extension = Book()
        config.markdown_extensions.append(self.extension)  # pyright: ignore[reportArgumentType]

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Add the examples to the site as they are, and check what pages show of them.

        Raises PluginError where a page of a distribution is missing, or one too many.
        """
        theme.leave_out(files)
        self.site = Site(config, files)
        for path in sorted(self.site.examples.glob("*/*")):
            if path.suffix in PUBLISHED:
                name = path.relative_to(self.site.root).as_posix()
                files.append(File.generated(config, name, abs_src_path=str(path)))
        for path in sorted((self.site.root / "facts").glob("*.yaml")):
            name = path.relative_to(self.site.root).as_posix()
            files.append(File.generated(config, name, abs_src_path=str(path)))
        check_programs(self.site)
        system_pages.check_pages(self.site.systems, files)
        return files

    def on_env(
        self, env: Environment, *, config: MkDocsConfig, files: Files
    ) -> Environment:
        """Give the theme's templates what they need."""
        offline = config.plugins["material/offline"].config.enabled
        theme.furnish(env, files, published=not (offline or self.served))
        return env

    def on_pre_page(self, page: Page, *, config: MkDocsConfig, files: Files) -> Page:
        """Have a notebook rendered as other pages are, and not by nbconvert."""
        if notebooks.is_notebook(page.file.src_uri):
            vars(page)["render"] = partial(Page.render, page)
        return page

    def on_page_markdown(
        self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        """Make Markdown of a notebook; say to the blocks which page they are on."""
        self.extension.view = View(self.site, page.file)
        if notebooks.is_notebook(page.file.src_uri):
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
        """Tell templates where to say what is wrong; write the copy in Markdown."""
        context["issue"] = repository.issue(f"docs/{page.file.src_uri}", config)
        name = f"{page.file.dest_uri.removesuffix('.html')}.md"
        target = Path(config.site_dir) / name
        target.parent.mkdir(parents=True, exist_ok=True)
        text = markdown_copies.markdown(page.content or "", page.canonical_url or "")
        target.write_text(text)

    def on_post_template(
        self, output: str, *, template_name: str, config: MkDocsConfig
    ) -> str:
        """Leave out the sitemap where the site has no address: it would be empty."""
        sitemap = template_name == "sitemap.xml" and not config.site_url
        return "" if sitemap else output


def check_programs(site: Site) -> None:
    """Warn of programs that no page shows, or several do."""
    for folder in sorted({path.parent for path in site.examples.glob("*/*.py")}):
        paths = sorted(f"{folder.name}/{path.name}" for path in folder.glob("*.py"))
        if not any(path in site.shown for path in paths):
            log.warning(
                "examples/%s: no page shows its programs; write docs/%s.md",
                folder.name,
                folder.name,
            )
            continue
        for path in paths:
            places = [f"docs/{page}:{line}" for page, line in site.shown.get(path, [])]
            if not places:
                log.warning("examples/%s: no page shows it", path)
            elif len(places) > 1:
                log.warning(
                    "examples/%s: shown more than once, by %s",
                    path,
                    " and ".join(places),
                )
