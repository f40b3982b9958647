"""Where are the examples, and which page includes which of them?"""

import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import NamedTuple, TypeVar

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files

from sandbox.errors import UserError
from sandbox.story import Program, Story, load
from sandbox.story import programs as programs_in

# A snippet marker alone on its line. A part of a file is named after a colon:
# https://facelessuser.github.io/pymdown-extensions/extensions/snippets/
INCLUDE = re.compile(r"^[ \t]*--8<-- ([\"'])(?P<path>[^\"':]+)(?P<part>:[^\"']*)?\1")


Read = TypeVar("Read", Story, tuple[Program, ...])


class Include(NamedTuple):
    """A snippet marker on a page: the line it stands on and the file it names."""

    line: int
    path: str
    whole: bool


def folder(config: MkDocsConfig) -> Path:
    """The folder of all examples, beside mkdocs.yml."""
    return Path(config.config_file_path).parent / "examples"


def story(config: MkDocsConfig, name: str, page: str) -> Story:
    """The story that a page names.

    Raises PluginError, which ends the build with one line, where there is no such
    story or its folder cannot be read.
    """
    try:
        return _read(load, folder(config) / name)
    except UserError as error:
        raise PluginError(f"{page} names the story '{name}': {error}") from None


def programs(config: MkDocsConfig, name: str, page: str) -> tuple[Program, ...]:
    """The programs of a folder that a page names, be it a story or not.

    Raises PluginError where it cannot be read.
    """
    try:
        return _read(programs_in, folder(config) / name)
    except UserError as error:
        raise PluginError(f"{page} names the folder '{name}': {error}") from None


def _read(read: Callable[[Path], Read], place: Path) -> Read:
    """What a folder says; read once, and again when one of its files has changed."""
    files = place.iterdir() if place.is_dir() else ()
    stamps = tuple(sorted((path.name, path.stat().st_mtime_ns) for path in files))
    return _read_once(read, place, stamps)


@lru_cache(maxsize=200)
def _read_once(
    read: Callable[[Path], Read], place: Path, _stamps: tuple[tuple[str, int], ...]
) -> Read:
    return read(place)


def stories(config: MkDocsConfig) -> list[Path]:
    """The folders of examples/ that the suite runs as stories, on its own clusters."""
    return sorted(path.parent for path in folder(config).glob("*/setup.yaml"))


def includes(markdown: str) -> list[Include]:
    """The files that a page includes, in the order of the page."""
    return [
        Include(number, match["path"], match["part"] is None)
        for number, line in enumerate(markdown.splitlines(), start=1)
        if (match := INCLUDE.match(line))
    ]


def anchor(path: str, page: str) -> str:
    """Where a program is on the page that includes it.

    A page of another name than the program's folder may have programs of more folders,
    of the same names.
    """
    folder, name = path.removesuffix(".py").split("/")
    return name if PurePosixPath(page).stem == folder else f"{folder}_{name}"


@lru_cache(maxsize=1)
def pages(files: Files) -> dict[str, str]:
    """The page that includes each program as a whole, by the program's path."""
    return {
        include.path: page.src_uri
        for page in files.documentation_pages()
        for include in includes(page.content_string)
        if include.whole
    }
