# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers"]
#
# [tool.sandbox.only-with]
# containers = ["watch pods", "get pods/log"]
# ///
"""Let a container end with an error, and watch the kubelet start it again."""

import time

from kubernetes import client, config, watch

NAMESPACE = "overview-self-healing"

config.load_kube_config()
core = client.CoreV1Api()

container = client.V1Container(
    name="broken",
    image="docker.io/library/busybox:1.35.0",
    command=["sh", "-c", "echo this does not work >&2; exit 3"],
    resources=client.V1ResourceRequirements(requests={"cpu": "10m", "memory": "16Mi"}),
)
pod = client.V1Pod(
    metadata=client.V1ObjectMeta(name="broken"),
    spec=client.V1PodSpec(containers=[container]),
)
created = core.create_namespaced_pod(NAMESPACE, pod, _request_timeout=30)


# Each pause stands in the Pod's status. A watch misses none of them, as looking now and
# then might.
pauses: list[str] = []
pod = created
for event in watch.Watch().stream(
    core.list_namespaced_pod,
    NAMESPACE,
    field_selector="metadata.name=broken",
    timeout_seconds=400,
    _request_timeout=405,  # for a server which has gone silent
):
    pod = event["object"]
    for status in pod.status.container_statuses or []:
        waiting = status.state.waiting
        if waiting and waiting.reason == "CrashLoopBackOff":
            # "back-off 10s restarting failed container=broken pod=..."
            pause = waiting.message.split()[1]
            pauses += [pause] if pause not in pauses else []
    if len(pauses) == 2:
        break
else:
    raise TimeoutError(f"not two pauses after 400 s, last seen: {pod.status}")
print(f"pauses before it is started again: {', '.join(pauses)}")
#> pauses before it is started again: 10s, 20s

ended = pod.status.container_statuses[0].last_state.terminated
print(f"before it, the container ended: {ended.reason}, exit code {ended.exit_code}")
#> before it, the container ended: Error, exit code 3
same = pod.metadata.uid == created.metadata.uid
print(f"the same Pod: {same}, phase {pod.status.phase}")
#> the same Pod: True, phase Running
# The kubelet keeps the log of one container that has ended. While it changes over from
# one to the next, there may be none, and it answers with the reason instead.
no_log = ("unable to retrieve", "failed to try resolving")
deadline = time.monotonic() + 60
while True:
    log = core.read_namespaced_pod_log(
        "broken", NAMESPACE, previous=True, _request_timeout=10
    )
    if not log.startswith(no_log):
        break
    if time.monotonic() > deadline:
        raise TimeoutError(f"no log after 60 s: {log}")
    time.sleep(0.5)
print(f"its last words: {log.strip()}")
#> its last words: this does not work

core.delete_namespaced_pod("broken", NAMESPACE, _request_timeout=30)
