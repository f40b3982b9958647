# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers"]
# [tool.sandbox.only-with]
# containers = ["create pods", "get pods", "patch pods", "delete pods", "get pods/log"]
# ///
"""Watch a setting from inside a container: missing, there, and then changed."""

import time

from kubernetes import client, config

NAMESPACE = "overview-configuration"

config.load_kube_config()
core = client.CoreV1Api()

# Says, each second, what the variable and the file have.
script = """
while true; do
    echo "variable $LANGUAGE, file $(cat /etc/settings/LANGUAGE)"
    sleep 1
done
"""
language = {"configMapKeyRef": {"name": "settings", "key": "LANGUAGE"}}
container = {
    "name": "viewer",
    "image": "docker.io/library/busybox:1.35.0",
    "command": ["sh", "-c", script],
    "env": [{"name": "LANGUAGE", "valueFrom": language}],
    "volumeMounts": [{"name": "settings", "mountPath": "/etc/settings"}],
    "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}},
}
viewer = {
    "metadata": {"name": "viewer"},
    "spec": {
        "terminationGracePeriodSeconds": 1,
        "containers": [container],
        "volumes": [{"name": "settings", "configMap": {"name": "settings"}}],
    },
}


def state() -> str:
    """Say why the container waits, or what it said last."""
    pod = core.read_namespaced_pod("viewer", NAMESPACE, _request_timeout=10)
    for container in pod.status.container_statuses or []:
        if container.state.waiting:
            return container.state.waiting.reason
        if container.state.running:
            said = core.read_namespaced_pod_log(
                "viewer", NAMESPACE, tail_lines=1, _request_timeout=10
            )
            return said.strip()
    return pod.status.phase


def wait_for(wanted: str, seconds: float = 180) -> str:
    """Return the state as soon as it is this one."""
    deadline = time.monotonic() + seconds
    while (now := state()) != wanted:
        if time.monotonic() > deadline:
            raise TimeoutError(f"viewer, after {seconds} s: {now}, not {wanted}")
        time.sleep(1)
    return now


core.create_namespaced_pod(NAMESPACE, viewer, _request_timeout=30)
print(f"no such key: {wait_for('CreateContainerConfigError')}")
#> no such key: CreateContainerConfigError

for step, (value, expected) in enumerate(
    [("en", "variable en, file en"), ("fr", "variable en, file fr")]
):
    core.patch_namespaced_config_map(
        "settings", NAMESPACE, {"data": {"LANGUAGE": value}}, _request_timeout=30
    )
    # The kubelet looks again when a Pod changes, rather than within a minute or two.
    note = {"metadata": {"annotations": {"example.com/look-again": str(step)}}}
    core.patch_namespaced_pod("viewer", NAMESPACE, note, _request_timeout=30)
    print(f"{value}: {wait_for(expected)}")
    #> en: variable en, file en
    #> fr: variable en, file fr

core.delete_namespaced_pod("viewer", NAMESPACE, _request_timeout=30)
