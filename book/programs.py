"""A program as a page shows it: its code with notes, what runs it, what checks it."""

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from markupsafe import Markup
from mkdocs.exceptions import PluginError

from book import code
from book.folds import Fold
from book.site import View, anchor
from sandbox.story import SYSTEMS, Program

CHECKED = "Marked lines are its output, compared by the suite"
# The suite has no such system, and the page must not sound as if it had.
CHECKED_ELSEWHERE = (
    "Marked lines are its output, compared by the suite, against a local server that "
    "speaks as {system} does; not against {system}"
)


class Way(NamedTuple):
    """How a program's work can be done without it, by a file of the same name."""

    title: str
    language: str
    command: str
    checked: str


WAYS = {
    ".sh": Way(
        "kubectl",
        "bash",
        "bash {name}",
        "Marked lines are its output, and it changes the cluster as the program does",
    ),
    ".yaml": Way(
        "YAML",
        "yaml",
        "kubectl create -f {name}",
        "The suite creates these objects, and compares them with the program's",
    ),
}


class Note(NamedTuple):
    """A note on a line of a program: the line's number, and that of the note."""

    line: int
    number: int


def figures(
    view: View,
    path: str,
    notes: list[Note],
    folds: list[Fold],
    sent: set[int],
) -> list[dict[str, Any]]:
    """The values of the template "program": the program, and the same by other means.

    Args:
        view: the page.
        path: the program's path below examples/.
        notes: what stands beside its lines.
        folds: which lines are folded away.
        sent: the lines to which a replay leads.

    Raises:
        PluginError: where there is no such program.
    """
    program = view.site.program(path, f"docs/{view.page}")
    text = view.site.text(path, f"docs/{view.page}")
    place, checked = "output", CHECKED
    if program.system:
        place = "programs-for-other-systems"
        checked = CHECKED_ELSEWHERE.format(system=SYSTEMS[program.system])
    name = anchor(path, view.page)
    own = {
        "title": "Python",
        "other": False,
        "id": name,
        "needs": _needs(program),
        "code": listing(code.lines(text, "python"), "python", name, notes, folds, sent),
        "command": f"uv run {program.path.name}",
        "checked": checked,
        "tested": view.link(f"how-this-site-is-tested.md#{place}"),
        **_file(view, path),
    }
    others = [
        {
            "title": way.title,
            "other": True,
            "id": program.path.with_suffix(suffix).name.replace(".", "-"),
            "needs": [],
            "code": code.block(
                program.path.with_suffix(suffix).read_text(), way.language
            ),
            "command": way.command.format(name=program.path.with_suffix(suffix).name),
            "checked": way.checked,
            "tested": view.link("how-this-site-is-tested.md#the-same-by-kubectl"),
            **_file(view, str(PurePosixPath(path).with_suffix(suffix))),
        }
        for suffix, way in WAYS.items()
        if program.path.with_suffix(suffix).is_file()
    ]
    return [own, *others]


def _file(view: View, path: str) -> dict[str, str]:
    return {
        "name": PurePosixPath(path).name,
        "download": view.link(f"examples/{path}"),
        "source": view.site.source(f"examples/{path}"),
    }


def _needs(program: Program) -> list[str]:
    needs = [f"needs {SYSTEMS.get(need, need)}" for need in sorted(program.needs)]
    stopped = " and ".join(program.stopped)
    return [*needs, *([f"with {stopped} stopped"] if stopped else [])]


def listing(
    lines: tuple[code.Line, ...],
    language: str,
    name: str,
    notes: Iterable[Note] = (),
    folds: Iterable[Fold] = (),
    sent: Iterable[int] = (),
) -> Markup:
    """Highlighted lines, in one pass: places to link to, notes' numbers, folds.

    Args:
        lines: the code.
        language: its language.
        name: what the ids of the lines begin with.
        notes: what stands beside lines.
        folds: which lines are folded away, in order, none in another.
        sent: the lines to which a replay leads.
    """
    marked = list(lines)
    # A line is an `i`, since a word of the code is a span.
    for number in sent:
        if number <= len(marked):
            line = marked[number - 1]
            html = Markup('<i class="sent" id="{}-{}">{}</i>').format(
                name, number, line.html
            )
            marked[number - 1] = line._replace(html=html)
    for number, note in notes:
        line = marked[number - 1]
        at = f"{name}-note-{note}"
        html = Markup(
            '<i class="noted" id="{0}-line">{1}<a class="noted__mark" href="#{0}"'
            ' data-number="{2}" aria-label="Note {2}"></a></i>'
        ).format(at, line.html, note)
        marked[number - 1] = line._replace(html=html)
    parts, at = Markup(), 0
    for fold in [*folds, Fold(len(marked) + 1, len(marked), "")]:
        shown = marked[at : fold.first - 1]
        if shown:
            parts += Markup("<pre><code>{}</code></pre>").format(code.joined(shown))
        folded = marked[fold.first - 1 : fold.last]
        if folded:
            parts += Markup(
                '<details class="fold"><summary>{}</summary>'
                "<pre><code>{}</code></pre></details>"
            ).format(fold.title, code.joined(folded))
        at = fold.last
    return Markup('<div class="language-{} highlight">{}</div>').format(language, parts)


def line_of(text: str, lines: Iterable[str], place: str) -> int:
    """The number of the one line that contains a text.

    Raises PluginError, naming the place that asks, where there isn't one.
    """
    found = [number for number, line in enumerate(lines, start=1) if text in line]
    if len(found) != 1:
        raise PluginError(
            f"{place}: a note is about `{text}`, which {len(found) or 'no'} lines "
            "contain: it has to be in exactly one"
        )
    return found[0]
