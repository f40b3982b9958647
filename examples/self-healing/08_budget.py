# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Protect Pods by a disruption budget, and try to evict and to delete one."""

import json
import time

from kubernetes import client, config

NAMESPACE = "self-healing"

config.load_kube_config()
core = client.CoreV1Api()
policy = client.PolicyV1Api()


def wait_for_budget(allowed: int, seconds: float = 120) -> str:
    """Wait until the budget has counted, and allows so many disruptions."""
    deadline = time.monotonic() + seconds
    while True:
        budget = policy.read_namespaced_pod_disruption_budget("web", NAMESPACE)
        seen = (budget.status.observed_generation or 0) >= budget.metadata.generation
        if seen and budget.status.disruptions_allowed == allowed:
            return f"{budget.status.current_healthy} Pods are healthy, {allowed} may go"
        if time.monotonic() > deadline:
            raise TimeoutError(f"not {allowed} after {seconds} s, but {budget.status}")
        time.sleep(0.2)


def pod_name() -> str:
    """Return the name of a Pod of web that is not about to go."""
    pods = core.list_namespaced_pod(NAMESPACE, label_selector="app=web").items
    return next(p.metadata.name for p in pods if not p.metadata.deletion_timestamp)


def evict() -> str:
    """Ask for a Pod's eviction, and return the answer."""
    name = pod_name()
    eviction = client.V1Eviction(metadata=client.V1ObjectMeta(name=name))
    try:
        core.create_namespaced_pod_eviction(name, NAMESPACE, eviction)
        return "granted"
    except client.ApiException as error:
        if error.status != 429:
            raise
        [cause] = json.loads(error.body)["details"]["causes"]
        return f"{error.status}, {cause['message'].partition(' budget ')[2]}"


policy.create_namespaced_pod_disruption_budget(
    NAMESPACE,
    client.V1PodDisruptionBudget(
        metadata=client.V1ObjectMeta(name="web"),
        spec=client.V1PodDisruptionBudgetSpec(
            selector=client.V1LabelSelector(match_labels={"app": "web"}),
            min_available=3,
        ),
    ),
)

print(wait_for_budget(allowed=0))
#> 3 Pods are healthy, 0 may go
print(f"eviction: {evict()}")
#> eviction: 429, web needs 3 healthy pods and has 3 currently

core.delete_namespaced_pod(pod_name(), NAMESPACE)
print("deletion: granted")
#> deletion: granted

policy.patch_namespaced_pod_disruption_budget(
    "web", NAMESPACE, {"spec": {"minAvailable": 2}}
)
print(wait_for_budget(allowed=1))
#> 3 Pods are healthy, 1 may go
print(f"eviction: {evict()}")
#> eviction: granted

policy.delete_namespaced_pod_disruption_budget("web", NAMESPACE)
