# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Name a ConfigMap after its content, so that settings roll out and back with Pods."""

import hashlib
import json
import time

from kubernetes import client, config

NAMESPACE = "overview-configuration"

config.load_kube_config()
core = client.CoreV1Api()
apps = client.AppsV1Api()


def keep(data: dict[str, str]) -> str:
    """Create an immutable ConfigMap for these settings, if there is none yet."""
    text = json.dumps(data, sort_keys=True)
    name = f"settings-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    body = client.V1ConfigMap(
        metadata=client.V1ObjectMeta(name=name), data=data, immutable=True
    )
    try:
        core.create_namespaced_config_map(NAMESPACE, body, _request_timeout=30)
    except client.ApiException as error:
        if error.status != 409:
            raise
        # Kept before; or somebody else's, who has taken the same name.
        kept = core.read_namespaced_config_map(name, NAMESPACE, _request_timeout=10)
        if kept.data != data or not kept.immutable:
            raise ValueError(f"{name} is there, with other content") from None
    return name


def use(name: str) -> None:
    """Name this ConfigMap in all places where the template of "web" names one."""
    key = {"name": name, "key": "LANGUAGE", "optional": True}
    container = {
        "name": "server",
        "envFrom": [{"configMapRef": {"name": name}}],
        "env": [{"name": "LANGUAGE", "valueFrom": {"configMapKeyRef": key}}],
    }
    volume = {"name": "settings", "configMap": {"name": name}}
    # Entries of these lists that are not named here stay: they are merged by name.
    spec = {"containers": [container], "volumes": [volume]}
    body = {"spec": {"template": {"spec": spec}}}
    apps.patch_namespaced_deployment("web", NAMESPACE, body, _request_timeout=30)


def wait_until_rolled_out(name: str, seconds: float) -> client.V1Deployment:
    """Return the Deployment once all Pods are of its template, and available."""
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
            return now
        if time.monotonic() > deadline:
            raise TimeoutError(
                f"{name}, after {seconds} s: of {wanted}, {counts} are updated, "
                "there and available"
            )
        time.sleep(0.2)


for colour in ["green", "blue", "green"]:
    name = keep({"COLOUR": colour, "RETRIES": "3"})
    use(name)
    wait_until_rolled_out("web", seconds=120)
    read = core.read_namespaced_config_map(name, NAMESPACE, _request_timeout=10)
    print(f"{name}: {read.data['COLOUR']}, immutable {read.immutable}")
    #> settings-5f54d0cd: green, immutable True
    #> settings-aff6ca99: blue, immutable True
    #> settings-5f54d0cd: green, immutable True
