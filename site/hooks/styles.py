"""What are a page's styles? The rules that it needs, in its head, and no others.

The theme brings two style sheets, mostly for what this site does not have. To these
come its icons and the site's own. When all pages are written, each gets what it can
need of them. So a page is painted when it is there, and waits for nothing else.

Two files are left. search.css comes with the search, and has what the pages have not.
For print.css no page waits.
"""

import re
from pathlib import Path
from shutil import rmtree

import needed_rules
from jinja2 import Environment
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files

THEME = "assets/stylesheets"
SCRIPTS = "assets/*.js"
SEARCH = ("assets/search.js", "assets/javascripts/*.js")
OF_SEARCH = re.compile(r"search|scrolllock|\bmark$")
SEARCHED = "404.html"  # A page with little but what all have.
SEARCH_SHEET = "assets/search.css"
PRINT_SHEET = "assets/print.css"
HERE = "<!-- styles -->"


class Parts:
    """What the rules are taken from, beside the theme's two."""

    own: list[str]
    icons: str


def on_config(config: MkDocsConfig) -> None:
    """Have the pages name none of the site's own."""
    Parts.own = [str(path) for path in config.extra_css]
    config.extra_css = []


def on_env(env: Environment, config: MkDocsConfig, files: Files) -> None:
    """Take the icons, which the theme would write into each page."""
    icons = env.get_template("partials/icons.html").render(config=config)
    Parts.icons = icons.replace("<style>", "").replace("</style>", "")


def on_post_build(config: MkDocsConfig) -> None:
    """Write what is needed, and delete what it was taken from."""
    site = Path(config.site_dir)
    # The theme's main.HASH.min.css is before its palette.HASH.min.css.
    theme = [path.read_text() for path in sorted((site / THEME).glob("*.css"))]
    own = [site / path for path in Parts.own]
    sheet = "".join([*theme, Parts.icons, *(path.read_text() for path in own)])
    scripts = {path.name: path.read_text() for path in sorted(site.glob(SCRIPTS))}
    of_search = [p.read_text() for name in SEARCH for p in sorted(site.glob(name))]
    pages = {path: path.read_text() for path in sorted(site.rglob("*.html"))}

    def in_page(html: str) -> list[str]:
        return [text for name, text in scripts.items() if name in html]

    def seen(html: str, *more: str) -> needed_rules.Seen:
        return needed_rules.Seen(html, [*in_page(html), *more], sheet)

    def for_page(html: str) -> str:
        return needed_rules.needed(sheet, seen(html))

    def for_search() -> str:
        every = pages[site / SEARCHED]
        return needed_rules.needed(
            sheet,
            seen(every, *of_search),
            only=lambda selector: bool(OF_SEARCH.search(selector.text)),
            known=needed_rules.properties(sheet, seen(every)),
        )

    def for_paper() -> str:
        html = "".join(pages.values())
        return needed_rules.needed(sheet, seen(html), paper=True)

    try:
        search = for_search()
        printed = for_paper()
        for path, html in pages.items():
            rules = for_page(html)
            path.write_text(html.replace(HERE, f"<style>{rules}</style>", 1))
    except ValueError as error:
        raise PluginError(f"a style sheet can't be read: {error}") from error
    (site / SEARCH_SHEET).write_text(search)
    (site / PRINT_SHEET).write_text(printed)
    for path in own:
        path.unlink()
    # With maps of the sheets in it.
    rmtree(site / THEME)
