# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers", "images"]
# [tool.sandbox.only-with]
# containers = ["get pods/log"]
# ///
"""Read what the application has logged, in all of its Pods."""

from kubernetes import client, config

NAMESPACE = "overview-your-own-app"

config.load_kube_config()
core = client.CoreV1Api()

pods = core.list_namespaced_pod(
    NAMESPACE, label_selector="app=hello", _request_timeout=10
).items
lines = []
for pod in pods:
    log = core.read_namespaced_pod_log(
        pod.metadata.name, NAMESPACE, tail_lines=100, _request_timeout=30
    )
    lines += log.splitlines()

# A line is `INFO:     10.244.0.1:40196 - "GET / HTTP/1.1" 200 OK`.
requests = [line.partition(" - ")[2] for line in lines if " - " in line]
print(requests[-1])
#> "GET / HTTP/1.1" 200 OK
