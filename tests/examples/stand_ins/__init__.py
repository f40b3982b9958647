"""Local servers that speak as systems do that are not here, for programs for them.

A program runs as it is. The names that it asks for lead to servers on 127.0.0.1
(`network`), and in the end to the sandbox's API server (`api_server`).
"""

import os
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from kubernetes import client

from sandbox import run
from sandbox.cluster import Cluster
from tests.examples.stand_ins.aks import aks
from tests.examples.stand_ins.api_server import ApiServer
from tests.examples.stand_ins.eks import eks
from tests.examples.stand_ins.gke import gke
from tests.examples.stand_ins.network import Network, network
from tests.examples.stand_ins.openshift import openshift

# Variables by which whoever runs the suite may be known to the real ones.
THEIR_OWN = ("AWS_", "AZURE_", "CLOUDSDK_", "GOOGLE_", "OPENSHIFT_", "KUBECONFIG")


class StandIn(Protocol):
    """What all of them have: variables for a program, and an API server."""

    @property
    def environment(self) -> dict[str, str]: ...

    @property
    def api_server(self) -> ApiServer: ...


Made = AbstractContextManager[StandIn]

STAND_INS: dict[str, Callable[[Network, client.ApiClient, Cluster, Path], Made]] = {
    "aks": lambda net, admin, cluster, folder: aks(net, admin),
    "eks": lambda net, admin, cluster, folder: eks(net, admin),
    "gke": lambda net, admin, cluster, folder: gke(net, admin, folder),
    "openshift": openshift,
}


@contextmanager
def ground(
    cluster: Cluster, folder: Path
) -> Generator[tuple[Network, client.ApiClient]]:
    """A network, and the sandbox's administrator, with which all of them are made."""
    with run.client_for(cluster.kubeconfig) as admin, network(folder) as made:
        yield made, admin


@contextmanager
def standing_in(system: str, cluster: Cluster, folder: Path) -> Generator[StandIn]:
    """The stand-in for a system, by its name."""
    with (
        ground(cluster, folder) as (made, admin),
        STAND_INS[system](made, admin, cluster, folder) as stand_in,
    ):
        yield stand_in


def variables(stand_in: StandIn, home: Path) -> dict[str, str]:
    """The environment of a program, without what is its user's own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(THEIR_OWN)}
    return {**kept, "HOME": str(home), **stand_in.environment}
