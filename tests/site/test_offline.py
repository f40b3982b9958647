"""Can the site be read from files? As `make offline` packs it, in Chromium."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page, expect

from tests.site.build import ROOT
from tests.site.conftest import new_context

pytestmark = pytest.mark.xdist_group("offline")


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive, made in this tree by these tests' own packages, and unpacked."""
    here = Path(sys.executable).parent
    done = subprocess.run(
        ["make", "offline", "RUN_SITE="],
        cwd=ROOT,
        env={**os.environ, "PATH": f"{here}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    target = tmp_path_factory.mktemp("offline")
    with zipfile.ZipFile(ROOT / "build" / "kubernetes-overview.zip") as archive:
        archive.extractall(target)
    (folder,) = target.iterdir()
    return folder


@pytest.fixture
def offline(browser: Browser) -> Iterator[Page]:
    """A page that notes what it should not: what it asks of others, and errors."""
    context = new_context(
        browser, offline=True, permissions=["clipboard-read", "clipboard-write"]
    )
    page = context.new_page()
    wrong: list[str] = []
    own = ("file:", "data:", "blob:", "about:")
    page.on("request", lambda r: None if r.url.startswith(own) else wrong.append(r.url))
    page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    context.close()
    assert not wrong, wrong


def test_every_page_opens_from_its_file(offline: Page, unpacked: Path) -> None:
    pages = sorted({*unpacked.rglob("*.html")} - {unpacked / "404.html"})
    assert len(pages) > 30
    for path in pages:
        offline.goto(path.as_uri(), wait_until="load")
        expect(offline.locator("article h1")).to_be_visible()


def test_every_link_leads_to_a_file(unpacked: Path) -> None:
    broken: list[str] = []
    for path in {*unpacked.rglob("*.html")} - {unpacked / "404.html"}:
        for tag in BeautifulSoup(path.read_text(), "lxml").select("[href], [src]"):
            url = urlsplit(str(tag.get("href") or tag.get("src")))
            if url.scheme or url.netloc or not url.path:
                continue
            if not (path.parent / unquote(url.path)).is_file():
                broken.append(f"{path.relative_to(unpacked)}: {url.geturl()}")
    assert not broken


def test_links_and_the_search_lead_to_pages(offline: Page, unpacked: Path) -> None:
    offline.goto((unpacked / "index.html").as_uri())
    offline.locator("article a[href^='deployments.html']").first.click()
    expect(offline).to_have_url((unpacked / "deployments.html").as_uri())
    field = offline.get_by_placeholder("Search")
    field.click()
    field.fill("rollback")
    field.press("End")
    first = offline.locator(".md-search-result__link").first
    first.wait_for()
    first.click()
    expect(offline.locator("article h1")).to_contain_text(
        "Rolling updates and rollbacks"
    )
    assert urlsplit(offline.url).scheme == "file"


def test_copy_and_replay_work(offline: Page, unpacked: Path) -> None:
    offline.goto((unpacked / "rollouts.html").as_uri())
    block = offline.locator("figure.program").first
    block.get_by_role("button", name="Copy").click()
    expect(block.get_by_role("button", name="Copied")).to_be_visible()
    program = min((ROOT / "examples" / "rollouts").glob("*.py"))
    assert offline.evaluate("navigator.clipboard.readText()") == program.read_text()
    replay = offline.locator("run-replay").first
    clock = replay.locator(".replay__clock")
    before = clock.text_content()
    replay.get_by_role("button", name="Next step").click()
    expect(clock).not_to_have_text(before or "")


def test_list_of_requests_opens(offline: Page, unpacked: Path) -> None:
    offline.goto((unpacked / "deployments.html").as_uri())
    box = offline.locator(".ran--requests").first
    box.locator("> summary").click()
    expect(box.locator("li").first).to_contain_text("POST")
