"""What is known about each distribution: the fields of facts/distributions.yaml."""

from typing import Any, NamedTuple


class Fact(NamedTuple):
    """What is true of a system, and the page or the program that shows it."""

    says: str
    source: str = ""
    program: str = ""


class Change(NamedTuple):
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


class System(NamedTuple):
    """A distribution. `has` is None where stories run as on the one that it is like."""

    key: str
    page: str
    like: str
    title: str
    version: str
    version_source: str
    run_by: str
    facts: dict[str, Fact]
    has: frozenset[str] | None
    runs: str
    change: list[Change]
    seen: list[Seen]

    @property
    def path(self) -> str:
        """Its page, below docs/."""
        return f"distributions/{self.page}.md"

    @classmethod
    def of(cls, data: dict[str, Any]) -> "System":
        """Make a system of its fields in the file."""
        stories: dict[str, Any] = {"change": []} | data["stories"]
        fields: dict[str, Any] = {"page": data["key"], "like": ""} | data
        del fields["stories"]
        fields["facts"] = {key: Fact(**fact) for key, fact in data["facts"].items()}
        return cls(
            **fields,
            has=frozenset(stories["has"]) if "has" in stories else None,
            runs=stories["runs"],
            change=[Change(**change) for change in stories["change"]],
            seen=[Seen(**seen) for seen in stories["seen"]],
        )


class Known(NamedTuple):
    """The whole file: when it was checked, the systems, and the facts' names."""

    checked: str
    systems: list[System]
    labels: dict[str, str]

    def like(self, system: System) -> System | None:
        """Return the system of which this one is a variant, if any."""
        return next((s for s in self.systems if s.key == system.like), None)

    def on_page(self, page: str) -> list[System]:
        """Return the systems that have a page to themselves, or share it."""
        return [system for system in self.systems if system.page == page]
