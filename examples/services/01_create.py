# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Put a Service in front of three Pods, and see who keeps the list of them."""

import time

from kubernetes import client, config

NAMESPACE = "overview-services"

config.load_kube_config()
core = client.CoreV1Api()
apps = client.AppsV1Api()
discovery = client.DiscoveryV1Api()

labels = {"app": "web"}
container = {
    "name": "server",
    "image": "registry.k8s.io/e2e-test-images/agnhost:2.66.1",
    "args": ["netexec", "--http-port=8080"],
    "ports": [{"name": "http", "containerPort": 8080}],
    "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}},
    "readinessProbe": {
        "httpGet": {"path": "/healthz", "port": "http"},
        "periodSeconds": 1,
    },
}
template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
spec = {"replicas": 3, "selector": {"matchLabels": labels}, "template": template}
deployment = {"metadata": {"name": "web"}, "spec": spec}
service = {
    "metadata": {"name": "web"},
    "spec": {
        "selector": labels,  # which Pods: all that have these labels, whoever made them
        # Clients call port 80. The Pods listen where their port "http" is.
        "ports": [{"name": "http", "port": 80, "targetPort": "http"}],
    },
}

apps.create_namespaced_deployment(NAMESPACE, deployment, _request_timeout=30)
made = core.create_namespaced_service(NAMESPACE, service, _request_timeout=30)
print(f"type {made.spec.type}, has an address: {made.spec.cluster_ip != ''}")
#> type ClusterIP, has an address: True

deadline = time.monotonic() + 120
while True:
    slices = discovery.list_namespaced_endpoint_slice(
        NAMESPACE,
        label_selector="kubernetes.io/service-name=web",
        _request_timeout=10,
    ).items
    ready = [
        address
        for each in slices
        for endpoint in each.endpoints or []
        if endpoint.conditions.ready is not False  # unset counts as ready
        for address in endpoint.addresses
    ]
    if len(ready) == 3:
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"web, after 120 s: {len(ready)} of 3 endpoints are ready")
    time.sleep(0.2)

pods = core.list_namespaced_pod(
    NAMESPACE, label_selector="app=web", _request_timeout=10
).items
same = sorted(ready) == sorted(pod.status.pod_ip for pod in pods)
print(f"{len(ready)} addresses, the same as those of the Pods: {same}")
#> 3 addresses, the same as those of the Pods: True
print(f"the port named http is {slices[0].ports[0].port}")
#> the port named http is 8080

meta = slices[0].metadata
print(f"belongs to {meta.owner_references[0].kind} {meta.owner_references[0].name}")
#> belongs to Service web
print(f"kept by {meta.labels['endpointslice.kubernetes.io/managed-by']}")
#> kept by endpointslice-controller.k8s.io
print(f"which is a part of {meta.managed_fields[0].manager}")
#> which is a part of kube-controller-manager

# The older list of the same addresses is still there, and comes with a warning.
_, _, headers = core.list_namespaced_endpoints_with_http_info(
    NAMESPACE, _request_timeout=10
)
print(headers["Warning"].partition('"')[2].strip('"'))
#> v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice
