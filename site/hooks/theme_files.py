"""What is published of the theme, and what do templates make of site/theme/css and js?

The theme's templates and its search are used, its style sheets are not: each page has the
site's own in its head (main.html), so it waits for nothing to be painted.
"""

from fnmatch import fnmatch
from functools import cache

import rjsmin  # pyright: ignore[reportMissingTypeStubs]
from jinja2 import Environment
from lightningcss import process_stylesheet
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files

UNPUBLISHED = (
    "css/*",
    "js/*",
    "assets/stylesheets/*",
    "assets/images/favicon.png",
    "assets/javascripts/*.map",
    "assets/javascripts/lunr/*",  # for languages other than English
)


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Leave out what only templates read, and what no page refers to."""
    for file in list(files):
        if any(fnmatch(file.src_uri, pattern) for pattern in UNPUBLISHED):
            files.remove(file)


def on_env(env: Environment, config: MkDocsConfig, files: Files) -> None:
    """Give templates filters, and have them leave out the blanks around statements."""
    env.trim_blocks = env.lstrip_blocks = True

    @cache
    def css(text: str) -> str:
        try:
            return process_stylesheet(text)
        except ValueError as error:
            raise PluginError(f"site/theme/css can't be read: {error}") from error

    def of_the_theme(pattern: str) -> str:
        found = [file.url for file in files if fnmatch(file.src_uri, pattern)]
        if len(found) != 1:
            raise PluginError(f"theme: {len(found)} files are named {pattern}: {found}")
        return found[0]

    env.filters |= {"css": css, "js": rjsmin.jsmin, "of_the_theme": of_the_theme}
