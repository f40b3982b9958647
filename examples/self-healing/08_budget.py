# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Protect Pods by a disruption budget, and try to evict and to delete one."""

import json
import time

from kubernetes import client, config

NAMESPACE = "overview-self-healing"

config.load_kube_config()
core = client.CoreV1Api()
policy = client.PolicyV1Api()


def wait_for_budget(healthy: int, allowed: int, seconds: float = 120) -> str:
    """Wait until so many Pods are counted as healthy, and so many of them may go."""
    deadline = time.monotonic() + seconds
    while True:
        budget = policy.read_namespaced_pod_disruption_budget(
            "web", NAMESPACE, _request_timeout=10
        )
        seen = (budget.status.observed_generation or 0) >= budget.metadata.generation
        counts = (budget.status.current_healthy, budget.status.disruptions_allowed)
        if seen and counts == (healthy, allowed):
            return f"{healthy} Pods are healthy, {allowed} may go"
        if time.monotonic() > deadline:
            raise TimeoutError(f"not so after {seconds} s, but {budget.status}")
        time.sleep(0.2)


def pod_name() -> str:
    """Return the name of a Pod of web that is not about to go."""
    pods = core.list_namespaced_pod(
        NAMESPACE, label_selector="app=web", _request_timeout=10
    ).items
    return next(p.metadata.name for p in pods if not p.metadata.deletion_timestamp)


def evict() -> str:
    """Ask for a Pod's eviction, and return the answer."""
    name = pod_name()
    eviction = client.V1Eviction(metadata=client.V1ObjectMeta(name=name))
    try:
        core.create_namespaced_pod_eviction(
            name, NAMESPACE, eviction, _request_timeout=30
        )
        return "granted"
    except client.ApiException as error:
        if error.status != 429:
            raise
        try:
            [cause] = json.loads(error.body)["details"]["causes"]
        except (ValueError, KeyError):  # no budget's answer: the API server is busy
            return f"{error.status}, {error.body}"
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
    _request_timeout=30,
)

print(wait_for_budget(healthy=3, allowed=0))
#> 3 Pods are healthy, 0 may go
print(f"eviction: {evict()}")
#> eviction: 429, web needs 3 healthy pods and has 3 currently

core.delete_namespaced_pod(pod_name(), NAMESPACE, _request_timeout=30)
print("deletion: granted")
#> deletion: granted

policy.patch_namespaced_pod_disruption_budget(
    "web", NAMESPACE, {"spec": {"minAvailable": 2}}, _request_timeout=30
)
print(wait_for_budget(healthy=3, allowed=1))
#> 3 Pods are healthy, 1 may go
deadline = time.monotonic() + 60
# The deleted Pod may still be among these three. A refusal is not for ever: ask again.
while (answer := evict()) != "granted" and time.monotonic() < deadline:
    time.sleep(1)
print(f"eviction: {answer}")
#> eviction: granted

policy.delete_namespaced_pod_disruption_budget("web", NAMESPACE, _request_timeout=30)
