# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers"]
# ///
"""Update all four while they're called, and count what fails."""

import argparse
import json
import sys
import time
from pathlib import Path

from kubernetes import client, config

NAMESPACE = "overview-traffic"
NAMES = ("bare", "graceful", "prepared", "careful")

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--record", type=Path, metavar="FILE", help="write figures here")
options = parser.parse_args()

config.load_kube_config()
core, apps = client.CoreV1Api(), client.AppsV1Api()


def is_ready(pod: client.V1Pod) -> bool:
    """Tell whether a Pod gets requests."""
    conditions = {c.type: c.status for c in pod.status.conditions or []}
    return conditions.get("Ready") == "True"


def is_new(pod: client.V1Pod) -> bool:
    """Tell whether a Pod is one of the update's."""
    return pod.spec.containers[0].env[0].value == "2"


# A Pod that calls all four: shorter and longer requests, side by side.
main = {
    "name": "main",
    "image": "python:3.13-slim",
    "command": ["python", "/programs/caller.py", *NAMES],
    "readinessProbe": {"tcpSocket": {"port": 8080}, "periodSeconds": 1},
    "volumeMounts": [{"name": "programs", "mountPath": "/programs"}],
}
caller = {
    "restartPolicy": "Never",
    "containers": [main],
    "volumes": [{"name": "programs", "configMap": {"name": "programs"}}],
}
core.create_namespaced_pod(
    NAMESPACE, {"metadata": {"name": "caller"}, "spec": caller}, _request_timeout=10
)
deadline = time.monotonic() + 60
while True:
    pod = core.read_namespaced_pod("caller", NAMESPACE, _request_timeout=10)
    if is_ready(pod):
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"caller, after 60 s: {pod.status.phase}")
    time.sleep(0.5)

# The update: a new template, so new Pods.
version = {"name": "main", "env": [{"name": "VERSION", "value": "2"}]}
change = {"spec": {"template": {"spec": {"containers": [version]}}}}
start, seconds, nodes = time.monotonic(), {}, set()
for name in NAMES:
    apps.patch_namespaced_deployment(
        name,
        NAMESPACE,
        change,
        _content_type="application/strategic-merge-patch+json",
        _request_timeout=10,
    )
while len(seconds) < len(NAMES):
    pods = core.list_namespaced_pod(NAMESPACE, _request_timeout=10).items
    for name in NAMES:
        own = [pod for pod in pods if (pod.metadata.labels or {}).get("app") == name]
        done = len(own) == 3 and all(is_new(pod) and is_ready(pod) for pod in own)
        if done and name not in seconds:
            seconds[name] = round(time.monotonic() - start)
    if time.monotonic() - start > 300:
        raise TimeoutError(f"after 300 s only these are updated: {seconds}")
    nodes |= {pod.spec.node_name for pod in pods}
    time.sleep(0.5)

# Asked for its counts, the caller ends its calls, when the last has been answered.
answer = core.connect_get_namespaced_pod_proxy(
    "caller:8080", NAMESPACE, _preload_content=False, _request_timeout=60
)
counts = json.loads(answer.data)
for name, count in counts.items():
    # How many differs from run to run.
    sys.stderr.write(f"{name}: {count}, {seconds[name]} s\n")
    lost = [what for what in ("turned away", "cut off") if count[what]]
    print(f"{name}: {' and '.join(lost) or 'nothing lost'}")
    #> bare: turned away and cut off
    #> graceful: turned away
    #> prepared: cut off
    #> careful: nothing lost

if options.record:
    version = client.VersionApi().get_code(_request_timeout=10).git_version
    figures = {"kubernetes": version, "nodes": len(nodes - {None}), "counts": counts}
    options.record.write_text(json.dumps({**figures, "seconds": seconds}) + "\n")
