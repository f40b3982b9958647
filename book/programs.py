"""A program as a page shows it: its code with notes, what runs it, what checks it."""

import ast
import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from markupsafe import Markup
from mkdocs.exceptions import PluginError

from book import code
from book.site import View, anchor
from sandbox.story import OUTPUT_LINE, SYSTEMS, Program

CHECKED = "Marked lines are its output, compared by the suite"
# The suite has no such system, and the page must not sound as if it had.
CHECKED_ELSEWHERE = (
    "Marked lines are its output, compared by the suite, against a local server that "
    "speaks as {system} does; not against {system}"
)

# How waits are called: wait_for_pods, kubectl_wait, until_failure.
WAIT = re.compile(r"(\w+_)?(wait|until)(_\w+)?$")

# Fewer lines than these are not worth a fold.
FOLDED = 5


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
        "Marked lines are its output, and it leaves what the program leaves",
    ),
    ".yaml": Way(
        "YAML",
        "yaml",
        "kubectl create -f {name}",
        "The suite makes these objects of it, and compares them",
    ),
}


class Note(NamedTuple):
    """A note on a line of a program: the line's number, and that of the note."""

    line: int
    number: int


class Fold(NamedTuple):
    """Lines that are shown when somebody opens them, and what they are."""

    first: int
    last: int
    title: str


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
    # No span: of one with an id the theme makes a line of a grid.
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


def folds_of(text: str, more: list[Fold], notes: list[Note]) -> list[Fold]:
    """All folds of a program, in order: its head, its waits without notes, and more."""
    noted = {note.line for note in notes}
    asked = {line for fold in more for line in range(fold.first, fold.last + 1)}
    waits = [
        fold
        for fold in waits_in(text)
        if not (noted | asked) & {*range(fold.first, fold.last + 1)}
    ]
    return sorted([*head_of(text), *waits, *more])


def head_of(text: str) -> list[Fold]:
    """What stands before a program's work: metadata, imports, which cluster.

    Args:
        text: a Python program.

    Returns:
        One fold, or none where there are few such lines.
    """
    last = 0
    for node in ast.parse(text).body:
        match node:
            case ast.Import() | ast.ImportFrom():
                pass
            case ast.Expr(value=ast.Constant(value=str())):
                pass
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name))):
                if not name.startswith("load_"):
                    break
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant()):
                if not name.isupper():
                    break
            case ast.Assign(value=ast.Call(func=ast.Attribute(attr=name), args=[])):
                if not name.endswith("Api"):
                    break
            case _:
                break
        last = node.end_lineno or 0
    last = _with_blanks(last, text.splitlines())
    title = f"{last} lines: imports and configuration"
    return [Fold(1, last, title)] if last > FOLDED else []


def _with_blanks(last: int, lines: list[str]) -> int:
    """The last of the blank lines after a line, or that line itself."""
    while last < len(lines) and not lines[last].strip():
        last += 1
    return last


def waits_in(text: str) -> list[Fold]:
    """The waits of a program in which nothing is printed: what most pages aren't about.

    A wait is a function named so, or a loop that sleeps, with the deadline before it.
    """
    lines = text.splitlines()
    found: list[Fold] = []
    deadline = 0
    for node in ast.parse(text).body:
        first, last = node.lineno, node.end_lineno or node.lineno
        title = ""
        match node:
            case ast.Assign(targets=[ast.Name(id="deadline")]):
                deadline = last
                continue
            case ast.FunctionDef(name=name) if WAIT.match(name):
                title = name
            case ast.While() if any(map(_sleeps, ast.walk(node))):
                title = "a wait"
                if deadline == first - 1:
                    first = deadline
            case _:
                continue
        printed = any(map(OUTPUT_LINE.match, lines[first - 1 : last]))
        last = _with_blanks(last, lines)
        if last - first >= FOLDED and not printed:
            found.append(Fold(first, last, f"{last - first + 1} lines: {title}"))
    return found


def _sleeps(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="sleep")):
            return True
        case _:
            return False


def folded(text: str, starts: list[str], place: str) -> list[Fold]:
    """The statements that begin with these texts, as folds.

    Args:
        text: a Python program.
        starts: what the first line of each statement contains; statements that follow
            each other are one fold.
        place: who asks, for errors.

    Raises:
        PluginError: where a text is in no first line of a statement, or in several.
    """
    lines = text.splitlines()
    found: list[Fold] = []
    for start in starts:
        nodes = [
            (node.lineno, node.end_lineno or node.lineno)
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.stmt) and start in lines[node.lineno - 1]
        ]
        if len({first for first, _ in nodes}) != 1:
            raise PluginError(
                f"{place}: fold `{start}`: {len(nodes) or 'no'} statements begin so: "
                "it has to be exactly one"
            )
        first, last = max(nodes, key=lambda node: node[1])
        last = _with_blanks(last, lines)
        if found and found[-1].last + 1 == first:
            first = found.pop().first
        title = f"{last - first + 1} lines: {lines[first - 1].strip().rstrip(':')}"
        found.append(Fold(first, last, title))
    return found


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
