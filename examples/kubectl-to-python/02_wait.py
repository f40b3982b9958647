# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38", "urllib3"]
# ///
"""kubectl wait --for=condition=..., for any kind of object."""

import tempfile
import time

import urllib3
from kubernetes import client, config, dynamic

NAMESPACE = "overview-kubectl-to-python"
# What may pass by itself is asked for again: five times, but after a silence once, for
# each costs _request_timeout.
RETRIES = urllib3.Retry(5, read=1, backoff_factor=0.2, status_forcelist=range(500, 600))


class LimitedClient(client.ApiClient):
    """Gives each request a time limit, also those by which the dynamic client asks
    what the API server serves.
    """

    def call_api(self, *args, _request_timeout=None, **kwargs):
        limit = _request_timeout or 30
        return super().call_api(*args, _request_timeout=limit, **kwargs)


def has_condition(body: dict, type_: str, status: str) -> bool:
    """Whether a condition has a status, and is about the object as it is now."""
    for condition in body.get("status", {}).get("conditions", []):
        if condition["type"].lower() == type_.lower():
            generation = body["metadata"].get("generation", 0)
            # Some controllers say it per condition, most for the status as a whole.
            observed = condition.get(
                "observedGeneration",
                body["status"].get("observedGeneration", generation),
            )
            return observed >= generation and (
                condition["status"].lower() == status.lower()
            )
    return False


def kubectl_wait(
    resource: dynamic.Resource,
    name: str,
    namespace: str,
    condition: str,
    status: str = "True",
    timeout: float = 30,
) -> str:
    """kubectl wait RESOURCE/NAME --for=condition=CONDITION=STATUS --timeout=...

    Raises TimeoutError with the conditions last seen, NotFoundError without the object.
    """
    deadline = time.monotonic() + timeout
    while True:
        body = resource.get(
            name=name, namespace=namespace, _request_timeout=10
        ).to_dict()
        if has_condition(body, condition, status):
            group = f".{resource.group}" if resource.group else ""
            return f"{resource.kind.lower()}{group}/{name} condition met"
        if time.monotonic() > deadline:
            conditions = body.get("status", {}).get("conditions", [])
            seen = [f"{each['type']}={each['status']}" for each in conditions]
            raise TimeoutError(
                f"timed out waiting for the condition on {resource.name}/{name}, "
                f"last seen: {', '.join(seen) or 'no conditions'}"
            )
        time.sleep(0.5)


if __name__ == "__main__":
    config.load_kube_config()
    client.Configuration.get_default().retries = RETRIES
    # What the API server serves is kept in a file, of this run only: the default is one
    # that all programs share.
    with tempfile.TemporaryDirectory() as folder:
        cluster = dynamic.DynamicClient(
            LimitedClient(), cache_file=f"{folder}/resources"
        )
        deployments = cluster.resources.get(api_version="apps/v1", kind="Deployment")

        print(kubectl_wait(deployments, "web", NAMESPACE, "available", timeout=120))
        #> deployment.apps/web condition met
        try:
            kubectl_wait(deployments, "web", NAMESPACE, "Broken", timeout=0.5)
        except TimeoutError as error:
            print(str(error).partition(",")[0])
            #> timed out waiting for the condition on deployments/web
