"""The player that answers a program's requests in a page, as a browser loads it."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.site.build import ROOT
from tests.site.conftest import served

POD = {"kind": "Pod", "metadata": {"name": "a", "labels": {"x": "1", "y": "2"}}}
PODS = "/api/v1/namespaces/n/pods"
EXCHANGE: dict[str, Any] = {
    "start": 1000.5,
    "exchanges": [
        {
            "at": 10,
            "method": "POST",
            "path": PODS,
            "query": "",
            "body": '{"kind": "Pod", "metadata": {"name": "a"}}',
            "content": "application/json",
            "status": 201,
            "reason": "Created",
            "type": "application/json",
            "until": 30,
            "answer": "{}",
            "headers": {"Warning": '299 - "old"'},
        },
        {
            "at": 40,
            "method": "GET",
            "path": PODS,
            "query": "limit=5&labelSelector=app%3Dweb",
            "body": None,
            "status": 200,
            "reason": "OK",
            "type": "application/json",
            "until": 300,
            "answer": None,
            "chunks": [[50, "one\n"], [300, "two\n"]],
        },
    ],
}
FIRST = ["POST", PODS, '{"metadata": {"name": "a"}, "kind": "Pod"}', "application/json"]
JSON = ["Content-Type", "application/json"]
WARNING = ["Warning", '299 - "old"']
SECOND = ["GET", f"{PODS}?labelSelector=app%3Dweb&limit=5"]

# Each step is a call, and becomes what it returned, with the time after it.
PLAY = """
async ([exchange, steps]) => {
  const { Player } = await import("./player.js");
  const waits = [];
  const player = new Player(exchange, (from, to) => waits.push(Math.round(to - from)));
  let read;
  return steps.map(([call, ...args]) => {
    if (call === "waits") return waits;
    let made = call === "read" ? read() : player[call](...args);
    if (made?.read) {
      ({ read, ...made } = made);
    }
    return [made ?? null, Math.round(player.now() - exchange.start * 1000)];
  });
}
"""


@pytest.fixture(scope="module")
def folder() -> Iterator[str]:
    with served(ROOT / "site" / "python") as address:
        yield address


def play(page: Page, folder: str, *steps: list[Any], ended: bool = False) -> Any:
    """What each step returned, and the program's time in ms after it."""
    # Any page of this origin will do.
    page.goto(f"{folder}package.json")
    first, second = EXCHANGE["exchanges"]
    exchange = {**EXCHANGE, "exchanges": [first, {**second, "ended": ended}]}
    return page.evaluate(PLAY.replace("./", folder), [exchange, list(steps)])


def test_answers_are_the_recorded_ones_at_their_times(page: Page, folder: str) -> None:
    steps = [["request", *FIRST], ["read"], ["read"], ["request", *SECOND]]
    steps += [["read"], ["read"], ["read"]]
    assert play(page, folder, *steps, ended=True) == [
        [{"status": 201, "reason": "Created", "headers": [JSON, WARNING]}, 30],
        ["{}", 30],
        [None, 30],
        [{"status": 200, "reason": "OK", "headers": [JSON]}, 30],
        ["one\n", 50],
        ["two\n", 300],
        [None, 300],
    ]


def test_sleep_moves_the_clock_and_an_answer_never_moves_it_back(
    page: Page, folder: str
) -> None:
    steps = [["sleep", 0.2], ["request", *FIRST], ["waits"]]
    slept, answered, waits = play(page, folder, *steps)
    assert slept == [None, 200]
    assert answered[1] == 200
    assert waits == [200]


def test_real_pace_waits_as_long_as_the_clock_moves(page: Page, folder: str) -> None:
    steps = [["request", *FIRST], ["sleep", 0.01], ["request", *SECOND]]
    steps += [["read"], ["read"], ["waits"]]
    assert play(page, folder, *steps)[-1] == [30, 10, 10, 250]


@pytest.mark.parametrize(
    ("asked", "ending"),
    [
        (["PUT", *FIRST[1:]], ""),
        (["POST", f"{PODS}/a", FIRST[2]], ""),
        (["POST", f"{PODS}?dryRun=All", FIRST[2]], ""),
        (["POST", PODS, '{"kind": "Pod", "metadata": {"name": "b"}}'], "this body"),
        (["POST", PODS, None], "this body"),
        ([*FIRST[:3], "application/merge-patch+json"], "this Content-Type"),
        (SECOND, ""),
    ],
    ids=["method", "path", "query", "body", "no body", "content type", "order"],
)
def test_what_was_not_asked_is_refused_in_one_sentence(
    page: Page, folder: str, asked: list[Any], ending: str
) -> None:
    ((refused, time), (again, _)) = play(
        page, folder, ["request", *asked], ["request", *FIRST]
    )
    more = f", with {ending}" if ending else ""
    message = f"This was not asked in the recorded run: {asked[0]} {asked[1]}{more}"
    assert refused == {"refused": message}
    assert time == 0
    assert again == refused, "what a program asks after that is answered"


def test_nothing_more_is_answered_than_was_recorded(page: Page, folder: str) -> None:
    steps = [["request", *FIRST], ["request", *SECOND], ["read"], ["read"], ["read"]]
    more, again = play(page, folder, *steps, ["request", *FIRST])[-2:]
    read = f"The recorded run read no further in the answer to this: GET {PODS}"
    assert more[0] == {"refused": read}
    assert again[0] == more[0]
