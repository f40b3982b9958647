# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Give a Deployment's Pods their settings, then change the settings under them."""

import time

from kubernetes import client, config

NAMESPACE = "overview-configuration"

config.load_kube_config()
core = client.CoreV1Api()
apps = client.AppsV1Api()

password = {"name": "login", "key": "PASSWORD"}
language = {"name": "settings", "key": "LANGUAGE", "optional": True}
probe = {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 1}
container = {
    "name": "server",
    "image": "registry.k8s.io/e2e-test-images/agnhost:2.66.1",
    "args": ["netexec", "--http-port=8080"],
    "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}},
    "readinessProbe": probe,
    # All keys as environment variables, each under its own name.
    "envFrom": [{"configMapRef": {"name": "settings"}}],
    "env": [
        # One key, under a name of our choice.
        {"name": "LOGIN_PASSWORD", "valueFrom": {"secretKeyRef": password}},
        # One that may be missing: without optional, the container would not start.
        {"name": "LANGUAGE", "valueFrom": {"configMapKeyRef": language}},
    ],
    # All keys as files.
    "volumeMounts": [{"name": "settings", "mountPath": "/etc/settings"}],
}
volume = {"name": "settings", "configMap": {"name": "settings"}}
labels = {"app": "web"}
template = {
    "metadata": {"labels": labels},
    "spec": {"containers": [container], "volumes": [volume]},
}
spec = {"replicas": 2, "selector": {"matchLabels": labels}, "template": template}


def wait_until_available(name: str, seconds: float) -> client.V1Deployment:
    """Return the Deployment once its controller has seen it, and all are available."""
    deadline = time.monotonic() + seconds
    while True:
        now = apps.read_namespaced_deployment(name, NAMESPACE, _request_timeout=10)
        available = now.status.available_replicas or 0
        seen = (now.status.observed_generation or 0) >= now.metadata.generation
        if seen and available == now.spec.replicas:
            return now
        if time.monotonic() > deadline:
            raise TimeoutError(f"{name}, after {seconds} s: {available} available")
        time.sleep(0.2)


def pods() -> dict[str, client.V1Pod]:
    """List the Pods of "web" that are not being deleted, by their UID."""
    found = core.list_namespaced_pod(
        NAMESPACE, label_selector="app=web", _request_timeout=10
    ).items
    return {p.metadata.uid: p for p in found if not p.metadata.deletion_timestamp}


apps.create_namespaced_deployment(
    NAMESPACE, {"metadata": {"name": "web"}, "spec": spec}, _request_timeout=30
)
before = wait_until_available("web", seconds=120)
pods_before = pods()
pod = min(pods_before.values(), key=lambda pod: pod.metadata.name)
[from_secret, _] = pod.spec.containers[0].env
where = from_secret.value_from.secret_key_ref
print(f"{from_secret.name}: key {where.key} of the Secret {where.name}")
#> LOGIN_PASSWORD: key PASSWORD of the Secret login
print(f"the values stand in the Pod: {'green' in str(pod.spec)}")
#> the values stand in the Pod: False

# What each Pod gets without asking: a token, in a volume that is a projection.
[token] = [
    source.service_account_token
    for each in pod.spec.volumes
    if each.projected
    for source in each.projected.sources
    if source.service_account_token
]
print(f"a token of its ServiceAccount, for {token.expiration_seconds} s")
#> a token of its ServiceAccount, for 3607 s

core.patch_namespaced_config_map(
    "settings", NAMESPACE, {"data": {"COLOUR": "blue"}}, _request_timeout=30
)
# Nothing is expected to happen. A note makes the Deployment's controller look again.
note = {"metadata": {"annotations": {"example.com/note": "look again"}}}
apps.patch_namespaced_deployment("web", NAMESPACE, note, _request_timeout=30)
after = wait_until_available("web", seconds=120)
grown = after.metadata.generation - before.metadata.generation - 1  # the note's own
same = pods().keys() == pods_before.keys()
print(f"settings changed: generation +{grown}, the same Pods: {same}")
#> settings changed: generation +0, the same Pods: True
