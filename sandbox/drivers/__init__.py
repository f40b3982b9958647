"""What a driver is: one way to get a cluster and to be rid of it again.

One module per driver, imported when it is needed: a sandbox on kwok should not wait
for what only kind uses.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Protocol, get_args, get_type_hints

from sandbox.errors import UserError

NAMES = ("kwok", "kind", "current")

AUDIT_POLICY = Path(__file__).with_name("audit-policy.yaml")
"""What the API servers that drivers start write into their audit logs."""


@dataclass(frozen=True)
class Request:
    """What the user asked for. None means that the driver decides.

    Each field is an option of `sandbox up`, with what stands for its value, and what it
    is, in the help.
    """

    kubernetes: Annotated[str | None, "VERSION", "a minor version such as 1.36"] = None
    port: Annotated[
        int | None, "PORT", "the API server's port; default: a free one"
    ] = None
    context: Annotated[
        str | None,
        "NAME",
        "the context of your kubeconfig for the driver current to use",
    ] = None
    node_image: Annotated[
        str | None, "IMAGE", "kind's node image; environment: SANDBOX_NODE_IMAGE"
    ] = None
    config: Annotated[
        Path | None, "FILE", "kind's configuration; environment: SANDBOX_KIND_CONFIG"
    ] = None
    workers: Annotated[int | None, "N", "kind's nodes besides the control plane"] = None


def options() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each field of Request, and what argparse is to be told of it."""
    for name, hint in get_type_hints(Request, include_extras=True).items():
        value, metavar, help_text = get_args(hint)
        yield name, {"type": get_args(value)[0], "metavar": metavar, "help": help_text}


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
                f"{flag(option)} does not work with the driver {driver}: leave it out"
            )
