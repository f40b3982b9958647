# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers"]
# [tool.sandbox.only-with]
# containers = ["create pods", "get pods", "get pods/log"]
# ///
"""kubectl logs, and logs -f."""

import time
from collections.abc import Iterator

from kubernetes import client, config

NAMESPACE = "overview-kubectl-to-python"

# Serves a page, and says a line each second, five times.
SCRIPT = """
mkdir -p /www && echo 'hello from the Pod' > /www/index.html
httpd -p 8080 -h /www
for number in 1 2 3 4 5; do echo "line $number"; sleep 1; done
exec sleep 3600
"""
TOOLBOX = client.V1Pod(
    metadata=client.V1ObjectMeta(name="toolbox"),
    spec=client.V1PodSpec(
        termination_grace_period_seconds=0,
        containers=[
            client.V1Container(
                name="toolbox",
                image="docker.io/library/busybox:1.35.0",
                command=["sh", "-c", SCRIPT],
                resources=client.V1ResourceRequirements(
                    requests={"cpu": "10m", "memory": "32Mi"}
                ),
            )
        ],
    ),
)


def kubectl_logs(core: client.CoreV1Api, pod: str, namespace: str, **options) -> str:
    """kubectl logs POD; container=, previous=True, tail_lines=, since_seconds=."""
    answer = core.read_namespaced_pod_log(
        pod, namespace, _preload_content=False, _request_timeout=30, **options
    )
    # Containers write bytes, which need not be UTF-8.
    return answer.data.decode(errors="replace")


def kubectl_logs_follow(
    core: client.CoreV1Api, pod: str, namespace: str, silence: float, **options
) -> Iterator[str]:
    """kubectl logs -f POD: yield each line, until the container ends.

    Raises an HTTPError of urllib3 after so many seconds of silence; after four times as
    many if the container has said nothing at all, for then the GET is made again.
    """
    answer = core.read_namespaced_pod_log(
        pod,
        namespace,
        follow=True,
        _preload_content=False,
        _request_timeout=(10, silence),
        **options,
    )
    try:
        for line in answer:
            yield line.decode(errors="replace").removesuffix("\n")
    finally:
        answer.close()  # also if the caller has read enough


def wait_until_ready(
    core: client.CoreV1Api, pod: str, namespace: str, timeout: float
) -> None:
    deadline = time.monotonic() + timeout
    while True:
        status = core.read_namespaced_pod(pod, namespace, _request_timeout=10).status
        conditions = {each.type: each.status for each in status.conditions or []}
        if conditions.get("Ready") == "True":
            return
        if time.monotonic() > deadline:
            raise TimeoutError(
                f"{pod}, after {timeout} s: {status.phase}, {conditions}"
            )
        time.sleep(0.2)


if __name__ == "__main__":
    config.load_kube_config()
    core = client.CoreV1Api()

    core.create_namespaced_pod(NAMESPACE, TOOLBOX, _request_timeout=30)
    wait_until_ready(core, "toolbox", NAMESPACE, timeout=120)

    for line in kubectl_logs_follow(core, "toolbox", NAMESPACE, silence=30):
        print(line)
        #> line 1
        #> line 2
        #> line 3
        #> line 4
        #> line 5
        if line == "line 5":
            break
    print(kubectl_logs(core, "toolbox", NAMESPACE).splitlines()[:2])
    #> ['line 1', 'line 2']
