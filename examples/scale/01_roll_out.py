# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["simulated-nodes"]
# ///
"""Fill simulated nodes with Pods, replace all of the Pods, and measure both."""

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path

from kubernetes import client, config

NAMESPACE = "overview-scale"

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--nodes", type=int, default=10)
parser.add_argument("--pods", type=int, default=60)
parser.add_argument("--deadline", type=float, default=300, help="of a step, in seconds")
parser.add_argument("--record", type=Path, metavar="FILE", help="write figures here")
options = parser.parse_args()
if options.nodes < 1 or not 1 <= options.pods <= options.nodes * 110:
    parser.error("it takes at least one node, and 1 to 110 Pods for each node")

config.load_kube_config()
core, apps = client.CoreV1Api(), client.AppsV1Api()
version = client.VersionApi().get_code(_request_timeout=10).git_version
labels = {"app": "web"}
# The same label and taint on all of the nodes: only these Pods go there.
mine, selector = {"simulated-for": NAMESPACE}, f"simulated-for={NAMESPACE}"
taint = {"key": "simulated-for", "value": NAMESPACE, "effect": "NoSchedule"}
size = {"cpu": "4", "memory": "8Gi", "pods": "110"}
about = {
    **dict.fromkeys(["architecture", "bootID", "kernelVersion", "machineID"], ""),
    **dict.fromkeys(["kubeProxyVersion", "operatingSystem", "systemUUID"], ""),
    "containerRuntimeVersion": "kwok://simulated",
    "kubeletVersion": version,
    "osImage": "simulated",
}
start = time.monotonic()
samples = []  # seconds, then Pods: all of them, those of the new template, available


def template(tag: str) -> dict:
    """Describe a Pod that may go to these nodes, and to no others."""
    container = {
        "name": "web",
        "image": f"registry.k8s.io/e2e-test-images/agnhost:{tag}",
        "args": ["netexec", "--http-port=8080"],
        "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}},
        "readinessProbe": {"httpGet": {"path": "/healthz", "port": 8080}},
    }
    spec = {"nodeSelector": mine, "tolerations": [taint], "containers": [container]}
    return {"metadata": {"labels": labels}, "spec": spec}


def say(text: str) -> None:
    """Show progress on stderr, so that stdout has nothing but results."""
    sys.stderr.write(f"{time.monotonic() - start:6.1f} s  {text}\n")


def wait_for_nodes() -> None:
    """Return when KWOK has reported all nodes as ready."""
    deadline = time.monotonic() + options.deadline
    while True:
        nodes = core.list_node(label_selector=selector, _request_timeout=30).items
        conditions = [c for n in nodes for c in n.status.conditions or []]
        ready = sum(c.type == "Ready" and c.status == "True" for c in conditions)
        if ready == options.nodes:
            return
        if time.monotonic() > deadline:
            parser.error(f"only {ready} nodes are ready: does KWOK play nodes here?")
        time.sleep(0.5)


def wait_for_pods() -> float:
    """Return the seconds until all Pods are of the newest template and available."""
    begin = said = time.monotonic()
    while True:
        web = apps.read_namespaced_deployment("web", NAMESPACE, _request_timeout=30)
        now, status = time.monotonic(), web.status
        counts = [status.replicas, status.updated_replicas, status.available_replicas]
        counts = [count or 0 for count in counts]
        if (status.observed_generation or 0) >= web.metadata.generation:
            samples.append([round(now - start, 1), *counts])
            if counts == [options.pods] * 3:
                return now - begin
        if now > begin + options.deadline:
            raise TimeoutError(f"not done; all, updated, available Pods: {counts}")
        if now > said + 5:
            said = now
            say("{} Pods, {} of the newest template, {} available".format(*counts))
        time.sleep(0.5)


if core.list_node(label_selector=selector, _request_timeout=10).items:
    parser.error("an earlier run has left its nodes here: run 02_clean_up.py first")
for number in range(options.nodes):
    metadata = {
        "name": f"{NAMESPACE}-{number}",
        # KWOK knows its nodes by "type" in the sandbox, elsewhere by the annotation.
        "labels": {"type": "kwok", **mine},
        "annotations": {"kwok.x-k8s.io/node": "fake"},
    }
    status = {"capacity": size, "allocatable": size, "nodeInfo": about}
    core.create_node(
        {"metadata": metadata, "spec": {"taints": [taint]}, "status": status},
        _request_timeout=30,
    )
wait_for_nodes()
say("the nodes are ready")
print(f"{options.nodes} nodes are ready")
#> 10 nodes are ready

spec = {"replicas": options.pods, "selector": {"matchLabels": labels}}
web = {"metadata": {"name": "web"}, "spec": {**spec, "template": template("2.63.0")}}
apps.create_namespaced_deployment(NAMESPACE, web, _request_timeout=30)
created = wait_for_pods()
say(f"created in {created:.1f} s: {options.pods / created:.1f} Pods/s")
pods = core.list_namespaced_pod(
    NAMESPACE, label_selector="app=web", _request_timeout=10
).items
full = max(Counter(pod.spec.node_name for pod in pods).values())
print(f"{len(pods)} Pods are available, at most 110 on a node: {full <= 110}")
#> 60 Pods are available, at most 110 on a node: True

first = len(samples)
change = {"spec": {"template": template("2.66.1")}}
apps.patch_namespaced_deployment("web", NAMESPACE, change, _request_timeout=30)
replaced = wait_for_pods()
say(f"replaced in {replaced:.1f} s: {options.pods / replaced:.1f} Pods/s")
# By default a quarter, rounded down, may be missing during an update.
floor = options.pods - options.pods // 4
lowest = min(available for *_, available in samples[first:])
print(f"all replaced, and {floor} or more were always available: {lowest >= floor}")
#> all replaced, and 45 or more were always available: True

if options.record:
    figures = {"kubernetes": version, "nodes": options.nodes, "pods": options.pods}
    figures |= {"created": round(created, 1), "replaced": round(replaced, 1)}
    figures |= {"update_at": samples[first][0], "samples": samples}
    options.record.write_text(json.dumps(figures))
