"""What differs between distributions? Tables for their pages, from distributions.yaml.

On any page, `<!-- systems: all: FACT, FACT -->` becomes a table of these facts, one row
for each system; `you` or `cloud` in the place of `all` takes those of which you or a
cloud run the control plane. `<!-- systems: checked -->` is the day on which the facts
were checked, `<!-- systems: seen -->` says where the examples were run.

On the page of a system, `<!-- system: facts -->` becomes all of its facts,
`<!-- system: examples -->` which stories run there, and `<!-- system: claims -->` what
the chapter said of it.
"""

import re
from collections.abc import Callable
from datetime import date
from html import escape
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import claims
import distributions
import errata_page
import included_examples
import last_run
from distributions import Change, Fact, Known, System
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from permissions import listed

from sandbox.story import Program, Story

TABLE = re.compile(
    r"^<!-- systems: (?P<who>all|you|cloud): (?P<facts>[\w, ]+) -->$", re.MULTILINE
)
CHECKED = "<!-- systems: checked -->"
SEEN = "<!-- systems: seen -->"
PART = re.compile(r"^<!-- system: (?P<part>[\w-]+) -->$", re.MULTILINE)

# Of these the last run of this suite tells, and no workflow has to.
DRIVERS = ("kind", "kwok")

RUN = """\
```sh
eval "$(uv run sandbox up --driver {driver})"
uv run sandbox run examples/deployments
```"""

NEEDS = {
    "audit-log": "the API server's audit log",
    "components": "a component that can be stopped",
    "containers": "containers that run",
    "metrics": "`metrics.k8s.io`",
    "simulated-nodes": "simulated nodes",
}


def on_files(files: Files, config: MkDocsConfig) -> None:
    """See that each system has its page, and each page a system.

    Raises PluginError where that is not so.
    """
    known = distributions.read(config)
    for system in known.systems:
        if files.get_file_from_path(path_of(system)) is None:
            raise PluginError(
                f"docs/distributions.yaml: {system.key} has no page: "
                f"write docs/{path_of(system)}"
            )
    for page in files.documentation_pages():
        path = PurePosixPath(page.src_uri)
        if str(path.parent) == distributions.FOLDER and not known.on_page(path.stem):
            raise PluginError(
                f"docs/{path}: docs/distributions.yaml has no system of that name"
            )


def on_page_markdown(
    markdown: str, page: Page, config: MkDocsConfig, files: Files
) -> str:
    """Replace the markers by what docs/distributions.yaml says."""
    known = distributions.read(config)
    view = View(known, page, config, files)
    markdown = TABLE.sub(
        lambda match: view.comparison(match["who"], match["facts"]), markdown
    )
    day = known.checked
    markdown = markdown.replace(
        CHECKED,
        f"The facts in the tables were checked on {day.day} {day:%B %Y} against the "
        "sources that they link to.",
    )
    if SEEN in markdown:
        markdown = markdown.replace(SEEN, view.where_seen())
    return PART.sub(lambda match: view.part(match["part"]), markdown)


class View:
    """What is known, as it is shown on one page: links lead from there."""

    def __init__(
        self, known: Known, page: Page, config: MkDocsConfig, files: Files
    ) -> None:
        self.known = known
        self.config = config
        self.files = files
        self.page = page
        self.name = page.file.src_uri
        # From this page to docs/.
        self.up = "../" * self.name.count("/")

    def part(self, part: str) -> str:
        """A section of a system's page."""
        path = PurePosixPath(self.name)
        systems = self.known.on_page(path.stem)
        if str(path.parent) != distributions.FOLDER or not systems:
            raise PluginError(
                f"docs/{self.name}: `system: {part}` belongs on the page of a system"
            )
        parts: dict[str, Callable[[list[System]], str]] = {
            "facts": self.facts,
            "examples": self.examples,
            "claims": self.claims,
        }
        if part not in parts:
            raise PluginError(
                f"docs/{self.name}: `system: {part}` is none of {', '.join(parts)}"
            )
        return parts[part](systems)

    def comparison(self, who: str, names: str) -> str:
        """A table of some facts, with a row for each system that has one of its own."""
        facts = [name.strip() for name in names.split(",")]
        unknown = [name for name in facts if name not in self.known.labels]
        if unknown:
            raise PluginError(
                f"docs/{self.name}: docs/distributions.yaml has no fact {unknown[0]}"
            )
        rows = [
            [
                self.name_of(system),
                *(self.cell(system, name) for name in facts),
            ]
            for system in self.known.systems
            if who in ("all", system.run_by) or system.run_by == "both"
            if system.facts.keys() & facts
        ]
        if not rows:
            raise PluginError(
                f"docs/{self.name}: no system of docs/distributions.yaml has {names}"
            )
        return table(["system", *(self.known.labels[name] for name in facts)], rows)

    def facts(self, systems: list[System]) -> str:
        """All facts of the systems of a page, a column for each of them."""
        rows = [
            [label, *(self.cell(system, name) for system in systems)]
            for name, label in self.known.labels.items()
            if any(self.fact(system, name) for system in systems)
        ]
        titles = [
            f"{escape(system.title)} "
            f'<a href="{escape(system.version_source)}">{escape(system.version)}</a>'
            for system in systems
        ]
        day = self.known.checked
        return (
            table(["", *titles], rows)
            + f"\n\nChecked on {day.day} {day:%B %Y}. "
            + f"[The same of all systems]({self.up}distributions.md)."
        )

    def fact(self, system: System, name: str) -> Fact | None:
        """A fact of a system, or of the one of which it is a variant."""
        model = self.known.like(system)
        return system.facts.get(name) or (model and model.facts.get(name))

    def cell(self, system: System, name: str) -> str:
        """What a system's fact says and who says it; of a variant, what differs."""
        fact = system.facts.get(name)
        if fact is None:
            model = self.known.like(system)
            return f"as {escape(model.title)}" if model else ""
        return f"{code(fact.says)} {self.source(fact)}"

    def name_of(self, system: System) -> str:
        """A system's name, which leads to its page."""
        return f'<a href="{self.url(path_of(system))}">{escape(system.title)}</a>'

    def source(self, fact: Fact) -> str:
        """A small link to the page or the program that shows a fact."""
        if fact.program:
            path = fact.program.removeprefix("examples/")
            pages = included_examples.pages(self.files)
            if path not in pages:
                raise PluginError(
                    f"docs/distributions.yaml names {fact.program}, which no page "
                    "includes"
                )
            name = PurePosixPath(path).stem
            return link(f"{self.url(pages[path])}#{name}", path)
        return link(fact.source, host(fact.source))

    def url(self, path: str) -> str:
        """The address of a page of this site, from here."""
        file = self.files.get_file_from_path(path)
        assert isinstance(file, File), f"{path} is not in the site"
        return file.url_relative_to(self.page.file)

    def examples(self, systems: list[System]) -> str:
        """Which stories run on a system, which need a change, and what was run."""
        several = len(systems) > 1
        parts = [
            (f"### On {system.title}\n\n" if several else "") + self.examples_on(system)
            for system in systems
        ]
        return "\n\n".join(parts)

    def examples_on(self, system: System) -> str:
        """The same of one system; of one that is like another, only what was run."""
        if system.as_model:
            return f"{self.seen(system)}\n\n{system.runs}"
        stories = {story.name: story for story in self.stories()}
        for change in system.change:
            if change.story not in stories:
                raise PluginError(
                    f"docs/distributions.yaml: {system.key} changes {change.story}, "
                    "which is no folder of examples/"
                )
        changed = {change.story for change in system.change}
        whole: list[str] = []
        partly: list[str] = []
        absent: list[str] = []
        for name, story in stories.items():
            left_out = [p for p in story.programs if missing(p, system)]
            if name in changed:
                continue
            if not left_out:
                whole.append(self.page_of(story))
            elif len(left_out) == len(story.programs):
                absent.append(f"{self.page_of(story)} needs {needs(left_out, system)}")
            else:
                partly.append(f"{self.page_of(story)}, {but(story, system)}")
        changes = [self.change(change, stories, system) for change in system.change]
        groups = [
            f"- **Unchanged:** {', '.join(whole)}" if whole else "",
            group("In part", partly),
            group("With a change", changes),
            group("Not here", absent),
        ]
        return "\n\n".join(
            [
                self.seen(system),
                system.runs,
                how_to_run(system),
                *filter(None, groups),
            ]
        )

    def change(self, change: Change, stories: dict[str, Story], system: System) -> str:
        """What a story needs on a system, and who says so."""
        story = stories[change.story]
        left_out = any(missing(program, system) for program in story.programs)
        return (
            f"{self.page_of(story)}"
            + (f", {but(story, system)}" if left_out else "")
            + f". {change.why} {change.what} {link(change.source, host(change.source))}"
        )

    def stories(self) -> list[Story]:
        """All stories. A notebook is the second telling of one, so it is none here."""
        root = included_examples.folder(self.config)
        return [
            included_examples.story(self.config, folder.name, self.name)
            for folder in sorted(root.iterdir())
            if (folder / "setup.yaml").is_file()
        ]

    def page_of(self, story: Story) -> str:
        """A link to the page of a story, by that page's title."""
        program = story.programs[0].path.name
        path = included_examples.pages(self.files).get(f"{story.name}/{program}")
        file = self.files.get_file_from_path(path) if path else None
        if not isinstance(file, File):
            raise PluginError(f"examples/{story.name}: no page includes its programs")
        title = re.search(r"^# (.+)$", file.content_string, re.MULTILINE)
        shown = f"[{title[1] if title else file.name}]({self.up}{path})"
        # A page may be that of several stories.
        return shown if file.name == story.name else f"{shown} (`{story.name}`)"

    def seen(self, system: System) -> str:
        """What was run on a system and when, as a stamp."""
        return last_run.paragraph(*self.mark(system))

    def mark(self, system: System) -> tuple[str, str]:
        """The state of a system's stamp, and its words."""
        if system.key in DRIVERS:
            programs = {story.name: len(story.programs) for story in self.stories()}
            return last_run.of_driver(last_run.read(self.config), programs, system.key)
        if not system.seen:
            return (
                "unknown",
                f"Not run on {escape(system.title)} yet: what follows is read, not "
                "seen.",
            )
        seen = max(system.seen, key=lambda mark: mark.date)
        day = date.fromisoformat(seen.date)
        counts = (
            f"{seen.failed} of {seen.passed + seen.failed} checks failed"
            if seen.failed
            else f"all {seen.passed} checks passed"
        )
        return (
            "failed" if seen.failed else "passed",
            f'Run on {escape(system.title)} <time datetime="{day}">{day.day} '
            f"{day:%B %Y}</time>, Kubernetes {escape(seen.kubernetes)}: {counts} "
            f'(<a href="{escape(seen.run)}">the run</a>).',
        )

    def where_seen(self) -> str:
        """Where the examples were run, and where they were not."""
        systems = self.known.systems
        shown = [system for system in systems if system.key in DRIVERS or system.seen]
        rows = [[self.name_of(system), self.mark(system)[1]] for system in shown]
        others = [self.name_of(system) for system in systems if system not in shown]
        rest = f"\n\nNobody has run them yet on {listed(others)}." if others else ""
        return table(["system", "the examples"], rows) + rest

    def claims(self, systems: list[System]) -> str:
        """What the chapter says of a system, and what became of each claim."""
        keys = {system.key for system in systems}
        headings = [h for h in claims.headings(self.config) if h.key in keys]
        if not headings:
            names = " and ".join(system.title for system in systems)
            return (
                f"The chapter does not speak of {names}. "
                f"[What it said of the others]({self.up}errata.md)."
            )
        pages = included_examples.pages(self.files)
        rows = [
            f'<li markdown="span"><span class="claims__label claims__label--fate '
            f'claim-mark--{claim.fate}">{claim.fate}</span> {claim.said}'
            + (f"<br>{claim.truth}" if claim.truth else "")
            + errata_page.note(claim)
            + errata_page.evidence(claim, pages, self.up)
            + "</li>"
            for heading in headings
            for claim in heading.claims
        ]
        return errata_page.as_list(rows)


def path_of(system: System) -> str:
    """The page of a system, below docs/."""
    return f"{distributions.FOLDER}/{system.page}.md"


def missing(program: Program, system: System) -> set[str]:
    """What a program needs and a system does not have."""
    wanted = set(program.needs) | ({"components"} if program.stopped else set())
    return wanted - system.has


def needs(programs: list[Program], system: System) -> str:
    """What these programs need and a system does not have, in words."""
    names = sorted({name for program in programs for name in missing(program, system)})
    return listed([NEEDS[name] for name in names])


def but(story: Story, system: System) -> str:
    """How many programs of a story a system can't run, and why."""
    left_out = [program for program in story.programs if missing(program, system)]
    verb = "needs" if len(left_out) == 1 else "need"
    return (
        f"but for {len(left_out)} of {len(story.programs)} programs, which {verb} "
        f"{needs(left_out, system)}"
    )


def group(name: str, items: list[str]) -> str:
    """A list below its name, in Markdown; nothing where there are no items."""
    rows = [f"    - {item}" for item in items]
    return "\n".join([f"- **{name}:**", "", *rows]) if items else ""


def how_to_run(system: System) -> str:
    """The two lines that run a story there."""
    driver = system.key if system.key in DRIVERS else "current --context NAME"
    return RUN.format(driver=driver)


def table(heads: list[str], rows: list[list[str]]) -> str:
    """An HTML table whose first column names its rows.

    On a narrow screen each row stands by itself, so each cell knows what it tells.
    """
    labels = [re.sub(r"<[^>]+>", "", head) for head in heads]
    head = "".join(
        f'<th scope="col">{text}</th>' if text else "<td></td>" for text in heads
    )
    body = "\n".join(
        f'<tr><th scope="row">{row[0]}</th>'
        + "".join(
            f'<td data-label="{label}">{cell}</td>'
            for label, cell in zip(labels[1:], row[1:], strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<table class="facts facts--{len(heads)}">\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody>\n</table>"
    )


def code(text: str) -> str:
    """A fact's text as HTML: escaped, with what is between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))


def link(address: str, text: str) -> str:
    """A small link to a source."""
    return f'<a class="source" href="{escape(address)}">{escape(text)}</a>'


def host(address: str) -> str:
    """The host of a source, which says who speaks."""
    return urlsplit(address).netloc
