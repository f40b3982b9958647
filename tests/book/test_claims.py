"""The list of the chapter's claims: a mistake in it ends the build with one line."""

import logging
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.book.pages import FAULT, Pages, linked, replace
from tests.site.build import ROOT

CLAIMS = ROOT / "facts" / "claims.yaml"


def with_claims(tree: Path, change: Callable[[str], str]) -> Path:
    """This tree with another list of claims."""
    linked(tree, without="facts")
    text = CLAIMS.read_text()
    replace(tree / "facts" / "claims.yaml", change(text))
    assert change(text) != text
    return tree


WRONG: dict[str, Callable[[str], str]] = {
    "names examples/rollouts/99_undo.py, which no page shows": lambda text: (
        text.replace("rollouts/04_undo.py", "rollouts/99_undo.py")
    ),
    "facts/claims.yaml: choosing-": lambda text: text + "      provne: missing.py\n",
    "what-1 said: 4 is not of type 'string'": lambda text: text.replace(
        "said: It automates deploying, scaling and operating applications in "
        "containers.",
        "said: 4",
    ),
}


@pytest.mark.parametrize("says", WRONG)
def test_build_fails_and_says(tmp_path: Path, says: str) -> None:
    tree = with_claims(tmp_path, WRONG[says])
    with pytest.raises(FAULT, match=re.escape(says)):
        Pages(tree).page("claims.md")


def test_page_that_a_claim_names_and_that_is_missing_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tree = with_claims(tmp_path, lambda text: text + "      page: missing.md\n")
    with caplog.at_level(logging.WARNING):
        Pages(tree).page("claims.md")
    assert any("missing.md" in record.getMessage() for record in caplog.records)
