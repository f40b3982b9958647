"""Below a program: what it asked in its recorded run, and what kubectl showed then."""

import json
import lzma
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from mkdocs.structure.files import File

from book import digest, markdown_copies
from book.run_in_page import recording
from sandbox import story
from sandbox.errors import UserError
from tests.book.pages import Pages, linked
from tests.site.build import ROOT

TOLD = story.load(ROOT / "examples" / "deployments")
NAMES = [program.path.name for program in TOLD.programs]
COMMAND = "kubectl get deployments --namespace=overview-deployments"
ONE = {
    "at": 3,
    "method": "GET",
    "path": "/api/v1/namespaces/overview-deployments/pods",
    "query": "limit=5",
    "body": None,
    "status": 200,
    "reason": "OK",
    "type": "application/json",
    "until": 5,
    "answer": '{"items": []}',
}


def objects(*ages: str, ready: str = "3/3") -> str:
    rows = [f"web    {ready}     3            3           {age}" for age in ages]
    return "\n".join(["NAME   READY   UP-TO-DATE   AVAILABLE   AGE", *rows])


def content(**changed: Any) -> Any:
    """A recording in which each program asked for the same and saw the same."""
    programs = {
        name: {
            "start": 1796000000.123,
            "seconds": 4.2,
            "why_not": None,
            "kubectl": None,
            "exchanges": [ONE],
        }
        for name in NAMES
    }
    for name, values in changed.items():
        programs[next(each for each in NAMES if each[:2] == name[1:])] |= values
    return {
        "kubernetes": "v1.37.2",
        "driver": "kwok",
        "date": "2026-11-29",
        "programs": programs,
    }


def tree_with(target: Path, **changed: Any) -> Path:
    """The site's tree, in which one story has this recording, and no other has any."""
    linked(target, without="recordings")
    for path in target.glob("recordings/stories/*"):
        path.unlink()
    recording.write(target, TOLD, content(**changed))
    return target


def figure(page: BeautifulSoup, number: int) -> Any:
    return page.select_one(f'figure[id="{NAMES[number - 1].removesuffix(".py")}"]')


def boxes(page: BeautifulSoup, number: int) -> list[Any]:
    """What stands below a program: folds, as long as there are some."""
    found: list[Any] = []
    for each in figure(page, number).find_next_siblings():
        if each.name != "details":
            break
        found.append(each)
    return found


def test_page_links_to_what_was_asked_and_serves_it(tmp_path: Path) -> None:
    pages = Pages(tree_with(tmp_path))
    page = pages.html("deployments.md")
    (box,) = boxes(page, 1)
    link = box.select_one("a")
    assert box.select_one("summary").get_text() == "What it asked the API server"
    assert " ".join(box.p.get_text().split()) == (
        "1 request with its answer, from one run, recorded on 29 November 2026 on "
        "Kubernetes 1.37.2."
    )
    assert link["href"] == figure(page, 1)["data-recorded"]
    name = "assets/runs/deployments/01_create.json"
    assert link["href"].endswith(name)
    file = pages.files.get_file_from_path(name)
    assert isinstance(file, File)
    assert json.loads(file.content_string) == {
        "kubernetes": "v1.37.2",
        "driver": "kwok",
        "date": "2026-11-29",
        "start": 1796000000.123,
        "seconds": 4.2,
        "why_not": None,
        "exchanges": [ONE],
    }


def why_not(page: BeautifulSoup, number: int) -> str:
    """What stands below a program that has no button."""
    return figure(page, number).select_one(".no-button").get_text()


def test_program_that_can_not_be_played_is_listed_and_says_why(tmp_path: Path) -> None:
    why = "one of its requests gets no answer"
    failed = ONE | {"status": 0, "reason": "", "type": "", "answer": ""}
    failed |= {"failed": "NewConnectionError"}
    tree = tree_with(
        tmp_path,
        p01={"why_not": why, "exchanges": [ONE, failed, ONE]},
        p02={"why_not": why, "exchanges": [failed]},
        p03={"why_not": "it sends the time at which it runs", "exchanges": [ONE]},
    )
    pages = Pages(tree)
    page = pages.html("deployments.md")
    assert figure(page, 1)["data-why-not"] == why
    assert not figure(page, 1).has_attr("data-recorded")
    assert not figure(page, 1).select("[data-run]")
    assert why_not(page, 1) == (
        "You can't run this program in the page, which only plays back the answers of "
        f"a recorded run: {why}."
    )
    links = [box.a for n in (1, 2, 3) for box in boxes(page, n)]
    assert [link.get_text() for link in links] == [
        "3 requests, 1 without an answer",
        "1 request without an answer",
        "1 request with its answer",
    ]
    name = "assets/runs/deployments/01_create.json"
    assert links[0]["href"].endswith(name)
    file = pages.files.get_file_from_path(name)
    assert isinstance(file, File)
    served = json.loads(file.content_string)
    assert (served["why_not"], served["exchanges"]) == (why, [ONE, failed, ONE])


def test_program_whose_requests_are_not_listed_says_why_and_is_not_served(
    tmp_path: Path,
) -> None:
    why = "it starts threads of its own"
    run = {"why_not": why, "unlisted": "some may be missing", "exchanges": []}
    tree = tree_with(tmp_path, p01=run | {"kubectl": [COMMAND, objects("5s")]})
    pages = Pages(tree)
    page = pages.html("deployments.md")
    assert why_not(page, 1).endswith(
        f" run: {why}. Its requests aren't listed: some may be missing."
    )
    assert [box["class"] for box in boxes(page, 1)] == [["ran"]]
    served = [f.src_uri for f in pages.files if "assets/runs" in f.src_uri]
    assert len(served) == len(NAMES) - 1


def test_kubectl_is_shown_where_it_shows_something_new(tmp_path: Path) -> None:
    tree = tree_with(
        tmp_path,
        p01={"kubectl": [COMMAND, objects("5s")]},
        p02={"kubectl": [COMMAND, objects("1m5s")]},
        p04={"kubectl": [COMMAND, objects("2m")]},
        p05={"kubectl": [COMMAND, objects("3m", ready="2/3")]},
    )
    page = Pages(tree).html("deployments.md")
    shown = {
        number: box.pre.get_text()
        for number in range(1, len(NAMES) + 1)
        for box in boxes(page, number)
        if box.pre
    }
    assert shown == {
        1: f"{COMMAND}\n{objects('5s')}",
        5: f"{COMMAND}\n{objects('3m', ready='2/3')}",
    }
    box = boxes(page, 1)[0]
    assert box.summary.get_text() == "What kubectl get showed then"
    assert " ".join(box.p.get_text().split()) == (
        "Names, ages and addresses are those of one run, recorded on 29 November 2026 "
        "on Kubernetes 1.37.2. Nothing compares them."
    )
    assert not box.has_attr("open")


def test_copy_in_markdown_has_none_of_it(tmp_path: Path) -> None:
    tree = tree_with(tmp_path, p01={"kubectl": [COMMAND, objects("5s")]})
    page = Pages(tree).page("deployments.md")
    assert COMMAND in (page.content or "")
    copy = markdown_copies.markdown(page.content or "", "")
    assert "What it asked" not in copy
    assert COMMAND not in copy


def test_stale_recording_is_left_out(tmp_path: Path) -> None:
    tree = tree_with(tmp_path)
    path = recording.file_of(tree, "deployments")
    stale = content() | {"story": "0" * 16}
    path.write_bytes(lzma.compress(json.dumps(stale).encode()))
    assert recording.fault(tree, TOLD) == (
        "examples/deployments has changed since it was recorded: "
        "run `make test SANDBOX=kwok "
        "PYTEST_ARGS='tests/examples -k [deployments --record'`"
    )
    pages = Pages(tree)
    page = pages.html("deployments.md")
    assert not page.select(".ran")
    assert figure(page, 1)["data-why-not"] == "no run of it is recorded"
    assert not [f for f in pages.files if "assets/runs" in f.src_uri]


def test_missing_recording_is_left_out_and_a_fault(tmp_path: Path) -> None:
    tree = tree_with(tmp_path)
    recording.file_of(tree, "deployments").unlink()
    assert recording.fault(tree, TOLD) == (
        "there is no recordings/stories/deployments.json.xz: "
        "run `make test SANDBOX=kwok "
        "PYTEST_ARGS='tests/examples -k [deployments --record'`"
    )
    assert not Pages(tree).html("deployments.md").select(".ran")


@pytest.mark.parametrize("broken", [b"", b"no", lzma.compress(b"{")])
def test_build_fails_where_a_recording_is_cut_off(
    tmp_path: Path, broken: bytes
) -> None:
    tree = tree_with(tmp_path)
    recording.file_of(tree, "deployments").write_bytes(broken)
    says = r"deployments\.json\.xz: not a recording \(.*\): run `make test SANDBOX=kwok"
    with pytest.raises(UserError, match=says):
        Pages(tree)


def test_same_run_makes_the_same_file(tmp_path: Path) -> None:
    recording.write(tmp_path, TOLD, content())
    first = recording.file_of(tmp_path, "deployments").read_bytes()
    recording.write(tmp_path, TOLD, content())
    assert recording.file_of(tmp_path, "deployments").read_bytes() == first
    read = recording.read(tmp_path, "deployments")
    assert read == content() | {"story": digest.of_story(TOLD)}
