# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers"]
# [tool.sandbox.only-with]
# containers = ["get pods/log", "get services"]
# ///
"""From inside a Pod: look up the names, call the Service many times, and a node.

For IPv4: an IPv6 address has colons, and in a URL it needs brackets.
"""

import time
from collections import Counter

from kubernetes import client, config

NAMESPACE = "overview-services"
DOMAIN = f"{NAMESPACE}.svc.cluster.local"

config.load_kube_config()
core = client.CoreV1Api()

open_port = core.read_namespaced_service(
    "web-node-port", NAMESPACE, _request_timeout=10
)
pods = [
    pod
    for pod in core.list_namespaced_pod(
        NAMESPACE, label_selector="app=web", _request_timeout=10
    ).items
    if not pod.metadata.deletion_timestamp
]
names = sorted(pod.metadata.name for pod in pods)
script = f"""
call() {{
    # A node may still send connections to a Pod that has just gone: ask again.
    until timeout 5 wget -q -O - http://$1/hostname 2>/dev/null; do sleep 1; done
}}
who_answers() {{
    for call in $(seq 30); do echo $(call web); done | sort -u | xargs
}}
# DNS and the nodes hear of Services and Pods a moment later: wait until they have.
for name in web web-peers; do
    until nslookup $name.{DOMAIN} | grep -q '^Name:'; do sleep 1; done
    nslookup $name.{DOMAIN} | sed -n '/^Name:/,$s/^Address.*: */'$name' /p'
done
until [ "$(who_answers)" = "$PODS" ]; do sleep 1; done
for call in $(seq 60); do
    echo called $(call web)
done
echo node-port $(call $NODE:{open_port.spec.ports[0].node_port})
"""
node = {"fieldRef": {"fieldPath": "status.hostIP"}}
container = {
    "name": "caller",
    "image": "docker.io/library/busybox:1.35.0",
    "command": ["sh", "-c", script],
    "env": [
        {"name": "NODE", "valueFrom": node},
        {"name": "PODS", "value": " ".join(names)},
    ],
    "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}},
}
caller = {
    "metadata": {"name": "caller", "labels": {"app": "caller"}},
    "spec": {"restartPolicy": "Never", "containers": [container]},
}
core.create_namespaced_pod(NAMESPACE, caller, _request_timeout=30)
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
found = {"web": [], "web-peers": [], "called": [], "node-port": []}
for line in core.read_namespaced_pod_log(
    "caller", NAMESPACE, _request_timeout=10
).splitlines():
    name, _, answer = line.partition(" ")
    found[name].append(answer)

web = core.read_namespaced_service("web", NAMESPACE, _request_timeout=10)
print(f"web is the Service's address: {found['web'] == [web.spec.cluster_ip]}")
#> web is the Service's address: True
same = sorted(found["web-peers"]) == sorted(pod.status.pod_ip for pod in pods)
print(f"web-peers are the Pods' addresses: {same}")
#> web-peers are the Pods' addresses: True
answers = Counter(found["called"])
each = sorted(answers) == names
print(f"{answers.total()} calls, answered by each of the Pods: {each}")
#> 60 calls, answered by each of the Pods: True
print(f"shared, if not evenly: each answered 5 or more: {min(answers.values()) >= 5}")
#> shared, if not evenly: each answered 5 or more: True
[answer] = found["node-port"]
print(f"the node's address and port lead there too: {answer in names}")
#> the node's address and port lead there too: True
