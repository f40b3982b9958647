# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Create one of each kind that `kubectl rollout` knows, all with the same container."""

import time

from kubernetes import client, config

NAMESPACE = "overview-kubectl-rollout"

config.load_kube_config()
apps = client.AppsV1Api()

server = {
    "name": "server",
    "image": "registry.k8s.io/e2e-test-images/agnhost:2.63.0",
    "args": ["netexec", "--http-port=8080"],
    "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}},
    "readinessProbe": {
        "httpGet": {"path": "/healthz", "port": 8080},
        "periodSeconds": 1,
    },
}


def workload(name: str, **spec) -> dict:
    labels = {"app": name}
    cause = {"kubernetes.io/change-cause": "first version"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [server]}}
    common = {"selector": {"matchLabels": labels}, "template": template}
    return {"metadata": {"name": name, "annotations": cause}, "spec": common | spec}


apps.create_namespaced_deployment(
    NAMESPACE, workload("web", replicas=3), _request_timeout=30
)
apps.create_namespaced_stateful_set(
    NAMESPACE, workload("db", replicas=2, serviceName="db"), _request_timeout=30
)
apps.create_namespaced_daemon_set(NAMESPACE, workload("agent"), _request_timeout=30)

deadline = time.monotonic() + 120
while True:
    web = apps.read_namespaced_deployment("web", NAMESPACE, _request_timeout=10).status
    db = apps.read_namespaced_stateful_set("db", NAMESPACE, _request_timeout=10).status
    agent = apps.read_namespaced_daemon_set("agent", NAMESPACE, _request_timeout=10)
    nodes = agent.status.desired_number_scheduled  # those that take its Pods
    ready = [web.ready_replicas, db.ready_replicas, agent.status.number_ready]
    if nodes and ready == [3, 2, nodes]:
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"ready after 120 s: {ready}; nodes for the agent: {nodes}")
    time.sleep(0.2)

print(f"Deployment web: {web.ready_replicas} Pods")
#> Deployment web: 3 Pods
print(f"StatefulSet db: {db.ready_replicas} Pods")
#> StatefulSet db: 2 Pods
print("DaemonSet agent: a Pod on each node that takes one")
#> DaemonSet agent: a Pod on each node that takes one
