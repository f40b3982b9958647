"""What a driver is: one way to get a cluster and to be rid of it again.

One module per driver, imported when it is needed: a sandbox on kwok should not wait
for what only kind uses.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sandbox.errors import UserError

NAMES = ("kwok", "kind", "current")

AUDIT_POLICY = Path(__file__).with_name("audit-policy.yaml")
"""What the API servers that drivers start write into their audit logs."""


@dataclass(frozen=True)
class Request:
    """What the user asked for. None means that the driver decides.

    `kubernetes` is a minor version such as "1.36". `port` is the API server's on
    127.0.0.1. `context` belongs to "current"; `node_image`, `config` and `workers`
    (nodes beside the control plane) to "kind".
    """

    kubernetes: str | None = None
    port: int | None = None
    context: str | None = None
    node_image: str | None = None
    config: Path | None = None
    workers: int | None = None


@dataclass(frozen=True)
class Created:
    """What a driver says about the cluster that it made; see Cluster."""

    kubernetes: str
    capabilities: frozenset[str]
    nodes: int
    audit_log: Path | None = None


class Driver(Protocol):
    """The functions of each module in this package."""

    def check(self, request: Request) -> None:
        """Raises UserError if the driver can't do what is asked. Changes nothing."""
        ...

    def create(self, name: str, folder: Path, request: Request) -> Created:
        """Makes the cluster and writes `folder`/kubeconfig.

        May leave a part of it behind when it raises: the caller calls delete.
        """
        ...

    def delete(self, name: str, folder: Path) -> None:
        """Removes what create made outside `folder`, however far it got."""
        ...

    def fault(self, name: str, folder: Path) -> str | None:
        """Why the cluster is no longer usable, or None if it seems to be."""
        ...


def load(name: str) -> Driver:
    """The driver of that name; UserError if there is none."""
    match name:
        case "kwok":
            from sandbox.drivers import kwok as driver
        case "kind":
            from sandbox.drivers import kind as driver
        case "current":
            from sandbox.drivers import current as driver
        case _:
            raise UserError(f"unknown driver {name!r}: choose {', '.join(NAMES)}")
    return driver


def refuse(request: Request, driver: str, *options: str) -> None:
    """Raises UserError if the request has one of the options, which are not for it."""
    for option in options:
        if getattr(request, option) is not None:
            flag = "--" + option.replace("_", "-")
            raise UserError(f"{flag} is not for the driver {driver}: leave it out")
