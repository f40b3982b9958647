"""What is known about each distribution."""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

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
    """A distribution; the head of facts/distributions.yaml explains the fields."""

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

    @property
    def path(self) -> str:
        """Its page, below docs/."""
        return f"{FOLDER}/{self.page}.md"

    @classmethod
    def of(cls, data: dict[str, Any]) -> "System":
        """Make a system of its fields in the file."""
        stories = data["stories"]
        return cls(
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

    @classmethod
    def of(cls, data: dict[str, Any], schema: dict[str, Any]) -> "Known":
        """Make it of what is in the file, whose schema has the names of the facts.

        Raises ValueError where a day is none, a system is there twice, or is like one
        that isn't there.
        """
        named = schema["$defs"]["system"]["properties"]["facts"]["properties"]
        try:
            checked = date.fromisoformat(data["checked"])
        except ValueError as error:
            raise ValueError(f"checked: {error}") from None
        known = cls(
            checked,
            [System.of(system) for system in data["systems"]],
            {key: fact["title"] for key, fact in named.items()},
        )
        keys = [system.key for system in known.systems]
        for system in known.systems:
            if keys.count(system.key) > 1:
                raise ValueError(f"{system.key} is there twice")
            if system.like and known.like(system) is None:
                raise ValueError(
                    f"{system.key} is like {system.like}, which is not there"
                )
        return known
