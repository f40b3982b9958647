# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers"]
# [tool.sandbox.only-with]
# containers = ["get pods/log", "get services"]
# ///
"""From inside a Pod: look up the names, and call the Service many times."""

import time

from kubernetes import client, config

NAMESPACE = "services"
DOMAIN = f"{NAMESPACE}.svc.cluster.local"

config.load_kube_config()
core = client.CoreV1Api()

script = f"""
for name in web web-peers; do
    nslookup $name.{DOMAIN} | sed -n '/^Name:/,$s/^Address.*: */'$name' /p'
done
for call in $(seq 60); do
    echo called $(wget -q -O - http://web/hostname)
done
"""
caller = client.V1Pod(
    metadata=client.V1ObjectMeta(name="caller", labels={"app": "caller"}),
    spec=client.V1PodSpec(
        restart_policy="Never",
        containers=[
            client.V1Container(
                name="caller",
                image="docker.io/library/busybox:1.35.0",
                command=["sh", "-c", script],
                resources=client.V1ResourceRequirements(
                    requests={"cpu": "10m", "memory": "32Mi"}
                ),
            )
        ],
    ),
)
core.create_namespaced_pod(NAMESPACE, caller)
deadline = time.monotonic() + 180
while True:
    pod = core.read_namespaced_pod("caller", NAMESPACE, _request_timeout=10)
    phase = pod.status.phase
    if phase == "Succeeded":
        break
    if phase == "Failed" or time.monotonic() > deadline:
        raise RuntimeError(f"caller: {phase}, after at most 180 s")
    time.sleep(0.5)

# Each line is a name, and what was found under it.
found: dict[str, list[str]] = {"web": [], "web-peers": [], "called": []}
for line in core.read_namespaced_pod_log("caller", NAMESPACE).splitlines():
    name, _, answer = line.partition(" ")
    found[name].append(answer)

pods = core.list_namespaced_pod(NAMESPACE, label_selector="app=web").items
web = core.read_namespaced_service("web", NAMESPACE)
print(f"web is the Service's address: {found['web'] == [web.spec.cluster_ip]}")
#> web is the Service's address: True
same = sorted(found["web-peers"]) == sorted(pod.status.pod_ip for pod in pods)
print(f"web-peers are the Pods' addresses: {same}")
#> web-peers are the Pods' addresses: True
answered = set(found["called"]) == {pod.metadata.name for pod in pods}
print(f"{len(found['called'])} calls, answered by every one of the Pods: {answered}")
#> 60 calls, answered by every one of the Pods: True
