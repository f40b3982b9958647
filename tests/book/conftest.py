"""The pages of this tree, read once for all tests that change nothing of it."""

from pathlib import Path

import pytest

from book.run_in_page import bundle
from tests.book.pages import Pages
from tests.site.build import ROOT


@pytest.fixture(scope="session")
def pages() -> Pages:
    return Pages()


@pytest.fixture(scope="session")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's cache in which Python is packed for the pages, as far as these see."""
    cache = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(cache))
        bundle.folder(ROOT).mkdir(parents=True)
    return cache


@pytest.fixture(autouse=True)
def _python_is_packed(packed: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    monkeypatch.setenv("XDG_CACHE_HOME", str(packed))
