"""Where does an address lead that is no page's? To one that helps to go on."""

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Page, Response, expect

from tests.servers import QuietFiles
from tests.site.conftest import Published, served


class Host(QuietFiles):
    """Answers as hosts of sites do: for what is missing, by the site's 404.html."""

    def send_error(self, code: int, *args: Any, **options: Any) -> None:
        (answer,) = Path(self.directory).glob("**/404.html")
        self.send_response(code)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(answer.read_bytes())


@pytest.fixture(scope="module", params=["", "overview"])
def home(
    request: pytest.FixtureRequest, unpublished: Path, published: Published
) -> Iterator[str]:
    """The address of the home page: of a site that knows none, and below a path."""
    assert published.path == "overview"
    folder = published.folder.parent if request.param else unpublished
    with served(folder, Host) as address:
        yield urljoin(address, f"{request.param}/") if request.param else address


@pytest.mark.parametrize("missing", ["no-such-page", "rollouts/no/such/page.html"])
def test_page_for_what_is_missing_leads_on(page: Page, home: str, missing: str) -> None:
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(home + missing, wait_until="networkidle")
    first, *others = answers
    assert first.status == HTTPStatus.NOT_FOUND
    assert others, "its styles and scripts"
    assert not [answer.url for answer in others if not answer.ok]
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such page")
    links = page.locator("article a")
    ways = [urljoin(page.url, str(a.get_attribute("href"))) for a in links.all()]
    assert home in ways
    assert f"{home}rollouts/" in ways
    assert not [way for way in ways if not page.request.get(way).ok]


@pytest.mark.parametrize(
    ("missing", "words"), [("old/rollback.html", "old rollback"), ("100%/", "100")]
)
def test_search_has_the_words_of_the_address(
    page: Page, home: str, missing: str, words: str
) -> None:
    page.goto(home + missing)
    field = page.get_by_role("searchbox", name="Search for")
    expect(field).to_have_value(words)


def test_page_for_what_is_missing_offers_the_search(page: Page, home: str) -> None:
    page.goto(f"{home}no-such-page")
    field = page.get_by_role("searchbox", name="Search for")
    field.fill("rollback")
    field.press("Enter")
    first = page.locator(".md-search-result__link").first
    first.wait_for()
    link = urljoin(page.url, str(first.get_attribute("href")))
    assert urlsplit(link).path == urlsplit(f"{home}rollouts/").path
