"""The facts that pages show: facts/*.yaml, each checked against its schema."""

import json
import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from book.systems import Known, System
from sandbox.errors import UserError
from sandbox.story import LOADER

# What may become of a claim, and the field of a claim that says more.
FATES = {"proven": "program", "cited": "source", "corrected": "truth"}


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


class Claim(NamedTuple):
    """A statement of the chapter in our words; facts/claims.yaml has its fields."""

    key: str
    said: str
    fate: str
    truth: str = ""
    program: str = ""
    source: str = ""
    note: str = ""
    page: str = ""
    behaviour: bool = False


class Heading(NamedTuple):
    """A heading of the chapter, and what it claims below it."""

    key: str
    title: str
    claims: list[Claim]


def claims(root: Path) -> list[Heading]:
    """Read facts/claims.yaml. Raises UserError where it is not what it should be."""

    def claim(fields: dict[str, Any]) -> Claim:
        (fate,) = fields.keys() & FATES.keys()
        named = {FATES.get(name, name): value for name, value in fields.items()}
        return Claim(fate=fate, **named)

    return [
        Heading(heading["key"], heading["title"], list(map(claim, heading["claims"])))
        for heading in read(root, "claims")
    ]


def terms(root: Path) -> list[Term]:
    """Read facts/glossary.yaml. Raises UserError as `claims` does."""
    return [Term(**each) for each in read(root, "glossary")]


def pattern(forms: Collection[str]) -> re.Pattern[str]:
    """Return what finds these words in a text: of two that begin alike, the longer."""
    longest_first = sorted(forms, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")


def systems(root: Path) -> Known:
    """Read facts/distributions.yaml. Raises UserError as `claims` does."""
    fields = schema(root, "distributions")["$defs"]["system"]["properties"]
    labels = {k: fact["title"] for k, fact in fields["facts"]["properties"].items()}
    data = read(root, "distributions")
    known = Known(data["checked"], list(map(System.of, data["systems"])), labels)
    keys = [system.key for system in known.systems]
    for system in known.systems:
        if keys.count(system.key) > 1:
            raise UserError(f"facts/distributions.yaml: {system.key} is there twice")
        if system.like not in ("", *keys):
            raise UserError(
                f"facts/distributions.yaml: {system.key} is like {system.like}, which "
                "is not there"
            )
    return known


def schema(root: Path, name: str) -> Any:
    """Read the schema of a file of facts/."""
    return json.loads((root / "facts" / f"{name}.schema.json").read_text())


def read(root: Path, name: str) -> Any:
    """Read a file of facts/, and check it against its schema.

    Args:
        root: the folder in which facts/ is.
        name: the file's name without its ending.

    Returns:
        What is in it, days as text.

    Raises:
        UserError: where it is no YAML, or not what the schema says; in one line.
    """
    path = root / "facts" / f"{name}.yaml"
    try:
        # JSON has no dates: what YAML takes for one is text again.
        loaded = yaml.load(path.read_text(), LOADER)
        data = json.loads(json.dumps(loaded, default=str))
    except (yaml.YAMLError, TypeError) as error:
        line = " ".join(str(error).split())
        raise UserError(f"facts/{path.name}: not valid YAML: {line}") from None
    validator = Draft202012Validator(
        schema(root, name),
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )
    if fault := best_match(validator.iter_errors(data)):
        raise UserError(f"facts/{path.name}: {_place(fault, data)}: {_says(fault)}")
    return data


def _place(fault: ValidationError, data: Any) -> str:
    """Say where it is wrong, with keys of list items in the place of their numbers."""
    names: list[str] = []
    for step in fault.absolute_path:
        data = data[step]
        key = isinstance(data, dict) and (data.get("key") or data.get("term"))
        names = [*names, str(step)] if isinstance(step, str) or not key else [key]
    return " ".join(names) or "the whole"


def _says(fault: ValidationError) -> str:
    """Say what is wrong there, in the words of the schema where it has any."""
    about = fault.schema
    if fault.validator == "pattern" and isinstance(about, dict):
        return f"{fault.instance!r} is not {about.get('description', 'allowed')}"
    return fault.message
