# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers"]
# ///
"""Update both Deployments and roll them back under traffic; count what fails."""

import argparse
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

from kubernetes import client, config

NAMESPACE = "traffic"
IMAGE = "registry.k8s.io/e2e-test-images/agnhost"
CALLERS = 4  # that make requests side by side
CALLS = 10  # that each of them makes one after the other, before it pauses
PAUSE = 0.1  # seconds

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--record", type=Path, metavar="FILE", help="write figures here")
options = parser.parse_args()

config.load_kube_config()
core, apps = client.CoreV1Api(), client.AppsV1Api()


def call(service: str) -> list[str]:
    """Let the Pod "caller" make requests of a Service; return what went wrong.

    An answer counts whatever its status.
    """
    request = core.api_client.param_serialize(
        "GET",
        f"/api/v1/namespaces/{NAMESPACE}/pods/caller:8080/proxy/dial",
        query_params=[
            ("host", service),
            ("port", 80),
            ("request", "hostname"),
            ("tries", CALLS),
        ],
        auth_settings=["BearerToken"],
    )
    # Each try ends within 5 s, with an answer or without.
    answer = core.api_client.call_api(*request, _request_timeout=5 * CALLS + 10)
    if answer.status != 200:
        raise RuntimeError(f"caller: {answer.status} {answer.reason}")
    return json.loads(answer.read()).get("errors", [])


def keep_calling(service: str, stop: Event) -> tuple[int, list[str]]:
    """Call until told to stop; return how many requests there were, and the errors."""
    count, errors = 0, []
    while not stop.is_set():
        errors += call(service)
        count += CALLS
        stop.wait(PAUSE)
    return count, errors


def change_image(name: str, tag: str, seconds: float = 180) -> None:
    """Roll out another image, and wait until the last of the old Pods has ended."""
    server = {"name": "server", "image": f"{IMAGE}:{tag}"}
    change = {"spec": {"template": {"spec": {"containers": [server]}}}}
    apps.patch_namespaced_deployment(
        name, NAMESPACE, change, _content_type="application/strategic-merge-patch+json"
    )
    deadline = time.monotonic() + seconds
    while True:
        pods = core.list_namespaced_pod(
            NAMESPACE, label_selector=f"app={name}", _request_timeout=10
        ).items
        new = [p for p in pods if p.spec.containers[0].image == server["image"]]
        conditions = [c for p in new for c in p.status.conditions or []]
        ready = sum(c.type == "Ready" and c.status == "True" for c in conditions)
        if len(pods) == len(new) == ready == 4:
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"{name}: {ready} of {len(pods)} Pods are new and ready")
        time.sleep(0.2)


figures = {"kubernetes": client.VersionApi().get_code().git_version}
for name in ("bare", "careful"):
    stop, start = Event(), time.monotonic()
    with ThreadPoolExecutor(CALLERS) as pool:
        calling = [pool.submit(keep_calling, name, stop) for _ in range(CALLERS)]
        try:
            change_image(name, "2.66.1")
            change_image(name, "2.63.0")
            seconds = time.monotonic() - start
        finally:
            stop.set()
    counts, errors = zip(*(each.result() for each in calling), strict=True)
    failed = sum(map(len, errors))
    figures[name] = {
        "requests": sum(counts),
        "failed": failed,
        "seconds": round(seconds, 1),
        "errors": sorted({e.rpartition(": ")[2] for each in errors for e in each}),
    }
    # How many fail differs from run to run.
    sys.stderr.write(f"{name}: {figures[name]}\n")

print(f"by the defaults, requests failed: {figures['bare']['failed'] > 0}")
#> by the defaults, requests failed: True
print(f"with care: {figures['careful']['failed']} failed")
#> with care: 0 failed

if options.record:
    options.record.write_text(json.dumps(figures, indent=1) + "\n")
