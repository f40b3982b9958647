"""Where are this site's sources on GitHub? Said only where the build was told.

MkDocs' own `repo_url` is not set: with it the theme's script asks api.github.com for
the number of stars, a request to another host.
"""

import re
from urllib.parse import urlencode

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError

ADDRESS = re.compile(r"https://github\.com/(?P<name>[\w.-]+/[\w.-]+?)/?")


def name(config: MkDocsConfig) -> str:
    """The repository as OWNER/NAME, or an empty text where it is not known.

    Raises PluginError where REPOSITORY_URL is not that of a repository on GitHub.
    """
    address = config.extra["repository"]
    if not address:  # None, where the variable is empty
        return ""
    match = ADDRESS.fullmatch(address)
    if not match:
        raise PluginError(
            f"REPOSITORY_URL is {address}: set it to https://github.com/OWNER/NAME"
        )
    return match["name"]


def page_of(path: str, config: MkDocsConfig) -> str:
    """The page on GitHub of a file, named by its path in the repository, or nothing.

    It is of the commit that the site was built from, so that both show the same. Raises
    PluginError as `name` does.
    """
    repository = name(config)
    commit = config.extra["commit"]
    return f"https://github.com/{repository}/blob/{commit}/{path}" if repository else ""


def issue(path: str, config: MkDocsConfig) -> str:
    """The form on GitHub that says what is wrong on a page, or nothing.

    It is .github/ISSUE_TEMPLATE/page.yml, with the page's path in the repository and
    the commit filled in. Raises PluginError as `name` does.
    """
    repository = name(config)
    fields = {"template": "page.yml", "page": path, "version": config.extra["commit"]}
    address = f"https://github.com/{repository}/issues/new?{urlencode(fields)}"
    return address if repository else ""


def codespace(config: MkDocsConfig) -> str:
    """The page that opens the repository in a browser tab, ready to run, or nothing.

    Raises PluginError as `name` does.
    """
    repository = name(config)
    return f"https://codespaces.new/{repository}?quickstart=1" if repository else ""
