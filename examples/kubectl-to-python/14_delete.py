# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""kubectl delete, which waits, and kubectl wait --for=delete."""

import time

from kubernetes import client, config, dynamic
from kubernetes.dynamic.exceptions import NotFoundError

NAMESPACE = "kubectl-to-python"


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
            found = resource.get(name=name, namespace=namespace).to_dict()
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
    uid = resource.get(name=name, namespace=namespace).metadata.uid
    resource.delete(
        name=name,
        namespace=namespace,
        body={"propagationPolicy": cascade, "preconditions": {"uid": uid}},
    )
    kubectl_wait_for_delete(resource, name, namespace, uid, timeout)


if __name__ == "__main__":
    config.load_kube_config()
    cluster = dynamic.DynamicClient(client.ApiClient())

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
    left = pods.get(namespace=NAMESPACE, label_selector="app=web").items
    print(f"Pods left: {len(left)}")
    #> Pods left: 0
    try:
        kubectl_delete(resource, "web", NAMESPACE)
    except NotFoundError as error:
        print(f"deleted again: {error.status} {error.reason}")
        #> deleted again: 404 Not Found
