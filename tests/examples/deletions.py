"""What is being deleted: a namespace takes five seconds, in which others can run."""

from collections.abc import Iterable
from pathlib import Path

from sandbox import made, run

_begun: list[tuple[Path, str]] = []


def note(kubeconfig: Path, paths: Iterable[str]) -> None:
    """Note the API paths of objects that are being deleted."""
    _begun.extend((kubeconfig, path) for path in paths)


def wait() -> None:
    """Wait until all of them are gone. Raises UserError if one is not."""
    while _begun:
        kubeconfig, path = _begun.pop()
        with run.client_for(kubeconfig) as api:
            made.wait_until_gone(api, [path])
