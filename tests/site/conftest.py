"""The site, built once for all tests that look at it, and a browser to look with."""

import functools
import json
import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from filelock import FileLock
from playwright.sync_api import (
    Browser,
    BrowserContext,
    BrowserType,
    Page,
    expect,
    sync_playwright,
)

from book.run_in_page import bundle
from book.run_in_page.exchange import SERVED
from sandbox.errors import UserError
from tests.conftest import run_directory
from tests.servers import QuietFiles, serving
from tests.site.build import ROOT, build
from tests.site.small_tree import small_tree

# The first draws what the others do, opens a page in half the time, and is Debian's.
NAMES = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"]
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)

# On a machine with much else to do; Playwright's own are 30 s, and 5 s.
SECONDS = 120
expect.set_options(timeout=SECONDS * 1000)


def built_once(
    tree: Path, target: Path, site_url: str = "", repository_url: str = ""
) -> Path:
    """The site, in a folder that all workers share: the first that asks builds it.

    Its build must pass without a warning.
    """
    target.parent.mkdir(exist_ok=True)
    with FileLock(target.with_suffix(".lock")):
        if not target.exists():
            building = target.with_suffix(".new")
            done = build(tree, building, site_url, repository_url)
            assert done.returncode == 0, done.stdout + done.stderr
            assert "WARNING" not in done.stderr, done.stderr
            building.rename(target)
    return target


class Published(NamedTuple):
    """A site that knows its address: its folder, and the path of that address.

    It knows that of its sources too.
    """

    folder: Path
    url: str
    path: str
    repository: str


@pytest.fixture(scope="session")
def published(request: pytest.FixtureRequest) -> Published:
    """The site as it is built for an address, below a path, as a project's page is.

    It is the one build of all pages, for it has all that a reader of the site gets.
    """
    url, path = "https://kubernetes.example/overview/", "overview"
    repository = "https://github.com/somebody/overview"
    target = request.config.stash[run_directory] / "published" / path
    # Once in the user's cache; test_run_in_page.py says if it isn't there.
    with suppress(UserError):
        bundle.build(ROOT)
    return Published(built_once(ROOT, target, url, repository), url, path, repository)


@pytest.fixture(scope="session")
def site(published: Published) -> Path:
    """The folder of the built site."""
    return published.folder


@pytest.fixture(scope="session")
def unpublished(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of a site that knows no address and no repository, as in a clone.

    It has a page of each kind, for what is left out then is left out of all.
    """
    tree = small_tree(tmp_path_factory.mktemp("unpublished") / "tree")
    return built_once(tree, request.config.stash[run_directory] / "unpublished")


@contextmanager
def served(folder: Path, handler: type[QuietFiles] = QuietFiles) -> Generator[str]:
    """The address under which the site in a folder is served meanwhile."""
    with serving(functools.partial(handler, directory=folder)) as found:
        yield f"{found}/"


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    # Below the path that it was built for: its 404 page names files from there.
    with served(site.parent) as found:
        yield f"{found}{site.name}/"


@pytest.fixture(scope="session")
def recorded(site: Path) -> list[str]:
    """The programs that a page can play, as STORY/NN_name."""
    if not (site / "assets" / "python").exists():
        why = "Python for the pages is not packed: make site says why"
        # Where nobody reads what was skipped, it must not be.
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
    folder = site / SERVED
    found = sorted(
        str(path.relative_to(folder).with_suffix(""))
        for path in folder.glob("*/*.json")
        if not json.loads(path.read_text())["why_not"]
    )
    assert found, f"the site has no {SERVED}/*/*.json that can be played"
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        reason = "no chromium on PATH (Debian: apt-get install chromium)"
        # Where nobody reads what was skipped, it must not be.
        pytest.fail(reason, pytrace=False) if os.environ.get("CI") else pytest.skip(
            reason
        )
    with sync_playwright() as playwright, launched(playwright.chromium) as browser:
        yield browser


def launched(chromium: BrowserType) -> Browser:
    """Start a browser of its own."""
    # A container's root has no sandbox to give; the pages are our own.
    return chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = new_context(browser, permissions=["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


def new_context(browser: Browser, **options: Any) -> BrowserContext:
    """A context of the browser, such as one without JavaScript, with its deadline."""
    context = browser.new_context(**options)
    context.set_default_timeout(SECONDS * 1000)
    return context
