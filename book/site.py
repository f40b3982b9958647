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
from mkdocs.structure.files import File, Files
from mkdocs.utils import get_relative_url

from book import digest, facts
from book.facts import Heading, Term
from book.last_run import Record
from book.run_in_page import recording
from book.systems import Known
from sandbox.errors import UserError
from sandbox.story import Story

# MkDocs' own `repo_url` is not set: with it the theme's script asks api.github.com for
# the number of stars, a request to another host.
REPOSITORY = re.compile(r"https://github\.com/(?P<name>[\w.-]+/[\w.-]+?)/?")

# The block that shows a program; its argument is the program's path below examples/.
SHOWN = re.compile(r"^/{3,} *program *\| *(?P<path>[^\s/]+/\S+) *$", re.MULTILINE)


@dataclass(frozen=True)
class Site:
    """What a build of the site is made from. All of it may raise UserError.

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

    def text(self, path: str) -> str:
        """Read a file of examples/. Raises UserError where it is missing."""
        try:
            return (self.examples / path).read_text()
        except OSError:
            raise UserError(
                f"it includes examples/{path}, which does not exist"
            ) from None

    def recording(self, name: str) -> Any:
        """Read a recording that is not one of a replay, such as "traffic"."""
        return json.loads((self.root / "recordings" / f"{name}.json").read_text())

    @cached_property
    def stories(self) -> list[Story]:
        """All stories of examples/, and after them the notebooks."""
        return digest.stories(self.root)

    @cached_property
    def shown(self) -> dict[str, list[str]]:
        """The pages below docs/ that show each program, which is named by its path."""
        pages: defaultdict[str, list[str]] = defaultdict(list)
        for file in self.files.documentation_pages():
            if file.src_uri.endswith(".md"):
                for match in SHOWN.finditer(file.content_string):
                    pages[match["path"]].append(file.src_uri)
        return dict(pages)

    def page_of(self, path: str) -> str:
        """The page that shows a program, and the place on it, as a link from docs/.

        Raises UserError where no page does.
        """
        if path not in self.shown:
            raise UserError(f"it names examples/{path}, which no page shows")
        page = self.shown[path][0]
        return f"{page}#{anchor(path, page)}"

    def title_of(self, page: str) -> str:
        """The title of a page, by its first heading."""
        file = self.files.get_file_from_path(page)
        if not isinstance(file, File):
            raise UserError(f"there is no docs/{page}, whose title is asked for")
        title = re.search(r"^# (.+)$", file.content_string, re.MULTILINE)
        return title[1] if title else file.name

    @cached_property
    def systems(self) -> Known:
        """What is known of each distribution."""
        return facts.systems(self.root)

    @cached_property
    def headings(self) -> list[Heading]:
        """What the chapter claims."""
        return facts.claims(self.root)

    @cached_property
    def terms(self) -> list[Term]:
        """The words of the glossary."""
        return facts.terms(self.root)

    @cached_property
    def records(self) -> list[Record]:
        """The last run of the suite, and the last that was kept, if there were any."""
        digests = {story.name: digest.of_story(story) for story in self.stories}
        paths = [self.root / name / "last-run.json" for name in ("build", "recordings")]
        return [record for path in paths if (record := Record.read(path, digests))]

    @cached_property
    def exchanges(self) -> dict[str, Any]:
        """What the programs of each story asked in a recorded run; see run_in_page.

        Raises UserError where one can't be read.
        """
        return recording.of_stories(self.root, self.stories)

    @cached_property
    def programs_of_stories(self) -> dict[str, int]:
        """The number of programs of each story and notebook, by its name."""
        return {story.name: len(story.programs) for story in self.stories}

    @cached_property
    def repository(self) -> str:
        """OWNER/NAME of its sources on GitHub, or nothing where that isn't known."""
        address = self.config.extra["repository"]
        match = REPOSITORY.fullmatch(address or "")  # None, where a variable is empty
        if address and not match:
            raise UserError(
                f"REPOSITORY_URL is {address}: set it to https://github.com/OWNER/NAME"
            )
        return match["name"] if match else ""

    def on_github(self, path: str) -> str:
        """Return the address of what is below the repository's, or nothing."""
        return f"https://github.com/{self.repository}/{path}" if self.repository else ""

    def source(self, path: str) -> str:
        """Return where a file is on GitHub, in the commit of which the site is made."""
        return self.on_github(f"blob/{self.config.extra['commit']}/{path}")


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
        return (
            get_relative_url(file.url if file else path, self.file.url)
            + mark
            + fragment
        )


def anchor(path: str, page: str) -> str:
    """Where a program is on the page that shows it.

    A page of another name than the program's folder may have programs of more folders,
    of the same names.
    """
    folder, name = path.removesuffix(".py").split("/")
    return name if PurePosixPath(page).stem == folder else f"{folder}_{name}"
