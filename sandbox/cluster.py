"""What is known about a sandbox's cluster."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True)
class Cluster:
    """A cluster that is up.

    `name` is the sandbox's, not a context's. `driver` is "kwok", "kind" or
    "current". `kubernetes` is the API server's version, such as "v1.37.2".
    `kubeconfig` is a file of the sandbox's own. `created` has a time zone.
    `capabilities` says what the cluster has beyond an API server: "metrics"
    (metrics.k8s.io answers), "containers" (they really run), "simulated-nodes".
    """

    name: str
    driver: str
    kubernetes: str
    kubeconfig: Path
    created: datetime
    capabilities: frozenset[str]
    nodes: int
