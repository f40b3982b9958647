"""A line of the table that `make bench` prints."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measurement beside its target; `note` says how it was taken.

    `target` is empty where there is none.
    """

    what: str
    target: str
    measured: str
    note: str = ""
