"""What the theme's templates can do.

The theme's templates and its search are used, its style sheets are not: a page has in
its head what it needs of site/theme/css, and waits for nothing to be painted.
"""

from base64 import b64encode
from fnmatch import fnmatch
from functools import cache
from hashlib import sha256

import rjsmin  # pyright: ignore[reportMissingTypeStubs]
from jinja2 import Environment
from lightningcss import process_stylesheet
from mkdocs.structure.files import Files

from sandbox.errors import UserError

# The first that mix colours. They know no nested rules, so none are left.
BROWSERS = ["chrome 111", "firefox 113", "safari 16.4"]


def furnish(env: Environment, files: Files, published: bool) -> None:
    """Give templates filters, and have them leave out blanks around statements.

    The filter `css` raises UserError where a style sheet can't be read, and
    `of_the_theme` where not exactly one file has a name of that pattern. By `published`
    templates know that a server will serve the pages as they are.
    """

    def css(text: str) -> str:
        try:
            return process_stylesheet(text, browsers_list=BROWSERS)
        except ValueError as error:
            raise UserError(f"site/theme/css can't be read: {error}") from error

    def of_the_theme(pattern: str) -> str:
        urls = [file.url for file in files if fnmatch(file.src_uri, pattern)]
        if len(urls) != 1:
            raise UserError(f"theme: {len(urls)} files are named {pattern}: {urls}")
        return urls[0]

    def source_hash(script: str) -> str:
        # https://www.w3.org/TR/CSP3/#grammardef-hash-source
        return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"

    env.trim_blocks = env.lstrip_blocks = True
    env.filters["css"] = cache(css)  # Most pages have the same.
    env.filters["js"] = rjsmin.jsmin
    env.filters["of_the_theme"] = of_the_theme
    env.filters["source_hash"] = source_hash
    env.globals["published"] = published  # pyright: ignore[reportArgumentType]
