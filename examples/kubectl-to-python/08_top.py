# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["metrics"]
# ///
"""kubectl top pods: how much CPU and memory Pods use."""

import math
import time

from kubernetes import client, config
from kubernetes.utils.quantity import parse_quantity

NAMESPACE = "overview-kubectl-to-python"


def kubectl_top_pods(
    api: client.ApiClient, namespace: str, selector: str = ""
) -> dict[str, tuple[int, int]]:
    """kubectl top pods -l SELECTOR: by Pod, CPU in millicores and memory in MiB.

    Pods that have not been measured yet are not there. Raises ApiException with status
    503 where metrics-server does not answer, or not at once.
    """
    found = client.CustomObjectsApi(api).list_namespaced_custom_object(
        "metrics.k8s.io",
        "v1beta1",
        namespace,
        "pods",
        label_selector=selector,
        _request_timeout=10,
    )
    table = {}
    for pod in found["items"]:
        used = [container["usage"] for container in pod["containers"]]
        cpu = sum(parse_quantity(each["cpu"]) for each in used)
        memory = sum(parse_quantity(each["memory"]) for each in used)
        # As kubectl rounds: CPU up, memory down.
        table[pod["metadata"]["name"]] = math.ceil(cpu * 1000), int(memory // 2**20)
    return table


if __name__ == "__main__":
    config.load_kube_config()
    api = client.ApiClient()

    # A new Pod is measured after up to two rounds of metrics-server.
    deadline = time.monotonic() + 180
    while True:
        try:
            if table := kubectl_top_pods(api, NAMESPACE, "app=web"):
                break
        except client.ApiException as error:
            if error.status != 503:
                raise
        if time.monotonic() > deadline:
            raise TimeoutError("no Pod was measured in 180 s")
        time.sleep(1)
    cpu, memory = next(iter(table.values()))
    print(f"CPU in millicores: {cpu >= 0}, memory in MiB: {memory >= 0}")
    #> CPU in millicores: True, memory in MiB: True
