"""The facts that pages show: facts/*.yaml, each checked against its schema."""

import json
import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from mkdocs.exceptions import PluginError

from book.claims import Heading
from book.systems import Known
from sandbox.story import LOADER


class Term(NamedTuple):
    """A word, what it means, where that is defined, and its other forms.

    `page` introduces it, if a page does.
    """

    term: str
    means: str
    source: str
    also: Sequence[str] = ()
    page: str = ""

    @property
    def forms(self) -> list[str]:
        """How it is written on pages."""
        return [self.term, *self.also]


def claims(root: Path) -> list[Heading]:
    """Read facts/claims.yaml. Raises PluginError where it is not what it should be."""
    return [Heading.of(heading) for heading in read(root, "claims")]


def terms(root: Path) -> list[Term]:
    """Read facts/glossary.yaml. Raises PluginError as `claims` does."""
    return [Term(**each) for each in read(root, "glossary")]


def pattern(forms: Collection[str]) -> re.Pattern[str]:
    """Finds these words in a text: of two that begin alike, the longer one."""
    longest_first = sorted(forms, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")


def systems(root: Path) -> Known:
    """Read facts/distributions.yaml. Raises PluginError as `claims` does."""
    try:
        return Known.of(read(root, "distributions"), schema(root, "distributions"))
    except ValueError as error:
        raise PluginError(f"facts/distributions.yaml: {error}") from None


def schema(root: Path, name: str) -> Any:
    """The schema of a file of facts/."""
    return json.loads((root / "facts" / f"{name}.schema.json").read_text())


def read(root: Path, name: str) -> Any:
    """Read a file of facts/, and check it against its schema.

    Args:
        root: the folder in which facts/ is.
        name: the file's name without its ending.

    Returns:
        What is in it, days as text.

    Raises:
        PluginError: where it is no YAML, or not what the schema says; in one line.
    """
    path = root / "facts" / f"{name}.yaml"
    return _read(path.resolve(), path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> Any:
    """Read a file once for all builds, and again when it has changed."""
    try:
        # JSON has no dates: what YAML takes for one is text again.
        loaded = yaml.load(path.read_text(), LOADER)
        data = json.loads(json.dumps(loaded, default=str))
    except (yaml.YAMLError, TypeError) as error:
        line = " ".join(str(error).split())
        raise PluginError(f"facts/{path.name}: not valid YAML: {line}") from None
    faults = Draft202012Validator(schema(path.parents[1], path.stem)).iter_errors(data)
    if fault := best_match(faults):
        raise PluginError(f"facts/{path.name}: {_place(fault, data)}: {_says(fault)}")
    return data


def _place(fault: ValidationError, data: Any) -> str:
    """Where it is wrong, with the keys of list items in the place of their numbers."""
    named: list[str] = []
    for step in fault.absolute_path:
        data = data[step]
        key = isinstance(data, dict) and (data.get("key") or data.get("term"))
        if not isinstance(step, int):
            named.append(step)
        elif key:
            named = [key]
        else:
            named.append(str(step))
    return " ".join(named) or "the whole"


def _says(fault: ValidationError) -> str:
    """What is wrong there, in the words of the schema where it has any."""
    about = fault.schema
    if fault.validator == "pattern" and isinstance(about, dict):
        return f"{fault.instance!r} is not {about.get('description', 'allowed')}"
    return fault.message
