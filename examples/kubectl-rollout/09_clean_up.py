# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Delete all three, and wait until their revisions and Pods are gone."""

import time

from kubernetes import client, config

NAMESPACE = "overview-kubectl-rollout"

config.load_kube_config()
apps, core = client.AppsV1Api(), client.CoreV1Api()

# Foreground: each stays, marked as deleted, until what it owns is gone.
how = {"propagation_policy": "Foreground", "_request_timeout": 30}
apps.delete_namespaced_deployment("web", NAMESPACE, **how)
apps.delete_namespaced_stateful_set("db", NAMESPACE, **how)
apps.delete_namespaced_daemon_set("agent", NAMESPACE, **how)

own = {"label_selector": "app in (web, db, agent)", "_request_timeout": 10}
web = {"field_selector": "metadata.name=web", "_request_timeout": 10}
db = {"field_selector": "metadata.name=db", "_request_timeout": 10}
agent = {"field_selector": "metadata.name=agent", "_request_timeout": 10}
deadline = time.monotonic() + 120
while True:
    left = [
        *apps.list_namespaced_replica_set(NAMESPACE, **own).items,
        *apps.list_namespaced_controller_revision(NAMESPACE, **own).items,
        *core.list_namespaced_pod(NAMESPACE, **own).items,
        *apps.list_namespaced_deployment(NAMESPACE, **web).items,
        *apps.list_namespaced_stateful_set(NAMESPACE, **db).items,
        *apps.list_namespaced_daemon_set(NAMESPACE, **agent).items,
    ]
    if not left:
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"still there: {[each.metadata.name for each in left]}")
    time.sleep(0.2)

print("workloads, revisions and Pods left:", len(left))
#> workloads, revisions and Pods left: 0
