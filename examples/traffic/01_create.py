# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers"]
# ///
"""Create two Deployments behind Services: one by the defaults, one with care."""

import time

from kubernetes import client, config

NAMESPACE = "traffic"

config.load_kube_config()
core, apps = client.CoreV1Api(), client.AppsV1Api()


def container(name: str, **careful) -> dict:
    """Describe a container that answers on port 8080."""
    return {
        "name": name,
        "image": "registry.k8s.io/e2e-test-images/agnhost:2.63.0",
        "args": ["netexec", "--http-port=8080"],
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}},
        **careful,
    }


def create(name: str, strategy: dict, **careful) -> None:
    """Create a Deployment of four Pods, and a Service in front of it."""
    labels = {"app": name}
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [container("server", **careful)]},
    }
    spec = {"replicas": 4, "selector": {"matchLabels": labels}, "template": template}
    apps.create_namespaced_deployment(
        NAMESPACE, {"metadata": {"name": name}, "spec": {**spec, "strategy": strategy}}
    )
    port = {"port": 80, "targetPort": 8080}
    core.create_namespaced_service(
        NAMESPACE,
        {"metadata": {"name": name}, "spec": {"selector": labels, "ports": [port]}},
    )


create("bare", strategy={})
create(
    "careful",
    # No Pod goes before another one has come.
    strategy={"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
    # No requests before the server says that it can answer them.
    readinessProbe={"httpGet": {"path": "/readyz", "port": 8080}, "periodSeconds": 1},
    # Fifteen seconds for the nodes to hear of it, before the server is told to end.
    lifecycle={"preStop": {"sleep": {"seconds": 15}}},
)
core.create_namespaced_pod(
    NAMESPACE,
    {
        "metadata": {"name": "caller"},
        "spec": {"terminationGracePeriodSeconds": 0, "containers": [container("main")]},
    },
)

deadline = time.monotonic() + 180
for name in ("bare", "careful"):
    while True:
        web = apps.read_namespaced_deployment(name, NAMESPACE, _request_timeout=10)
        if web.status.available_replicas == 4:
            break
        if time.monotonic() > deadline:
            raise TimeoutError(f"{name}, after 180 s: {web.status}")
        time.sleep(0.5)
    print(f"{name}: {web.status.available_replicas} Pods available")
    #> bare: 4 Pods available
    #> careful: 4 Pods available
while True:
    caller = core.read_namespaced_pod("caller", NAMESPACE, _request_timeout=10)
    if caller.status.phase == "Running":
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"caller, after 180 s: {caller.status.phase}")
    time.sleep(0.5)
print(f"caller: {caller.status.phase}")
#> caller: Running
