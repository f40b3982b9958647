# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["components"]
# ///
"""See what the controllers do once they are back, though nobody tells them anything."""

import time

from kubernetes import client, config

NAMESPACE = "overview-architecture"

config.load_kube_config()
core = client.CoreV1Api()
discovery = client.DiscoveryV1Api()


def ready_addresses(app: str) -> set[str]:
    """Return the addresses of the Pods of an app that are ready."""
    pods = core.list_namespaced_pod(
        NAMESPACE, label_selector=f"app={app}", _request_timeout=10
    ).items
    return {
        pod.status.pod_ip
        for pod in pods
        for each in pod.status.conditions or []
        if each.type == "Ready" and each.status == "True"
    }


def served_addresses() -> set[str]:
    """Return the addresses to which the Service web sends traffic."""
    slices = discovery.list_namespaced_endpoint_slice(
        NAMESPACE,
        label_selector="kubernetes.io/service-name=web",
        _request_timeout=10,
    ).items
    return {
        address
        for each in slices
        for endpoint in each.endpoints or []
        if endpoint.conditions.ready is not False
        for address in endpoint.addresses
    }


deadline = time.monotonic() + 120
while True:
    late, web = ready_addresses("late"), ready_addresses("web")
    served = served_addresses()
    if len(late) == 1 and len(web) == 3 and served == web:
        break
    if time.monotonic() > deadline:
        seen = f"late {len(late)}, web {len(web)}, served {len(served)}"
        raise TimeoutError(f"not caught up after 120 s: {seen}")
    time.sleep(0.2)
print(f"late: {len(late)} Pod, web: {len(web)} Pods")
#> late: 1 Pod, web: 3 Pods
print(f"the Service names them and nobody else: {served == web}")
#> the Service names them and nobody else: True
