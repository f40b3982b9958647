"""A program as a page shows it: its code with notes, what runs it, what checks it."""

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from markupsafe import Markup

from book import code
from book.folds import Fold
from book.run_in_page import bundle
from book.site import View, anchor
from sandbox.errors import UserError
from sandbox.story import SYSTEMS, Program
from sandbox.story import program as load

CHECKED = "Output, marked #>, is tested"
# The suite has no such system, and the page must not sound as if it had.
CHECKED_ELSEWHERE = (
    "Output, marked #>, is tested against a local server that speaks as {system} does, "
    "not against {system}"
)
# What a program needs beyond an API server, as a reader would call it.
NEEDS = SYSTEMS | {
    "audit-log": "the audit log",
    "components": "components that can be stopped",
    "containers": "real containers",
    "images": "this page's images",
    "metrics": "metrics-server",
    "simulated-nodes": "simulated nodes",
}


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
        "Tested: prints this, and leaves the same objects as the program",
    ),
    ".yaml": Way(
        "YAML",
        "yaml",
        "kubectl create -f {name}",
        "Tested: makes the same objects as the program",
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
    """Return the values of the template "program": it, and the same by other means.

    Args:
        view: the page.
        path: the program's path below examples/.
        notes: what stands beside its lines.
        folds: which lines are folded away.
        sent: the lines to which a replay leads.
    """
    text = view.site.text(path)
    program = load(view.site.examples / path)
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
        "code": listing(code.lines(text, "python"), name, notes, folds, sent),
        "command": f"uv run {program.path.name}",
        "checked": checked,
        "tested": view.link(f"how-this-site-is-tested.md#{place}"),
        "runs": bundle.published(view),
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
    needs = " and ".join(NEEDS.get(need, need) for need in sorted(program.needs))
    stopped = " and ".join(program.stopped)
    return [
        *([f"needs {needs}"] if needs else []),
        *([f"with {stopped} stopped"] if stopped else []),
    ]


def listing(
    lines: tuple[code.Line, ...],
    name: str,
    notes: Iterable[Note],
    folds: Iterable[Fold],
    sent: Iterable[int],
) -> Markup:
    """Show highlighted lines, in one pass: places to link to, notes' numbers, folds.

    Args:
        lines: a Python program.
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
    return Markup('<div class="language-python highlight">{}</div>').format(parts)


def line_of(text: str, lines: Iterable[str]) -> int:
    """Return the number of the one line that contains a text.

    Raises UserError where there isn't one.
    """
    numbers = [number for number, line in enumerate(lines, start=1) if text in line]
    if len(numbers) != 1:
        raise UserError(
            f"a note is about `{text}`, which {len(numbers) or 'no'} lines contain: it "
            "has to be in exactly one"
        )
    return numbers[0]
