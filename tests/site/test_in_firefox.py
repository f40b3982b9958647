"""A reader with Firefox: each recorded program prints its lines, and a button runs one.

Playwright drives a Firefox of its own build. Its channel for others, moz-firefox, needs
emulation.setMediaFeaturesOverride, which Debian's Firefox lacks. So these few commands
are WebDriver BiDi as Firefox speaks it: https://w3c.github.io/webdriver-bidi/
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from websocket import create_connection

from sandbox import ports, waiting
from sandbox.story import printed
from tests.conftest import run_directory
from tests.site.conftest import SECONDS
from tests.site.recorded_programs import HANGS, read, unlike_their_lines

pytestmark = pytest.mark.xdist_group("run-in-firefox")

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")

# A click opens the panel, a second one has Python downloaded. Ends as the program does.
CLICK_RUN = """
async (program) => {
  const frame = document.querySelector(`figure.program[id="${program}"]`);
  const texts = (selector) =>
    [...frame.querySelectorAll(selector)].map((each) => each.textContent);
  const there = async (selector) => {
    while (!frame.querySelector(selector))
      await new Promise((later) => setTimeout(later, 50));
    return frame.querySelector(selector);
  };
  frame.querySelector("[data-run]").click();
  (await there(".in-page [name=run]:not(:empty)")).click();
  await there(".in-page [name=run]:not([hidden])");
  return [texts("[data-is=same]"), texts("[role=status]")];
}
"""


class Firefox:
    """The one tab of a Firefox, which does one thing at a time."""

    def __init__(self, address: str) -> None:
        self.errors: list[str] = []
        # All the programs are one command.
        self.socket = create_connection(
            address, timeout=2 * HANGS, suppress_origin=True
        )
        self.send("session.new", capabilities={})
        self.send("session.subscribe", events=["log.entryAdded"])
        (tab,) = self.send("browsingContext.getTree")["contexts"]
        self.tab: str = tab["context"]

    def send(self, method: str, **params: Any) -> Any:
        """The result of a command. Errors that a page logs meanwhile are kept."""
        self.socket.send(json.dumps({"id": 1, "method": method, "params": params}))
        while (got := json.loads(self.socket.recv()))["type"] == "event":
            if got["params"]["level"] == "error":
                self.errors.append(got["params"]["text"])
        assert got["type"] == "success", got
        return got["result"]

    def goto(self, url: str) -> None:
        self.send(
            "browsingContext.navigate", context=self.tab, url=url, wait="complete"
        )

    def evaluate(self, function: str, argument: Any) -> Any:
        """What a function of JavaScript returns in the page, as with Playwright."""
        called = f"await ({function})({json.dumps(argument)})"
        ended = self.send(
            "script.callFunction",
            functionDeclaration=f"async () => JSON.stringify({called})",
            target={"context": self.tab},
            awaitPromise=True,
        )
        assert ended["type"] == "success", ended["exceptionDetails"]["text"]
        return json.loads(ended["result"]["value"])


@pytest.fixture(scope="module")
def firefox(request: pytest.FixtureRequest) -> Iterator[Firefox]:
    """A Firefox that has nothing of the user's. In the end, no page had an error."""
    if FIREFOX is None:
        why = "no firefox on PATH (Debian: apt-get install firefox-esr)"
        # Where nobody reads what was skipped, it must not be.
        pytest.fail(why, pytrace=False) if os.environ.get("CI") else pytest.skip(why)
    home = request.config.stash[run_directory] / "firefox"
    home.mkdir()
    (port,) = ports.find(1)
    process = subprocess.Popen(
        [FIREFOX, "--headless", f"--remote-debugging-port={port}", "--profile", home],
        env=os.environ | {"HOME": str(home)},
    )
    try:
        waiting.until(
            "Firefox to listen",
            lambda: f"nothing on port {port}" if ports.is_free(port) else None,
            SECONDS,
        )
        tab = Firefox(f"ws://127.0.0.1:{port}/session")
        yield tab
    finally:
        process.terminate()
        try:
            process.wait(SECONDS)
        finally:
            process.kill()
    assert not tab.errors, "\n".join(tab.errors)


def test_each_program_prints_its_lines(
    firefox: Firefox, address: str, recorded: list[str]
) -> None:
    firefox.goto(f"{address}offline/")
    wrong = unlike_their_lines(firefox.evaluate, address, recorded)
    assert not wrong, "\n".join(wrong)


def test_button_runs_a_program(
    firefox: Firefox, address: str, recorded: list[str]
) -> None:
    firefox.goto(f"{address}first-steps/")
    same, (status,) = firefox.evaluate(CLICK_RUN, "04_update")
    assert "Each line is as on the page." in status
    assert same == [f"{line}\n" for line in printed(read("first-steps/04_update"))]
