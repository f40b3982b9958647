# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""Create Pods with and without requests and limits, and read the class of each."""

import time

from kubernetes import client, config

NAMESPACE = "overview-resources"

config.load_kube_config()
core = client.CoreV1Api()


def wait_for_service_account(seconds: float) -> None:
    """Wait for the account that Pods run as; a new namespace gets it a bit later."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            core.read_namespaced_service_account(
                "default", NAMESPACE, _request_timeout=10
            )
            return
        except client.ApiException as error:
            if error.status != 404:
                raise
        if time.monotonic() > deadline:
            raise TimeoutError(f"no ServiceAccount default after {seconds} s")
        time.sleep(0.2)


def create(name: str, **resources: dict[str, str]) -> client.V1Pod:
    """Create a Pod with one container that has these requests and limits."""
    container = client.V1Container(
        name="server",
        image="registry.k8s.io/e2e-test-images/agnhost:2.66.1",
        args=["netexec", "--http-port=8080"],
        resources=client.V1ResourceRequirements(**resources),
    )
    pod = client.V1Pod(
        metadata=client.V1ObjectMeta(name=name),
        spec=client.V1PodSpec(containers=[container]),
    )
    return core.create_namespaced_pod(NAMESPACE, pod, _request_timeout=30)


wait_for_service_account(seconds=60)

some = {"cpu": "20m", "memory": "32Mi"}
more = {"cpu": "40m", "memory": "64Mi"}

for name, resources in {
    "nothing": {},
    "requests-only": {"requests": some},
    "limits-above": {"requests": some, "limits": more},
    "limits-equal": {"requests": some, "limits": some},
    "limits-only": {"limits": some},
    "cpu-only": {"requests": {"cpu": "20m"}, "limits": {"cpu": "20m"}},
}.items():
    pod = create(name, **resources)
    requests = pod.spec.containers[0].resources.requests or "none"
    print(f"{name}: {pod.status.qos_class}, requests {requests}")
    #> nothing: BestEffort, requests none
    #> requests-only: Burstable, requests {'cpu': '20m', 'memory': '32Mi'}
    #> limits-above: Burstable, requests {'cpu': '20m', 'memory': '32Mi'}
    #> limits-equal: Guaranteed, requests {'cpu': '20m', 'memory': '32Mi'}
    #> limits-only: Guaranteed, requests {'cpu': '20m', 'memory': '32Mi'}
    #> cpu-only: Burstable, requests {'cpu': '20m'}
