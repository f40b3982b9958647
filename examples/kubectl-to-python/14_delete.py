# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38", "urllib3"]
# ///
"""kubectl delete, which waits, and kubectl wait --for=delete."""

import tempfile
import time

import urllib3
from kubernetes import client, config, dynamic
from kubernetes.dynamic.exceptions import NotFoundError

NAMESPACE = "overview-kubectl-to-python"
# A GET that may do better is made again: five times, but after a silence once, for each
# costs _request_timeout. A DELETE is not: the second would find nothing.
RETRIES = urllib3.Retry(
    5,
    read=1,
    backoff_factor=0.2,
    status_forcelist=range(500, 600),
    allowed_methods={"GET"},
)


class LimitedClient(client.ApiClient):
    """Gives each request a time limit, also those by which the dynamic client asks
    what the API server serves.
    """

    def call_api(self, *args, _request_timeout=None, **kwargs):
        limit = _request_timeout or 30
        return super().call_api(*args, _request_timeout=limit, **kwargs)


def kubectl_wait_for_delete(
    resource: dynamic.Resource, name: str, namespace: str, uid: str, timeout: float
) -> None:
    """kubectl wait --for=delete RESOURCE/NAME --timeout=...

    An object of the same name that somebody makes meanwhile is another one: it has
    another uid. Raises TimeoutError with the finalizers that hold it back.
    """
    deadline = time.monotonic() + timeout
    while True:
        try:
            found = resource.get(
                name=name, namespace=namespace, _request_timeout=10
            ).to_dict()
        except NotFoundError:
            return
        metadata = found["metadata"]
        if metadata["uid"] != uid:
            return
        if time.monotonic() > deadline:
            held = ", ".join(metadata.get("finalizers", [])) or "no finalizers"
            raise TimeoutError(f"{name} is there after {timeout} s, with {held}")
        time.sleep(0.2)


def kubectl_delete(
    resource: dynamic.Resource,
    name: str,
    namespace: str,
    cascade: str = "Background",
    timeout: float = 60,
) -> None:
    """kubectl delete RESOURCE NAME --cascade=background|foreground|orphan

    Returns when the object is gone. What it owns may still be there: only with
    Foreground is that gone first. Raises NotFoundError where there is no such object.
    """
    found = resource.get(name=name, namespace=namespace, _request_timeout=10)
    uid = found.metadata.uid
    resource.delete(
        name=name,
        namespace=namespace,
        body={"propagationPolicy": cascade, "preconditions": {"uid": uid}},
        _request_timeout=30,
    )
    kubectl_wait_for_delete(resource, name, namespace, uid, timeout)


if __name__ == "__main__":
    config.load_kube_config()
    client.Configuration.get_default().retries = RETRIES
    # What the API server serves is kept in a file, of this run only: the default is one
    # that all programs share.
    with tempfile.TemporaryDirectory() as folder:
        cluster = dynamic.DynamicClient(
            LimitedClient(), cache_file=f"{folder}/resources"
        )

        for api_version, kind, name in [
            ("autoscaling/v2", "HorizontalPodAutoscaler", "web"),
            ("v1", "ConfigMap", "settings"),
            ("apps/v1", "Deployment", "web"),
        ]:
            resource = cluster.resources.get(api_version=api_version, kind=kind)
            kubectl_delete(resource, name, NAMESPACE, cascade="Foreground", timeout=180)
            print(f"{kind} {name} deleted")
            #> HorizontalPodAutoscaler web deleted
            #> ConfigMap settings deleted
            #> Deployment web deleted

        pods = cluster.resources.get(api_version="v1", kind="Pod")
        print(f"Pods left: {len(pods.get(namespace=NAMESPACE).items)}")
        #> Pods left: 0
        try:
            kubectl_delete(resource, "web", NAMESPACE)
        except NotFoundError as error:
            print(f"deleted again: {error.status} {error.reason}")
            #> deleted again: 404 Not Found
