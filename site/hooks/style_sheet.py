"""What is a page's style sheet? One file, assets/style.css, of needed rules only.

The theme brings two, mostly for what this site does not have. To these come its icons
and the site's own. When all pages are written, what they can need of all these becomes
one file. A sheet that only some pages load, as that of the replays, stays its own.
"""

import json
import re
from pathlib import Path
from shutil import rmtree

import needed_rules
from jinja2 import Environment
from kept import kept
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files

NAME = "assets/style.css"
THEME = "assets/stylesheets"
TAG = re.compile(r"</?style>")


class Parts:
    """What is put into the one style sheet, beside the theme's two."""

    own: list[str]
    icons: str


def on_config(config: MkDocsConfig) -> None:
    """Have the pages name the one style sheet in the place of the site's own."""
    Parts.own = [str(path) for path in config.extra_css]
    config.extra_css = [NAME]


def on_env(env: Environment, config: MkDocsConfig, files: Files) -> None:
    """Take the icons, which the theme would write into each page."""
    icons = env.get_template("partials/icons.html").render(config=config)
    Parts.icons = TAG.sub("", icons)


def on_post_build(config: MkDocsConfig) -> None:
    """Write what is needed, and delete what it was taken from."""
    site = Path(config.site_dir)
    # The theme's main.HASH.min.css is before its palette.HASH.min.css.
    theme, own = sorted((site / THEME).glob("*.css")), [site / p for p in Parts.own]
    others = {*theme, *own, site / NAME}
    alone = [path for path in sorted(site.rglob("*.css")) if path not in others]
    parts = [
        *(p.read_text() for p in theme),
        Parts.icons,
        *(p.read_text() for p in own),
    ]
    sheets = ["".join(parts), *(path.read_text() for path in alone)]
    pages = [path.read_text() for path in sorted(site.rglob("*.html"))]
    # lunr has the languages of the search.
    scripts = [
        path.read_text()
        for path in sorted(site.rglob("*.js"))
        if "lunr" not in path.parts
    ]

    def make() -> str:
        return json.dumps(needed_rules.needed(sheets, pages, scripts))

    made_from = [json.dumps(texts) for texts in (sheets, pages, scripts)]
    try:
        needed = json.loads(kept(config, "style.json", made_from, make))
    except ValueError as error:
        raise PluginError(f"a style sheet can't be read: {error}") from error
    for path, sheet in zip([site / NAME, *alone], needed, strict=True):
        path.write_text(sheet)
    for path in own:
        path.unlink()
    # With maps of the sheets in it.
    rmtree(site / THEME)
