"""What a cluster holds once its own controllers have come to rest, and a comparison."""

import os
import time

from sandbox import inventory, run
from sandbox.cluster import Cluster
from sandbox.errors import UserError

SETTLE = "KUBERNETES_OVERVIEW_SETTLE_SECONDS"
"""The environment variable that says how long to wait for deletions to end."""

SETTLE_SECONDS = float(os.environ.get(SETTLE, "120"))

# How long a new cluster may take. On a busy machine, its leaders take most of a minute.
NEW_SECONDS = 120.0

# The API server and the controllers put these into each namespace by themselves.
NAMESPACE_DEFAULTS = {
    ("configmaps", "kube-root-ca.crt"),
    ("serviceaccounts", "default"),
}

# On a new cluster these come last: each is written by who has become the leader.
LAST_TO_APPEAR = {
    inventory.Object("leases.coordination.k8s.io", "kube-system", name)
    for name in ("kube-controller-manager", "kube-scheduler")
}


def expected(existing: set[inventory.Object]) -> set[inventory.Object]:
    """What is to come on a cluster that has these already: the leaders, what they put
    into each namespace, and the Lease of each kubelet.
    """
    named = LAST_TO_APPEAR.copy()
    for each in existing:
        if each.resource == "namespaces":
            named |= {
                inventory.Object(resource, each.name, name)
                for resource, name in NAMESPACE_DEFAULTS
            }
        elif each.resource == "nodes":
            lease = ("leases.coordination.k8s.io", "kube-node-lease", each.name)
            named.add(inventory.Object(*lease))
    return named


def objects(cluster: Cluster) -> set[inventory.Object]:
    """All that a new cluster holds. Raises UserError if it does not come to rest."""
    deadline = time.monotonic() + NEW_SECONDS
    with run.client_for(cluster.kubeconfig) as api:
        before: set[inventory.Object] = set()
        while (now := inventory.objects(api)) != before or not now >= expected(now):
            if time.monotonic() > deadline:
                raise UserError(
                    f"the cluster {cluster.name} does not come to rest in {NEW_SECONDS}"
                    f" s; last seen to appear: {sorted(now - before)}, and to be"
                    f" missing: {sorted(expected(now) - now)}"
                )
            before = now
            time.sleep(1)
    return before


def difference(cluster: Cluster, before: set[inventory.Object]) -> list[str]:
    """What was left behind or taken away, once deletions have had their time."""
    with run.client_for(cluster.kubeconfig) as api:
        return inventory.settled_difference(api, before, SETTLE_SECONDS)
