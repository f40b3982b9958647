# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers"]
# [tool.sandbox.only-with]
# containers = ["get pods/proxy"]
# ///
"""From inside a Pod: look up the names, and call the Service many times."""

import json

from kubernetes import client, config

NAMESPACE = "services"
DOMAIN = f"{NAMESPACE}.svc.cluster.local"

config.load_kube_config()
core = client.CoreV1Api()


def ask(pod: str, path: str, **query: str) -> dict:
    """Ask the test server in a Pod, through the API server's proxy."""
    request = core.api_client.param_serialize(
        "GET",
        f"/api/v1/namespaces/{NAMESPACE}/pods/{pod}/proxy/{path}",
        query_params=list(query.items()),
        auth_settings=["BearerToken"],
    )
    answer = core.api_client.call_api(*request, _request_timeout=30)
    answer.read()
    return json.loads(answer.data)


def look_up(pod: str, name: str) -> list[str]:
    """Resolve a name where that Pod runs, with the search list that it was given."""
    return sorted(ask(pod, "shell", cmd=f"dig +short +search {name}")["output"].split())


pods = core.list_namespaced_pod(NAMESPACE, label_selector="app=web").items
caller = pods[0].metadata.name
web = core.read_namespaced_service("web", NAMESPACE)

for name in ["web", f"web.{NAMESPACE}", f"web.{DOMAIN}"]:
    answer = look_up(caller, name)
    print(f"{name}: the Service's address: {answer == [web.spec.cluster_ip]}")

own = sorted(pod.status.pod_ip for pod in pods)
print(f"web-peers: the Pods' addresses: {look_up(caller, 'web-peers') == own}")

said = ask(caller, "dial", host="web", port="80", request="hostname", tries="60")
print(f"60 calls, errors: {said.get('errors', [])}")
reached = set(said["responses"])
print(f"answered by every Pod: {reached == {pod.metadata.name for pod in pods}}")
