# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Set a Pod aside to look at it, while another one takes its place."""

import time

from kubernetes import client, config

NAMESPACE = "overview-self-healing"

config.load_kube_config()
core = client.CoreV1Api()


def pods(app: str) -> dict[str, client.V1Pod]:
    """Return the Pods with this label that are not about to go, by their UIDs."""
    found = core.list_namespaced_pod(
        NAMESPACE, label_selector=f"app={app}", _request_timeout=10
    ).items
    return {p.metadata.uid: p for p in found if not p.metadata.deletion_timestamp}


def wait_for(what: str, is_so, seconds: float = 60) -> None:
    """Wait until is_so() returns True."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"no {what} after {seconds} s, but {list(pods('web'))}")
        time.sleep(0.2)


def label(name: str, app: str) -> None:
    """Change the label by which the Deployment knows its Pods."""
    core.patch_namespaced_pod(
        name, NAMESPACE, {"metadata": {"labels": {"app": app}}}, _request_timeout=30
    )


before = pods("web")
uid, pod = next(iter(before.items()))

label(pod.metadata.name, "examined")
wait_for("other Pod", lambda: len(pods("web").keys() - before.keys()) == 1)
wait_for("release", lambda: pods("examined")[uid].metadata.owner_references is None)
print(f"web: {len(pods('web'))} Pods, one of them new")
#> web: 3 Pods, one of them new
print(f"set aside: {len(pods('examined'))}, and nobody owns it")
#> set aside: 1, and nobody owns it

label(pod.metadata.name, "web")
wait_for("end of the surplus", lambda: len(pods("web")) == 3)
print(f"given back: {len(pods('web'))} Pods, so one of four had to go")
#> given back: 3 Pods, so one of four had to go
