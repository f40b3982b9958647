"""What a driver is: one way to get a cluster and to be rid of it again.

One module per driver, imported when it is needed: a sandbox on kwok should not wait
for what only kind uses.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from sandbox.errors import UserError

NAMES = ("kwok", "kind", "current")

AUDIT_POLICY = Path(__file__).with_name("audit-policy.yaml")
"""What the API servers that drivers start write into their audit logs."""


def _told(metavar: str, help: str, type: type = str) -> dict[str, Any]:
    """What argparse is to be told of a field that is an option of `sandbox up`."""
    return {"metavar": metavar, "help": help, "type": type}


@dataclass(frozen=True)
class Request:
    """What the user asked for, as options of `sandbox up`.

    None means that the driver decides.
    """

    kubernetes: str | None = field(
        default=None, metadata=_told("VERSION", "a minor version such as 1.36")
    )
    port: int | None = field(
        default=None,
        metadata=_told("PORT", "the API server's; default: a free one", int),
    )
    context: str | None = field(
        default=None,
        metadata=_told(
            "NAME", "the context of your kubeconfig that the driver current is to use"
        ),
    )
    node_image: str | None = field(
        default=None,
        metadata=_told("IMAGE", "kind's node image; environment: SANDBOX_NODE_IMAGE"),
    )
    config: Path | None = field(
        default=None,
        metadata=_told(
            "FILE", "kind's configuration; environment: SANDBOX_KIND_CONFIG", Path
        ),
    )
    workers: int | None = field(
        default=None, metadata=_told("N", "kind's nodes beside the control plane", int)
    )


def flag(option: str) -> str:
    """How a field of Request is called on the command line."""
    return "--" + option.replace("_", "-")


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
            raise UserError(
                f"{flag(option)} is not for the driver {driver}: leave it out"
            )
