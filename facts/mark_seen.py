"""Say in facts/distributions.yaml where the examples were run, from a run's record.

`python3 facts/mark_seen.py minikube build/last-run.json --run URL` puts the newest mark
first among those of minikube. The workflow distributions.yml calls it where it may
write to the repository, so it needs no package, and writes nothing of a record unseen.
"""

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
KNOWN = ROOT / "facts" / "distributions.yaml"
KEPT = 4
"""Marks of a system that are kept, the newest of them."""

VERSION = re.compile(r"v?\d+\.\d+(?:\.\d+)?(?:[-+][0-9A-Za-z.+-]+)?")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

MARKS = re.compile(r"^      seen:(?: \[\])?\n((?:        .*\n)*)", re.MULTILINE)


class Mistake(Exception):
    """A user's mistake, told in one line."""


def mark_of(record: dict[str, Any], run: str) -> list[str]:
    """The lines of a mark, as they stand in the file.

    Raises Mistake where the record is not of a run with --sandbox current, or where it
    holds what is no date, version or number.
    """
    try:
        runs = [each for each in record["runs"] if each["driver"] == "current"]
        if len(runs) != 1:
            raise Mistake(
                "the record is of no run with --sandbox current: run the suite so"
            )
        (recorded_run,) = runs
        counts = {
            outcome: sum(
                int(story[outcome]) for story in recorded_run["stories"].values()
            )
            for outcome in ("passed", "failed")
        }
        date, version = str(record["date"]), str(recorded_run["kubernetes"])
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Mistake("the record is not one that the suite writes") from None
    if not DATE.fullmatch(date):
        raise Mistake(f"the record's date is none: {date!r}")
    if not VERSION.fullmatch(version):
        raise Mistake(f"the record's version of Kubernetes is none: {version!r}")
    return [
        f"        - date: {date}\n",
        f'          kubernetes: "{version}"\n',
        f"          passed: {counts['passed']}\n",
        f"          failed: {counts['failed']}\n",
        f"          run: {run}\n",
    ]


def marked(text: str, system: str, mark: list[str]) -> str:
    """The file with one more mark of a system; comments and layout stay.

    Raises Mistake where there is no such system.
    """
    start = text.find(f"\n  - key: {system}\n")
    if start < 0:
        known = ", ".join(re.findall(r"^  - key: (\S+)$", text, re.MULTILINE))
        raise Mistake(f"there is no system {system}: choose one of {known}")
    end = text.find("\n  - key: ", start + 1)
    block = text[start : end if end > 0 else len(text)]
    match = MARKS.search(block)
    if match is None:
        raise Mistake(f"{system} has no list `seen`: add `seen: []` to its stories")
    there = re.split(r"(?=^        - )", match[1], flags=re.MULTILINE)
    marks = ["".join(mark), *filter(None, there)][:KEPT]
    block = MARKS.sub(lambda _: "      seen:\n" + "".join(marks), block, count=1)
    return text[:start] + block + (text[end:] if end > 0 else "")


def main() -> int:
    """Change the file in place, or leave it as it is and say why not."""
    parser = argparse.ArgumentParser(prog="mark_seen", description=__doc__)
    parser.add_argument("system", help="its key in facts/distributions.yaml")
    parser.add_argument("record", type=Path, help="build/last-run.json of the run")
    parser.add_argument("--run", required=True, help="https address of the run")
    parser.add_argument(
        "--file", type=Path, default=KNOWN, help=f"default: {KNOWN.name}"
    )
    options = parser.parse_args()
    try:
        if not re.fullmatch(r"https://\S+", options.run):
            raise Mistake(f"--run {options.run} is no https address")
        try:
            record = json.loads(options.record.read_text())
        except OSError as error:
            raise Mistake(f"{options.record}: {error.strerror}") from None
        except ValueError:
            raise Mistake(f"{options.record} is not the JSON of a run") from None
        mark = mark_of(record, options.run)
        options.file.write_text(marked(options.file.read_text(), options.system, mark))
    except Mistake as mistake:
        print(f"mark_seen: {mistake}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
