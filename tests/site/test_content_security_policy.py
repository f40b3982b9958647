"""Whatever gets into a page, no script runs that isn't the site's.

That all pages work under their policy is seen by test_each_page.py: a browser writes an
error for each thing that it refuses.
"""

import pytest
from playwright.sync_api import Page

RAN = "document.documentElement.dataset.ran"

INLINE = """() => {
  const script = document.createElement("script");
  script.textContent = `RAN = "yes"`;
  document.body.append(script);
}""".replace("RAN", RAN)

ATTRIBUTE = """() => {
  const picture = document.createElement("img");
  picture.setAttribute("onerror", `RAN = "yes"`);
  picture.src = "data:,";
  document.body.append(picture);
  return new Promise((done) => picture.addEventListener("error", () => done()));
}""".replace("RAN", RAN)

ELSEWHERE = """() => {
  const script = document.createElement("script");
  script.src = "ADDRESS";
  return new Promise((done) => {
    script.addEventListener("error", () => done("refused"));
    script.addEventListener("load", () => done("loaded"));
    document.body.append(script);
  });
}"""


@pytest.mark.parametrize("injected", [INLINE, ATTRIBUTE], ids=["script", "attribute"])
def test_script_that_is_put_into_a_page_does_not_run(
    page: Page, address: str, injected: str
) -> None:
    page.goto(f"{address}storage/")
    page.evaluate(injected)
    assert page.evaluate(RAN) is None


def test_script_of_another_host_is_refused(page: Page, address: str) -> None:
    page.route("http://127.0.0.2/**", lambda route: route.fulfill(body="1"))
    page.goto(f"{address}storage/")
    script = ELSEWHERE.replace("ADDRESS", "http://127.0.0.2/a.js")
    assert page.evaluate(script) == "refused"


def test_page_may_run_its_own(page: Page, address: str) -> None:
    """Its colours are set by a script in the page, and kept by one of the site."""
    page.goto(f"{address}storage/")
    page.get_by_title("Switch to dark mode").click()
    page.reload()
    assert page.evaluate("document.body.dataset.mdColorScheme") == "slate"
