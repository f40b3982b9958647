"""What runs on every page? One file, assets/page.js, of the scripts in mkdocs.yml.

Each of them answers one question and is read here as it was written. Readers get them
in one file without comments, once for all pages. search.js is the theme's search, which
comes after them; it has the names of the theme's files from here.
"""

from fnmatch import fnmatch
from pathlib import Path

import rjsmin  # pyright: ignore[reportMissingTypeStubs]
from jinja2 import Environment
from mkdocs.config.config_options import ExtraScript
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files

NAME = "assets/page.js"


class Parts:
    """The scripts that are put into the one."""

    own: list[str]


def on_config(config: MkDocsConfig) -> None:
    """Have the pages name the one script, which does not hold them up."""
    # From a file, a browser loads no modules.
    script = ExtraScript().run_validation({"path": NAME, "defer": True})
    Parts.own = [str(path) for path in config.extra_javascript]
    config.extra_javascript = [script]


def on_env(env: Environment, config: MkDocsConfig, files: Files) -> None:
    """Give templates a filter for the theme's files, whose names have hashes."""

    def of_the_theme(pattern: str) -> str:
        found = [file.url for file in files if fnmatch(file.src_uri, pattern)]
        if len(found) != 1:
            raise PluginError(f"theme: {len(found)} files are named {pattern}: {found}")
        return found[0]

    env.filters["of_the_theme"] = of_the_theme


def on_post_build(config: MkDocsConfig) -> None:
    """Write the one script, and delete what it was made of."""
    site = Path(config.site_dir)
    parts = [site / path for path in Parts.own]
    text = "".join(f"{rjsmin.jsmin(part.read_text())}\n" for part in parts)
    (site / NAME).write_text(str(text))
    for part in parts:
        part.unlink()
