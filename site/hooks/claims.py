"""What does the chapter claim, and what became of each claim? Read from claims.yaml."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError

FATES = ("proven", "cited", "corrected")


@dataclass(frozen=True)
class Claim:
    """A statement of the chapter in our words; docs/claims.yaml explains the fields."""

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


def headings(config: MkDocsConfig) -> list[Heading]:
    """All headings of the chapter, in its order.

    Raises PluginError where docs/claims.yaml is not what it should be.
    """
    path = Path(config.docs_dir) / "claims.yaml"
    return _read(path, path.stat().st_mtime_ns)


def claims(config: MkDocsConfig) -> Iterator[Claim]:
    """All claims of the chapter, in its order."""
    return (claim for heading in headings(config) for claim in heading.claims)


@lru_cache(maxsize=1)
def _read(path: Path, _changed: int) -> list[Heading]:
    """Read the file; once for all pages, and again when it has changed."""
    try:
        return [
            Heading(h["key"], h["title"], [_claim(c) for c in h["claims"]])
            for h in yaml.safe_load(path.read_text())
        ]
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise PluginError(f"docs/{path.name}: not a list of claims: {error}") from None


def _claim(data: dict[str, Any]) -> Claim:
    """A claim from its fields in the file, of which one is its fate."""
    fields = dict(data)
    fates = [fate for fate in FATES if fate in fields]
    if len(fates) != 1:
        raise ValueError(f"{data['key']} needs one of {', '.join(FATES)}")
    told = fields.pop(fates[0])
    fields[{"proven": "program", "cited": "source", "corrected": "truth"}[fates[0]]] = (
        told
    )
    return Claim(fate=fates[0], **fields)
