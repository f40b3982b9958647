"""Notes on lines of a program, and folds: each names its lines, or the build ends."""

import re
from collections.abc import Callable

import pytest

from book.folds import FOLDED, folded, folds_of, head_of, waits_in
from tests.book.pages import FAULT, Pages
from tests.site.build import ROOT

PAGE = ROOT / "docs" / "services.md"


def _instead(old: str, new: str) -> Callable[[str], str]:
    def broken(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return broken


SAYS: dict[str, tuple[Callable[[str], str], str]] = {
    "no line": (
        _instead('1. `"targetPort": "http"`', "1. `no_such_text`"),
        "`program | services/01_create.py`: a note is about `no_such_text`, "
        "which no lines contain: it has to be in exactly one",
    ),
    "two lines": (
        _instead('1. `"targetPort": "http"`', "1. `NAMESPACE`"),
        "`program | services/01_create.py`: a note is about `NAMESPACE`, which ",
    ),
    "another order": (
        _instead('1. `"targetPort": "http"`', "1. `slices[0].ports[0].port`"),
        "services.md, `program | services/01_create.py`: the note about "
        "`made.spec.cluster_ip != ''` comes after one about a later line, or the same",
    ),
    "no text": (
        _instead('1. `"targetPort": "http"`', "1. This"),
        "`program | services/01_create.py`: a note has to begin with a line's text",
    ),
    "no list": (
        _instead('1. `"targetPort": "http"`', "`target_port`"),
        "`program | services/01_create.py`: only a numbered list of notes belongs here",
    ),
}


@pytest.mark.parametrize("fault", SAYS)
def test_build_fails_where_notes_are_about(pages: Pages, fault: str) -> None:
    broken, says = SAYS[fault]
    with pytest.raises(FAULT, match=re.escape(says)):
        pages.page("services.md", text=broken(PAGE.read_text()))


def test_nothing_is_wrong_with_the_notes_as_they_are(pages: Pages) -> None:
    assert pages.html("services.md").select("figure .notes")


WAITS = """\
import time
from kubernetes import client, config

NAMESPACE = "here"

config.load_kube_config()
apps = client.AppsV1Api()
made = apps.create()
deadline = 5
while True:
    time.sleep(1)
    made = apps.read()
    if made:
        break
print(made)
#> True
"""


def test_head_of_a_program_ends_where_its_work_begins() -> None:
    (fold,) = head_of(WAITS)
    assert (fold.first, fold.last) == (1, 7)
    assert head_of("import time\n\nprint(1)\n") == []


def test_long_text_is_no_configuration() -> None:
    """It is a program of its own, say, and what the page is about."""
    long = '"""' + "\n" * (FOLDED + 1) + '"""'
    head = 'import a\n\nimport b\n\nNAME = "web"\n\n'
    (short,) = head_of(f"{head}TEXT = 'a'\nwork()\n")
    (before,) = head_of(f"{head}TEXT = {long}\nwork()\n")
    assert (short.last, before.last) == (7, 6)


def test_statements_that_follow_each_other_are_one_fold() -> None:
    (fold,) = folded(WAITS, ["deadline =", "while True"])
    assert (fold.first, fold.last) == (9, 14)
    assert fold.title == "6 lines: deadline = 5"


def test_wait_is_folded_where_nothing_is_said_of_it() -> None:
    (wait,) = waits_in(WAITS)
    assert (wait.first, wait.last) == (9, 14)
    assert [fold.first for fold in folds_of(WAITS, [], set())] == [1, 9]
    assert [fold.first for fold in folds_of(WAITS, [], {12})] == [1]
    assert waits_in(WAITS.replace("        break\n", "        break\n    #> 1\n")) == []


@pytest.mark.parametrize("start", ["nothing", "time"])
def test_fold_has_to_name_one_statement(start: str) -> None:
    with pytest.raises(FAULT, match=f"fold `{start}`"):
        folded(WAITS, [start])


def test_folded_program_is_whole(pages: Pages) -> None:
    for figure in pages.html("rollouts.md").select(
        "figure.program:not(.program--other)"
    ):
        name = figure.select(".program__name")[0].get_text()
        text = "".join(code.get_text() for code in figure.select("pre > code"))
        assert text == (ROOT / "examples" / "rollouts" / name).read_text()
