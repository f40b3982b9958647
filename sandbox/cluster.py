"""What is known about a sandbox's cluster."""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True)
class Cluster:
    """A cluster that is up.

    `name` is the sandbox's, not a context's. `driver` is "kwok", "kind" or
    "current". `kubernetes` is the API server's version, such as "v1.2.3".
    `kubeconfig` is a file of the sandbox's own. `created` has a time zone.
    `capabilities` says what the cluster has beyond an API server: "metrics"
    (metrics.k8s.io answers), "containers" (they really run), "images" (its nodes have
    those that a story builds, or need none), "simulated-nodes",
    "audit-log" (the API server's is the file `audit_log`, which is None otherwise),
    "components" (each can be stopped and started). `context` is the one of the user's
    that the driver "current" was told, and None on others.
    """

    name: str
    driver: str
    kubernetes: str
    kubeconfig: Path
    created: datetime
    capabilities: frozenset[str]
    nodes: int
    audit_log: Path | None = None
    context: str | None = None

    @property
    def options(self) -> list[str]:
        """Those by which a command of the sandbox names it."""
        context = ["--context", self.context] if self.context else []
        return ["--name", self.name, *context]

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which a program finds the cluster and its audit log."""
        variables = {
            "KUBECONFIG": str(self.kubeconfig),
            # Said even if there is none: another sandbox may have set it before.
            "SANDBOX_AUDIT_LOG": str(self.audit_log or ""),
            # Some programs read the one, some the other.
            "NO_PROXY": no_proxy(),
            "no_proxy": no_proxy(),
        }
        if self.driver == "kind":
            from sandbox.drivers import kind

            # For kind's own commands, such as `kind load docker-image`.
            folder = self.kubeconfig.parent
            variables["KIND_CLUSTER_NAME"] = kind.cluster_name(self.name, folder)
        return variables


def no_proxy() -> str:
    """What the environment says is reached without a proxy, and 127.0.0.1.

    Python's HTTP clients would ask a proxy for that, too.
    """
    configured = ",".join(os.environ.get(name, "") for name in ("NO_PROXY", "no_proxy"))
    hosts = [*configured.replace(" ", "").split(","), "127.0.0.1"]
    return "*" if "*" in hosts else ",".join(dict.fromkeys(filter(None, hosts)))
