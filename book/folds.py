"""Which lines of a program open with a click: what most pages aren't about."""

import ast
import re
from functools import lru_cache
from typing import NamedTuple

from sandbox.errors import UserError
from sandbox.story import OUTPUT_LINE

# How waits are called: wait_for_pods, kubectl_wait, until_failure.
WAIT = re.compile(r"(\w+_)?(wait|until)(_\w+)?$")

# Several ask for the syntax of each program.
parse = lru_cache(maxsize=500)(ast.parse)

# Fewer lines than these are not worth a fold.
FOLDED = 5


class Fold(NamedTuple):
    """Lines that are shown when somebody opens them, and what they are."""

    first: int
    last: int
    title: str

    @property
    def lines(self) -> range:
        """The numbers of the lines."""
        return range(self.first, self.last + 1)


def folds_of(text: str, more: list[Fold], noted: set[int]) -> list[Fold]:
    """Return all folds of a program, in order: its head and its waits, and more.

    Args:
        text: a Python program.
        more: what its page folds besides.
        noted: the lines that have notes; no head or wait with such a line is folded.
    """
    taken = noted.union(*(fold.lines for fold in more))
    own = [*head_of(text), *waits_in(text)]
    return sorted([*(fold for fold in own if taken.isdisjoint(fold.lines)), *more])


def head_of(text: str) -> list[Fold]:
    """Return what stands before a program's work: metadata, imports, which cluster.

    It is one fold, or none where there are few such lines.
    """
    last = 0
    for node in parse(text).body:
        match node:
            case ast.Import() | ast.ImportFrom():
                pass
            case ast.Expr(value=ast.Constant(value=str())):
                pass
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name))):
                if not name.startswith("load_"):
                    break
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant()):
                # A long text is a program or a manifest, and not configuration.
                long = (node.end_lineno or 0) - node.lineno > FOLDED
                if long or not name.isupper():
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
    """Return a program's waits in which nothing is printed: few pages are about them.

    A wait is a function named so, or a loop that sleeps, with the deadline before it.
    """
    lines = text.splitlines()
    waits: list[Fold] = []
    deadline = 0
    for node in parse(text).body:
        first, last = node.lineno, node.end_lineno or node.lineno
        match node:
            case ast.Assign(targets=[ast.Name(id="deadline")]):
                deadline = last
                continue
            case ast.FunctionDef(name=name) if WAIT.match(name):
                title = name
            case ast.While() if ".sleep(" in ast.unparse(node):
                title = "a wait"
                if deadline == first - 1:
                    first = deadline
            case _:
                continue
        # Python's syntax has no comments, and so not what a last line printed.
        while last < len(lines) and OUTPUT_LINE.match(lines[last]):
            last += 1
        printed = any(map(OUTPUT_LINE.match, lines[first - 1 : last]))
        last = _with_blanks(last, lines)
        if last - first >= FOLDED and not printed:
            waits.append(Fold(first, last, f"{last - first + 1} lines: {title}"))
    return waits


def folded(text: str, starts: list[str]) -> list[Fold]:
    """Return the statements that begin with these texts, as folds.

    Args:
        text: a Python program.
        starts: what the first line of each statement contains; statements that follow
            each other are one fold.

    Raises:
        UserError: where a text is in no first line of a statement, or in several.
    """
    lines = text.splitlines()
    folds: list[Fold] = []
    for start in starts:
        nodes = [
            node
            for node in ast.walk(parse(text))
            if isinstance(node, ast.stmt) and start in lines[node.lineno - 1]
        ]
        if len({node.lineno for node in nodes}) != 1:
            raise UserError(
                f"fold `{start}`: {len(nodes) or 'no'} statements begin so: it has to "
                "be exactly one"
            )
        first = nodes[0].lineno
        last = _with_blanks(max(node.end_lineno or first for node in nodes), lines)
        if folds and folds[-1].last + 1 == first:
            first = folds.pop().first
        title = f"{last - first + 1} lines: {lines[first - 1].strip().rstrip(':')}"
        folds.append(Fold(first, last, title))
    return folds
