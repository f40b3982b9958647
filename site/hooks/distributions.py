"""What is known about each distribution? Read from docs/distributions.yaml.

site/distributions.schema.json says what that file may hold, and how each fact is called
on the pages.
"""

import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError

SCHEMA = Path(__file__).parent.parent / "distributions.schema.json"

# The folder of the systems' pages, below docs/.
FOLDER = "distributions"


@dataclass(frozen=True)
class Fact:
    """What is true of a system, and the page or the program that shows it."""

    says: str
    source: str = ""
    program: str = ""


@dataclass(frozen=True)
class Change:
    """What a story needs on a system before it runs there, and why."""

    story: str
    why: str
    what: str
    source: str


class Seen(NamedTuple):
    """A run of the examples on a system, written down by the workflow that ran them."""

    date: str
    kubernetes: str
    passed: int
    failed: int
    run: str


@dataclass(frozen=True)
class System:
    """A distribution; the head of docs/distributions.yaml explains the fields."""

    key: str
    page: str
    like: str
    title: str
    version: str
    version_source: str
    run_by: str
    facts: dict[str, Fact]
    has: frozenset[str]
    runs: str
    change: list[Change]
    seen: list[Seen]
    # A variant on which the stories run as on its model.
    as_model: bool


class Known(NamedTuple):
    """The whole file: when it was checked, the systems, and the facts' names."""

    checked: date
    systems: list[System]
    labels: dict[str, str]

    def like(self, system: System) -> System | None:
        """The system of which this one is a variant, if any."""
        return next((s for s in self.systems if s.key == system.like), None)

    def on_page(self, page: str) -> list[System]:
        """The systems that have a page to themselves, or share it."""
        return [system for system in self.systems if system.page == page]


def read(config: MkDocsConfig) -> Known:
    """All that is known.

    Raises PluginError where docs/distributions.yaml is not what its schema says.
    """
    path = Path(config.docs_dir) / "distributions.yaml"
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _read(path: Path, _changed: int) -> Known:
    """Read the file; once for all pages, and again when it has changed."""
    try:
        # JSON has no dates: what YAML takes for one is text again.
        loaded = yaml.safe_load(path.read_text())
        data = json.loads(json.dumps(loaded, default=str))
    except (yaml.YAMLError, TypeError) as error:
        line = " ".join(str(error).split())
        raise PluginError(f"docs/{path.name}: not valid YAML: {line}") from None
    schema = json.loads(SCHEMA.read_text())
    fault = best_match(Draft202012Validator(schema).iter_errors(data))
    if fault is not None:
        raise PluginError(f"docs/{path.name}: {place(fault, data)}: {says(fault)}")
    try:
        known = Known(
            date.fromisoformat(data["checked"]),
            [_system(system) for system in data["systems"]],
            _labels(schema),
        )
    except ValueError as error:
        raise PluginError(f"docs/{path.name}: checked: {error}") from None
    keys = [system.key for system in known.systems]
    for system in known.systems:
        if keys.count(system.key) > 1:
            raise PluginError(f"docs/{path.name}: {system.key} is there twice")
        if system.like and known.like(system) is None:
            raise PluginError(
                f"docs/{path.name}: {system.key} is like {system.like}, which is not "
                "there"
            )
    return known


def place(fault: ValidationError, data: Any) -> str:
    """Where in the file it is wrong, with a system's key in the place of its number."""
    path = list(fault.absolute_path)
    if path[:1] == ["systems"] and len(path) > 1:
        system = data["systems"][path[1]]
        named = isinstance(system, dict) and system.get("key")
        path = [named or f"system {path[1]}", *path[2:]]
    return " ".join(map(str, path)) or "the whole"


def says(fault: ValidationError) -> str:
    """What is wrong there, in the words of the schema where it has any."""
    schema = fault.schema
    if fault.validator == "pattern" and isinstance(schema, dict):
        return f"{fault.instance!r} is not {schema.get('description', 'allowed')}"
    return fault.message


def _system(data: dict[str, Any]) -> System:
    stories = data["stories"]
    return System(
        key=data["key"],
        page=data.get("page", data["key"]),
        like=data.get("like", ""),
        title=data["title"],
        version=data["version"],
        version_source=data["version_source"],
        run_by=data["run_by"],
        facts={key: Fact(**fact) for key, fact in data["facts"].items()},
        has=frozenset(stories.get("has", [])),
        runs=stories["runs"],
        change=[Change(**change) for change in stories.get("change", [])],
        seen=[Seen(**seen) for seen in stories["seen"]],
        as_model="has" not in stories,
    )


def _labels(schema: dict[str, Any]) -> dict[str, str]:
    facts = schema["$defs"]["system"]["properties"]["facts"]["properties"]
    return {key: fact["title"] for key, fact in facts.items()}
