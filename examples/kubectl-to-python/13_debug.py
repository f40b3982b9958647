# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38", "urllib3"]
#
# [tool.sandbox]
# needs = ["containers"]
# [tool.sandbox.only-with]
# containers = ["patch pods/ephemeralcontainers", "delete pods"]
# ///
"""kubectl debug: a container that joins a Pod which is running."""

import time

import urllib3
from kubernetes import client, config

NAMESPACE = "overview-kubectl-to-python"
# What may pass by itself is asked for again: five times, but after a silence once, for
# each costs _request_timeout. A PATCH is not: a container can be added only once.
RETRIES = urllib3.Retry(5, read=1, backoff_factor=0.2, status_forcelist=range(500, 600))


def kubectl_debug(
    core: client.CoreV1Api,
    pod: str,
    namespace: str,
    name: str,
    image: str,
    command: list[str],
    target: str,
    timeout: float = 120,
) -> str:
    """kubectl debug POD --profile=baseline --image= --target= -c NAME -- COMMAND.

    And then kubectl logs: returns what the command has printed when it has ended.
    Raises TimeoutError where it did not end, with why the container waits; RuntimeError
    for an exit code; ValueError where the Pod has had a container of that name.
    """
    there = core.read_namespaced_pod(pod, namespace, _request_timeout=10).spec
    if name in {c.name for c in there.ephemeral_containers or []}:
        raise ValueError(f"{pod} has had a container {name}, and it starts only once")
    container = {
        "name": name,
        "image": image,
        "command": command,
        "terminationMessagePolicy": "File",
        # It sees the processes of this container.
        "targetContainerName": target,
    }
    core.patch_namespaced_pod_ephemeralcontainers(
        pod,
        namespace,
        {"spec": {"ephemeralContainers": [container]}},
        _content_type="application/strategic-merge-patch+json",
        _request_timeout=30,
    )
    deadline = time.monotonic() + timeout
    while True:
        status = core.read_namespaced_pod(pod, namespace, _request_timeout=10).status
        states = {c.name: c.state for c in status.ephemeral_container_statuses or []}
        if name in states and (ended := states[name].terminated):
            break
        if time.monotonic() > deadline:
            raise TimeoutError(f"{name} in {pod}, after {timeout} s: {states}")
        time.sleep(0.2)
    log = core.read_namespaced_pod_log(
        pod, namespace, container=name, _request_timeout=30
    )
    if ended.exit_code:
        raise RuntimeError(f"{name} in {pod}: exit code {ended.exit_code}: {log}")
    return log


if __name__ == "__main__":
    config.load_kube_config()
    client.Configuration.get_default().retries = RETRIES
    core = client.CoreV1Api()

    processes = kubectl_debug(
        core,
        "toolbox",
        NAMESPACE,
        name="look",
        image="docker.io/library/busybox:1.35.0",
        command=["ps", "-o", "pid,args"],
        target="toolbox",
    )
    first = next(line.split() for line in processes.splitlines()[1:])
    print(f"process {first[0]} of the Pod's container: {' '.join(first[1:])}")
    #> process 1 of the Pod's container: sleep 3600

    pod = core.read_namespaced_pod("toolbox", NAMESPACE, _request_timeout=10)
    print(f"containers: {[c.name for c in pod.spec.containers]}")
    #> containers: ['toolbox']
    print(f"ephemeral, for good: {[c.name for c in pod.spec.ephemeral_containers]}")
    #> ephemeral, for good: ['look']

    core.delete_namespaced_pod("toolbox", NAMESPACE, _request_timeout=30)
