# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""kubectl label and kubectl annotate."""

from kubernetes import client, config
from kubernetes.utils.retry import retry_on_conflict

NAMESPACE = "overview-kubectl-to-python"


def set_metadata(
    apps: client.AppsV1Api,
    name: str,
    namespace: str,
    field: str,
    changes: dict[str, str | None],
    overwrite: bool,
    manager: str,
) -> None:
    """Set labels or annotations, and remove those whose value is None.

    Raises ValueError if one has another value already, unless overwrite is true.
    """

    def attempt() -> None:
        metadata = {field: changes}
        if not overwrite:
            before = apps.read_namespaced_deployment(
                name, namespace, _request_timeout=10
            ).metadata
            now = getattr(before, field) or {}
            for key, value in changes.items():
                if value is not None and now.get(key, value) != value:
                    raise ValueError(f"'{key}' already has a value ({now[key]})")
            # 409 if somebody has changed the Deployment since; then look again.
            metadata["resourceVersion"] = before.resource_version
        apps.patch_namespaced_deployment(
            name,
            namespace,
            {"metadata": metadata},
            field_manager=manager,
            _content_type="application/merge-patch+json",
            _request_timeout=30,
        )

    retry_on_conflict(attempt)


def kubectl_label(
    apps: client.AppsV1Api,
    name: str,
    namespace: str,
    labels: dict[str, str | None],
    overwrite: bool = False,
) -> None:
    """kubectl label deployment NAME key=value other- [--overwrite]"""
    set_metadata(apps, name, namespace, "labels", labels, overwrite, "kubectl-label")


def kubectl_annotate(
    apps: client.AppsV1Api,
    name: str,
    namespace: str,
    annotations: dict[str, str | None],
    overwrite: bool = False,
) -> None:
    """kubectl annotate deployment NAME key=value other- [--overwrite]"""
    manager = "kubectl-annotate"
    set_metadata(apps, name, namespace, "annotations", annotations, overwrite, manager)


if __name__ == "__main__":
    config.load_kube_config()
    apps = client.AppsV1Api()

    kubectl_label(apps, "web", NAMESPACE, {"tier": "frontend"})
    try:
        kubectl_label(apps, "web", NAMESPACE, {"tier": "backend"})
    except ValueError as error:
        print(f"not labelled: {error}")
        #> not labelled: 'tier' already has a value (frontend)
    kubectl_label(apps, "web", NAMESPACE, {"tier": "backend"}, overwrite=True)
    kubectl_annotate(apps, "web", NAMESPACE, {"example.com/team": "red"})

    metadata = apps.read_namespaced_deployment(
        "web", NAMESPACE, _request_timeout=10
    ).metadata
    print(metadata.labels)
    #> {'app': 'web', 'tier': 'backend'}
    print(metadata.annotations["example.com/team"])
    #> red
