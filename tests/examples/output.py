"""Runs a program by pytest-examples, compares its `#>` lines, reports what failed."""

import ast
from collections import Counter
from collections.abc import Callable, Sequence
from inspect import FrameInfo
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
from pytest_examples import CodeExample, EvalExample

from sandbox.story import OUTPUT_LINE

ROOT = Path(__file__).parent.parent.parent
LINE_LENGTH = 88


class Printed:
    """How often each of the program's own print calls was reached, by its line."""

    def __init__(self) -> None:
        self.calls = Counter[int]()

    def __call__(self, file: Path, frame: FrameInfo, args: Sequence[Any]) -> bool:
        own = file.samefile(frame.filename)
        if own:
            self.calls[frame.lineno] += 1
        return own


def check(path: Path, runner: EvalExample, events: Callable[[], str]) -> None:
    """Run a program and fail, with a report, where it does not do what it says.

    It fails where it raises, where a `#>` line is not what was printed, where it
    prints nothing, and where a `#>` line stands below a print that was never reached
    (pytest-examples alone lets that pass). `events` is asked for the cluster's Events
    of the story's namespace.
    """
    example, printed = _prepare(path, runner)
    problem = _problem(runner.run_print_check, example)
    if problem is None:
        problem = _unproven(example.source, printed.calls)
    if problem is not None:
        pytest.fail(
            f"{path.relative_to(ROOT)} ({_page_line(path)})\n{problem}\n"
            f"Events in its namespace:\n{events()}",
            pytrace=False,
        )


def update(path: Path, runner: EvalExample) -> None:
    """Run a program and write what it printed, and only that, into its `#>` lines."""
    example, _ = _prepare(path, runner)
    lines = example.source.splitlines(keepends=True)
    example.source = "".join(line for line in lines if not OUTPUT_LINE.match(line))
    before = _texts(example.source)
    problem = _problem(runner.run_print_update, example)
    if problem is None and _texts(example.source) > before:
        # pytest-examples has written it as a text in quotes.
        problem = f"it prints more than fits in a `#>` line of {LINE_LENGTH} characters"
    if problem is not None:
        pytest.fail(
            f"{path.relative_to(ROOT)} is left as it was: {problem}", pytrace=False
        )
    runner.to_update.clear()  # it is a whole file, written here at once
    path.write_text(example.source)


def _texts(source: str) -> int:
    """How many statements of a program are nothing but a text."""
    return sum(
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        for node in ast.walk(ast.parse(source))
    )


def _problem(run: Callable[..., Any], example: CodeExample) -> str | None:
    """Run an example and say in what line it failed and how, or None."""
    try:
        run(example, rewrite_assertions=False)
    except pytest.fail.Exception as failure:
        return str(failure)
    except (Exception, SystemExit) as error:
        # On Python 3.11 pytest can't show the traceback that pytest-examples makes.
        line = _last_line_in(error.__traceback__, example.module_name)
        return f"line {line}: {type(error).__name__}: {error}"
    return None


def _prepare(path: Path, runner: EvalExample) -> tuple[CodeExample, Printed]:
    printed = Printed()
    runner.include_print = printed
    runner.set_config(line_length=LINE_LENGTH)
    return CodeExample.create(path.read_text(), path=path), printed


def _unproven(source: str, calls: Counter[int]) -> str | None:
    """Why the comparison by pytest-examples was not a whole one, or None."""
    if not calls:
        return "it printed nothing, so nothing was compared"
    lines = source.splitlines()
    claimed: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        if node.func.id != "print" or node.lineno not in calls:
            continue
        first = line = (node.end_lineno or node.lineno) + 1
        while line <= len(lines) and OUTPUT_LINE.match(lines[line - 1]):
            claimed.add(line)
            line += 1
        # Of a loop with two prints it keeps the first turn's output only.
        if line - first not in (0, calls[node.lineno]):
            return (
                f"line {node.lineno} was printed {calls[node.lineno]} times, but "
                f"{line - first} lines of output stand below it: "
                "give the loop a single print"
            )
    output_lines = {n for n, text in enumerate(lines, 1) if OUTPUT_LINE.match(text)}
    if output_lines - claimed:
        where = ", ".join(map(str, sorted(output_lines - claimed)))
        return f"line {where}: output below a print that was never reached"
    return None


def _last_line_in(traceback: TracebackType | None, module_name: str) -> int | None:
    line = None
    while traceback is not None:
        if Path(traceback.tb_frame.f_code.co_filename).stem == module_name:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line


def _page_line(path: Path) -> str:
    """Where the site shows this program, as `docs/page.md:12`."""
    marker = f"/// program | {path.relative_to(ROOT / 'examples')}"
    for page in sorted((ROOT / "docs").rglob("*.md")):
        for number, text in enumerate(page.read_text().splitlines(), 1):
            if marker in text:
                return f"{page.relative_to(ROOT)}:{number}"
    return "on no page"
