# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Replace the Pods when their settings have changed, and only then."""

import hashlib
import json
import time

from kubernetes import client, config

NAMESPACE = "overview-configuration"

config.load_kube_config()
core = client.CoreV1Api()
apps = client.AppsV1Api()


def set_checksum(name: str, data: dict[str, str]) -> client.V1Deployment:
    """Note in the Pod template what the settings are: a change of it is a rollout."""
    text = json.dumps(data, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()
    note = {"example.com/settings": digest}
    body = {"spec": {"template": {"metadata": {"annotations": note}}}}
    return apps.patch_namespaced_deployment(name, NAMESPACE, body, _request_timeout=30)


def wait_until_rolled_out(name: str, seconds: float) -> None:
    """Return once all Pods are of the present template, and available."""
    deadline = time.monotonic() + seconds
    while True:
        now = apps.read_namespaced_deployment(name, NAMESPACE, _request_timeout=10)
        status, wanted = now.status, now.spec.replicas
        counts = [
            status.updated_replicas or 0,
            status.replicas or 0,
            status.available_replicas or 0,
        ]
        seen = (status.observed_generation or 0) >= now.metadata.generation
        if seen and counts == [wanted] * 3:
            return
        if time.monotonic() > deadline:
            raise TimeoutError(
                f"{name}, after {seconds} s: of {wanted}, {counts} are updated, "
                "there and available"
            )
        time.sleep(0.2)


def pods() -> set[str]:
    """List the UIDs of the Pods of "web" that are not being deleted."""
    found = core.list_namespaced_pod(
        NAMESPACE, label_selector="app=web", _request_timeout=10
    ).items
    return {p.metadata.uid for p in found if not p.metadata.deletion_timestamp}


for colour in ["blue", "red", "red"]:
    before = pods()
    settings = core.patch_namespaced_config_map(
        "settings", NAMESPACE, {"data": {"COLOUR": colour}}, _request_timeout=30
    )
    set_checksum("web", settings.data)
    wait_until_rolled_out("web", seconds=120)
    print(f"{colour}: {len(pods() - before)} of {len(before)} Pods are new")
    #> blue: 2 of 2 Pods are new
    #> red: 2 of 2 Pods are new
    #> red: 0 of 2 Pods are new
