# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Create Pods that no node can take, and read the scheduler's reasons."""

import re
import time

from kubernetes import client, config

NAMESPACE = "overview-resources"

config.load_kube_config()
core = client.CoreV1Api()


def create(name: str, requests: dict[str, str], **spec) -> None:
    """Create a Pod with one container that has these requests."""
    container = client.V1Container(
        name="server",
        image="registry.k8s.io/e2e-test-images/agnhost:2.66.1",
        args=["netexec", "--http-port=8080"],
        resources=client.V1ResourceRequirements(requests=requests, limits=requests),
    )
    pod = client.V1Pod(
        metadata=client.V1ObjectMeta(name=name),
        spec=client.V1PodSpec(containers=[container], **spec),
    )
    core.create_namespaced_pod(NAMESPACE, pod, _request_timeout=30)


def scheduled(name: str, seconds: float) -> client.V1PodCondition:
    """Return what the scheduler has to say about a Pod, once it has said it."""
    deadline = time.monotonic() + seconds
    while True:
        pod = core.read_namespaced_pod(name, NAMESPACE, _request_timeout=10)
        for condition in pod.status.conditions or []:
            if condition.type == "PodScheduled":
                return condition
        if time.monotonic() > deadline:
            raise TimeoutError(f"{name}: the scheduler is silent after {seconds} s")
        time.sleep(0.2)


def reasons(message: str) -> list[str]:
    """Return the reasons in the scheduler's message, without their node counts.

    It reads "0/4 nodes are available: 3 REASON, 1 REASON. What about preemption."
    """
    told = message.partition("available: ")[2].partition(". ")[0]
    return re.findall(r"\d+ (.+?)(?:, (?=\d)|\.?$)", told)


small = {"cpu": "10m", "memory": "32Mi"}
create("huge", {"cpu": "1000", "memory": "32Mi"})
create("gpu", small | {"example.com/gpu": "1"})
create("elsewhere", small, node_selector={"example.com/disk": "fast"})

for name in ["huge", "gpu", "elsewhere"]:
    condition = scheduled(name, seconds=60)
    told = reasons(condition.message)
    # The reason of interest. Other nodes can be out of the question by a taint, or
    # because somebody drains them.
    other = ("taint", "were unschedulable")
    why = [reason for reason in told if not any(word in reason for word in other)]
    print(f"{name}, {condition.reason}: {', '.join(why)}")
    #> huge, Unschedulable: Insufficient cpu
    #> gpu, Unschedulable: Insufficient example.com/gpu
    #> elsewhere, Unschedulable: node(s) didn't match Pod's node affinity/selector
