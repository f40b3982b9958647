"""The sources of a site, as its pages see them: programs, stories, facts and pages."""

import json
import posixpath
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

from book import digest, facts, repository
from book.claims import Heading
from book.facts import Term
from book.last_run import Record
from book.systems import Known
from sandbox.errors import UserError
from sandbox.story import Program, Story, load
from sandbox.story import programs as programs_in

# The block that shows a program; its argument is the program's path below examples/.
SHOWN = re.compile(r"^/{3,}[ ]*program[ ]*\|[ ]*(?P<path>[^\s/]+/\S+)[ ]*$")


@dataclass(frozen=True)
class Site:
    """What a build of the site is made from.

    Args:
        config: the settings of mkdocs.yml.
        files: all files of the site.
    """

    config: MkDocsConfig
    files: Files

    @property
    def root(self) -> Path:
        """The folder of mkdocs.yml."""
        return Path(self.config.config_file_path).parent

    @property
    def examples(self) -> Path:
        """The folder of all examples."""
        return self.root / "examples"

    @property
    def docs(self) -> Path:
        """The folder of all pages."""
        return Path(self.config.docs_dir)

    def text(self, path: str, place: str) -> str:
        """Read a file of examples/.

        Raises PluginError, naming the place that asks for it, where it is missing.
        """
        try:
            return (self.examples / path).read_text()
        except OSError:
            raise PluginError(
                f"{place} includes examples/{path}, which does not exist"
            ) from None

    def recording(self, name: str) -> Any:
        """Read a recording that is not one of a replay, such as "traffic"."""
        return json.loads((self.root / "recordings" / f"{name}.json").read_text())

    def story(self, place: Path, page: str) -> Story:
        """Read the story of a page. Raises PluginError where it can't be read."""
        try:
            return load(place)
        except UserError as error:
            name = place.name
            raise PluginError(f"{page} names the story '{name}': {error}") from None

    @cached_property
    def stories(self) -> list[Story]:
        """All stories of examples/. Raises PluginError where one can't be read."""
        try:
            folders = sorted(self.examples.glob("*/setup.yaml"))
            return [load(path.parent) for path in folders]
        except UserError as error:
            raise PluginError(str(error)) from None

    def program(self, path: str, page: str) -> Program:
        """Read what a program needs, named by its path below examples/.

        Raises PluginError where it is missing, or its folder can't be read.
        """
        folder, name = path.split("/")
        try:
            of_folder = self._programs[folder]
        except KeyError:
            try:
                of_folder = self._programs[folder] = programs_in(self.examples / folder)
            except UserError as error:
                raise PluginError(f"{page} names '{folder}': {error}") from None
        found = [program for program in of_folder if program.path.name == name]
        if not found:
            raise PluginError(f"{page} includes examples/{path}, which does not exist")
        return found[0]

    @cached_property
    def _programs(self) -> dict[str, tuple[Program, ...]]:
        return {}

    @cached_property
    def pages(self) -> dict[str, str]:
        """The page that shows each program, by the program's path below examples/."""
        return {path: places[0][0] for path, places in self.shown.items()}

    @cached_property
    def shown(self) -> dict[str, list[tuple[str, int]]]:
        """Where each program is shown: pages below docs/, and their lines."""
        found: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for file in self.files.documentation_pages():
            if not file.src_uri.endswith(".md"):
                continue
            for number, line in enumerate(file.content_string.splitlines(), start=1):
                if match := SHOWN.match(line):
                    found[match["path"]].append((file.src_uri, number))
        return dict(found)

    def page_of(self, path: str, named_by: str) -> str:
        """The page that shows a program, and the place on it, as a link from docs/.

        Raises PluginError where no page does.
        """
        if path not in self.pages:
            raise PluginError(f"{named_by} names examples/{path}, which no page shows")
        page = self.pages[path]
        return f"{page}#{anchor(path, page)}"

    def title_of(self, page: str) -> str:
        """The title of a page, by its first heading.

        Raises PluginError where the page is missing.
        """
        file = self.files.get_file_from_path(page)
        if not isinstance(file, File):
            raise PluginError(f"there is no docs/{page}, whose title is asked for")
        title = re.search(r"^# (.+)$", file.content_string, re.MULTILINE)
        return title[1] if title else file.name

    @cached_property
    def systems(self) -> Known:
        """What is known of each distribution. Raises PluginError as `facts` does."""
        return facts.systems(self.root)

    @cached_property
    def claims(self) -> list[Heading]:
        """What the chapter claims. Raises PluginError as `facts` does."""
        return facts.claims(self.root)

    @cached_property
    def terms(self) -> list[Term]:
        """The words of the glossary. Raises PluginError as `facts` does."""
        return facts.terms(self.root)

    @cached_property
    def records(self) -> list[Record]:
        """The last run of the suite, and the last that was recorded, if there were any.

        Raises PluginError where one can't be read.
        """
        try:
            digests = digest.of_stories(self.root)
        except UserError as error:
            raise PluginError(str(error)) from None
        paths = [
            self.root / f"{folder}/last-run.json" for folder in ("build", "recordings")
        ]
        return [record for path in paths if (record := Record.read(path, digests))]

    @cached_property
    def programs_of_stories(self) -> dict[str, int]:
        """The number of programs of each story and notebook, by its name."""
        notebooks = (self.docs / "notebooks").glob("*.ipynb")
        return {story.name: len(story.programs) for story in self.stories} | {
            path.name: 1 for path in notebooks
        }

    def source(self, path: str) -> str:
        """The page on GitHub of a file of the repository, or nothing."""
        return repository.page_of(path, self.config)


@dataclass(frozen=True)
class View:
    """The site, as one of its pages sees it: links lead from there.

    Args:
        site: the site.
        file: the page.
    """

    site: Site
    file: File

    @property
    def page(self) -> str:
        """The source of the page, below docs/."""
        return self.file.src_uri

    def link(self, target: str) -> str:
        """The way to a source below docs/, or to a file of the site, from this page.

        MkDocs makes an address of it, and warns where there is nothing.
        """
        path, mark, fragment = target.partition("#")
        if path == self.page and fragment:
            return f"#{fragment}"
        here = posixpath.dirname(self.page)
        return posixpath.relpath(path, here or ".") + mark + fragment

    def url(self, target: str) -> str:
        """The address of a source below docs/, or of a file of the site, from here.

        It is for what Markdown doesn't read.
        """
        path, mark, fragment = target.partition("#")
        if path == self.page and fragment:
            return f"#{fragment}"
        file = self.site.files.get_file_from_path(path)
        assert isinstance(file, File), f"{path} is not in the site"
        return file.url_relative_to(self.file) + mark + fragment

    @property
    def name(self) -> str:
        """The page's name, without its folder and ending."""
        return PurePosixPath(self.page).stem


def anchor(path: str, page: str) -> str:
    """Where a program is on the page that shows it.

    A page of another name than the program's folder may have programs of more folders,
    of the same names.
    """
    folder, name = path.removesuffix(".py").split("/")
    return name if PurePosixPath(page).stem == folder else f"{folder}_{name}"
