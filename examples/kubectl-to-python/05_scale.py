# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""kubectl set image, kubectl scale and kubectl autoscale."""

from kubernetes import client, config

NAMESPACE = "overview-kubectl-to-python"


def kubectl_set_image(
    apps: client.AppsV1Api, name: str, namespace: str, images: dict[str, str]
) -> None:
    """kubectl set image deployment/NAME CONTAINER=IMAGE ...

    Raises LookupError where no container has that name: the patch would add one.
    """
    found = apps.read_namespaced_deployment(name, namespace, _request_timeout=10)
    pod, change = found.spec.template.spec, {}
    for field, containers in (
        ("initContainers", pod.init_containers or []),
        ("containers", pod.containers),
    ):
        if known := images.keys() & {each.name for each in containers}:
            change[field] = [{"name": c, "image": images[c]} for c in sorted(known)]
    known = {each["name"] for containers in change.values() for each in containers}
    if unknown := images.keys() - known:
        raise LookupError(f"unable to find container named {', '.join(unknown)}")
    apps.patch_namespaced_deployment(
        name,
        namespace,
        {"spec": {"template": {"spec": change}}},
        field_manager="kubectl-set",
        # This kind of patch finds a container by its name, and leaves the others.
        _content_type="application/strategic-merge-patch+json",
        _request_timeout=30,
    )


def kubectl_scale(
    apps: client.AppsV1Api, name: str, namespace: str, replicas: int
) -> None:
    """kubectl scale deployment/NAME --replicas=N"""
    apps.patch_namespaced_deployment_scale(
        name,
        namespace,
        {"spec": {"replicas": replicas}},
        field_manager="kubectl",
        _content_type="application/merge-patch+json",
        _request_timeout=30,
    )


def kubectl_autoscale(
    autoscaling: client.AutoscalingV2Api,
    name: str,
    namespace: str,
    min_replicas: int,
    max_replicas: int,
    cpu_percent: int,
) -> client.V2HorizontalPodAutoscaler:
    """kubectl autoscale deployment/NAME --min=... --max=... --cpu=...%"""
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    cpu = {"type": "Utilization", "averageUtilization": cpu_percent}
    spec = {
        "scaleTargetRef": target,
        "minReplicas": min_replicas,
        "maxReplicas": max_replicas,
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": cpu}}],
    }
    return autoscaling.create_namespaced_horizontal_pod_autoscaler(
        namespace,
        {"metadata": {"name": name}, "spec": spec},
        field_manager="kubectl-autoscale",
        _request_timeout=30,
    )


if __name__ == "__main__":
    config.load_kube_config()
    apps, autoscaling = client.AppsV1Api(), client.AutoscalingV2Api()

    image = "registry.k8s.io/e2e-test-images/agnhost:2.66.1"
    kubectl_set_image(apps, "web", NAMESPACE, {"server": image})
    kubectl_scale(apps, "web", NAMESPACE, 3)
    web = apps.read_namespaced_deployment("web", NAMESPACE, _request_timeout=10)
    print(f"{web.spec.replicas} of {web.spec.template.spec.containers[0].image}")
    #> 3 of registry.k8s.io/e2e-test-images/agnhost:2.66.1

    made = kubectl_autoscale(autoscaling, "web", NAMESPACE, 3, 6, cpu_percent=50)
    print(f"autoscaler: {made.spec.min_replicas} to {made.spec.max_replicas}")
    #> autoscaler: 3 to 6
