"""Whoever waits gives up at a deadline, and says what was seen last."""

import pytest

from sandbox import waiting


def test_it_waits_until_nothing_is_lacking() -> None:
    seen = ["two", "one", None, "more"]
    waiting.until("all", lambda: seen.pop(0), 60, every=0)
    assert seen == ["more"]


def test_it_says_what_it_waited_for_and_saw_last() -> None:
    seen = [f"{number} of 3" for number in (2, 1)]

    def lacking() -> str:
        return seen.pop() if len(seen) > 1 else seen[0]

    with pytest.raises(waiting.TimedOut) as error:
        waiting.until("nodes", lacking, 0.01, every=0.02, advice="; try again")
    assert str(error.value) == "waited 0 s for nodes: 2 of 3; try again"


def test_it_looks_at_least_once_whatever_the_deadline() -> None:
    waiting.until("all", lambda: None, 0)


def test_an_error_meanwhile_ends_it() -> None:
    def lacking() -> str:
        raise ValueError("no such node")

    with pytest.raises(ValueError, match="no such node"):
        waiting.until("nodes", lacking, 60)
