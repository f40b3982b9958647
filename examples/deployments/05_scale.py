# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Change how many replicas run, through the scale subresource."""

import time

from kubernetes import client, config

NAMESPACE = "overview-deployments"

config.load_kube_config()
apps = client.AppsV1Api()


def wait_for_replicas(name: str, replicas: int, seconds: float) -> client.V1Deployment:
    """Return the Deployment once exactly so many replicas run and are available."""
    deadline = time.monotonic() + seconds
    while True:
        now = apps.read_namespaced_deployment(name, NAMESPACE, _request_timeout=10)
        # Until the controller has seen this generation, its counts are old.
        seen = (now.status.observed_generation or 0) >= now.metadata.generation
        running = now.status.replicas or 0
        available = now.status.available_replicas or 0
        if seen and running == available == replicas:
            return now
        if time.monotonic() > deadline:
            raise TimeoutError(
                f"{name}, after {seconds} s: wanted {replicas}, "
                f"{running} running, {available} available"
            )
        time.sleep(0.2)


scale = apps.read_namespaced_deployment_scale("web", NAMESPACE, _request_timeout=10)
print(f"{scale.spec.replicas} replicas, counted by {scale.status.selector}")
#> 2 replicas, counted by app=web

for wanted in [3, 0, 2]:
    scale = apps.patch_namespaced_deployment_scale(
        "web", NAMESPACE, {"spec": {"replicas": wanted}}, _request_timeout=30
    )
    before = scale.status.replicas
    web = wait_for_replicas("web", wanted, seconds=60)
    [condition] = [c for c in web.status.conditions if c.type == "Available"]
    now = f"{web.status.available_replicas}, Available={condition.status}"
    print(f"wanted {wanted}, had {before}, then {now}")
    #> wanted 3, had 2, then 3, Available=True
    #> wanted 0, had 3, then None, Available=True
    #> wanted 2, had 0, then 2, Available=True
