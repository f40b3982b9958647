"""The claims of the chapter, and what became of each."""

from dataclasses import dataclass
from typing import Any, NamedTuple

# What may become of a claim, and the field of a claim that says more.
FATES = {"proven": "program", "cited": "source", "corrected": "truth"}


@dataclass(frozen=True)
class Claim:
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

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Claim":
        """Make a claim of its fields in the file, of which one is its fate."""
        (fate,) = data.keys() & FATES.keys()
        fields = {FATES.get(name, name): value for name, value in data.items()}
        return cls(fate=fate, **fields)


class Heading(NamedTuple):
    """A heading of the chapter, and what it claims below it."""

    key: str
    title: str
    claims: list[Claim]

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Heading":
        """Make a heading of its fields in the file."""
        claims = [Claim.of(claim) for claim in data["claims"]]
        return cls(data["key"], data["title"], claims)
