# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38", "urllib3"]
# ///
"""Do what Kubernetes does not: roll back a version which misses its deadline."""

import time
from datetime import UTC, datetime

import urllib3
from kubernetes import client, config, watch

NAMESPACE = "overview-rollouts"
REVISION = "deployment.kubernetes.io/revision"
CHANGE_CAUSE = "kubernetes.io/change-cause"
# On the ReplicaSet of a version which failed: the revision that it had then. A label,
# for an undo copies annotations. Use a domain of your own here.
FAILED = "rollback.example.com/failed-revision"
RELIST_SECONDS = 60
BAD_CONTAINER = {
    "name": "server",
    "image": "registry.k8s.io/e2e-test-images/agnhost:no-such-tag",
    "env": [{"name": "GREETING", "value": "hello"}],
}


def may_pass(error: Exception) -> bool:
    """Say whether to ask again: after 410, 429 and 5xx, a break, and a silence."""
    if isinstance(error, client.ApiException):
        if error.status == 0:  # TLS broke off, or the certificate is another CA's
            return "CERTIFICATE_VERIFY_FAILED" not in str(error.reason)
        return error.status in {410, 429} or error.status >= 500
    return isinstance(error, urllib3.exceptions.HTTPError)


def deployments(apps: client.AppsV1Api, namespace: str, seconds: float):
    """Yield all Deployments, then each which changes, then all again, and so on.

    roll_back acts on what is, not on what happened, so an event may be missed: the
    next list makes up for it.
    """
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        try:
            listed = apps.list_namespaced_deployment(
                namespace, _request_timeout=min(left, 30)
            )
            yield from listed.items
            left = min(deadline - time.monotonic(), RELIST_SECONDS)
            for event in watch.Watch().stream(
                apps.list_namespaced_deployment,
                namespace,
                resource_version=listed.metadata.resource_version,
                timeout_seconds=max(1, int(left)),
                _request_timeout=max(1, left) + 5,
            ):
                if event["type"] != "DELETED":
                    yield event["object"]
        except (client.ApiException, urllib3.exceptions.HTTPError) as error:
            if not may_pass(error):
                raise
            time.sleep(1)


def missed_deadline(deployment: client.V1Deployment) -> str | None:
    """Return the message of the condition which says so, if there is one."""
    if deployment.spec.paused or deployment.metadata.deletion_timestamp:
        return None
    if (deployment.status.observed_generation or 0) < deployment.metadata.generation:
        return None  # the status is about an earlier spec
    for condition in deployment.status.conditions or []:
        if condition.reason == "ProgressDeadlineExceeded":
            return condition.message
    return None


def revisions(
    apps: client.AppsV1Api, deployment: client.V1Deployment
) -> dict[int, client.V1ReplicaSet]:
    """Return the ReplicaSet of each revision of a Deployment, oldest first."""
    found = {}
    namespace = deployment.metadata.namespace
    for each in apps.list_namespaced_replica_set(namespace, _request_timeout=10).items:
        for owner in each.metadata.owner_references or []:
            # By uid: labels may be shared, and a name may have been used before.
            if owner.controller and owner.uid == deployment.metadata.uid:
                found[int((each.metadata.annotations or {}).get(REVISION, 0))] = each
    return dict(sorted(found.items()))


def template_of(apps: client.AppsV1Api, owner) -> dict:
    """Return a Pod template as JSON, less the label which tells ReplicaSets apart."""
    template = apps.api_client.sanitize_for_serialization(owner.spec.template)
    template["metadata"]["labels"].pop("pod-template-hash", None)
    return template


def roll_back(apps: client.AppsV1Api, deployment: client.V1Deployment) -> str | None:
    """Roll a Deployment back if its present version missed its deadline.

    Goes to the version which most Pods serve now, never to one which failed
    before, and does so once for each version. Returns what it did, None if nothing.
    """
    message = missed_deadline(deployment)
    if not message:
        return None
    template = template_of(apps, deployment)
    found = revisions(apps, deployment)
    present = [each for each in found.values() if template_of(apps, each) == template]
    # The condition outlives a change of the template for a moment. Its message
    # names the ReplicaSet which it is about.
    if not present or f'"{present[0].metadata.name}"' not in message:
        return None
    bad = present[0].metadata
    now = bad.annotations[REVISION]
    if bad.labels.get(FAILED, now) != now:
        return None  # it has failed before, and somebody has put it back: let it be
    bad.labels[FAILED] = now
    serving = [
        (each.status.available_replicas, revision)
        for revision, each in found.items()
        if each.status.available_replicas and FAILED not in each.metadata.labels
    ]
    if not serving:
        return None  # nothing that is known to work: leave it to somebody
    _, revision = max(serving)
    target = found[revision]

    cause = {CHANGE_CAUSE: target.metadata.annotations.get(CHANGE_CAUSE, "")}
    values = {
        # Somebody was faster? Then this is a 409, and their change an event.
        "/metadata/resourceVersion": deployment.metadata.resource_version,
        "/metadata/annotations": deployment.metadata.annotations | cause,
        "/spec/template": template_of(apps, target),
    }
    name, namespace = deployment.metadata.name, deployment.metadata.namespace
    mark = {"metadata": {"labels": {FAILED: now}}}
    try:
        # Marked first: stopped between the two, it finds its own mark and goes on.
        apps.patch_namespaced_replica_set(
            bad.name, namespace, mark, _request_timeout=30
        )
        apps.patch_namespaced_deployment(
            name,
            namespace,
            [{"op": "replace", "path": p, "value": v} for p, v in values.items()],
            _content_type="application/json-patch+json",
            _request_timeout=30,
        )
    except client.ApiException as error:
        if error.status not in {404, 409}:
            raise
        return None
    return f"revision {now} missed its deadline, rolled back to {revision}"


def record(core: client.CoreV1Api, deployment: client.V1Deployment, text: str):
    """Write an Event, which `kubectl describe deployment` shows."""
    now = datetime.now(UTC)
    core.create_namespaced_event(
        deployment.metadata.namespace,
        client.CoreV1Event(
            metadata=client.V1ObjectMeta(generate_name=f"{deployment.metadata.name}."),
            involved_object=client.V1ObjectReference(
                api_version="apps/v1",
                kind="Deployment",
                name=deployment.metadata.name,
                namespace=deployment.metadata.namespace,
                uid=deployment.metadata.uid,
            ),
            type="Warning",
            reason="RolledBack",
            message=text,
            source=client.V1EventSource(component="automatic-rollback"),
            first_timestamp=now,
            last_timestamp=now,
            count=1,
        ),
        _request_timeout=30,
    )


if __name__ == "__main__":
    config.load_kube_config()
    # Otherwise, a silent server costs four times _request_timeout.
    client.Configuration.get_default().retries = False
    apps, core = client.AppsV1Api(), client.CoreV1Api()

    # Another version that can't start. The deadline is the one 03_bad_image.py set.
    apps.patch_namespaced_deployment(
        "web",
        NAMESPACE,
        {"spec": {"template": {"spec": {"containers": [BAD_CONTAINER]}}}},
        _content_type="application/strategic-merge-patch+json",
        _request_timeout=30,
    )

    # Here it ends when all is well again. To go on forever: math.inf, and no break.
    counts = []
    for deployment in deployments(apps, NAMESPACE, seconds=120):
        try:
            if text := roll_back(apps, deployment):
                record(core, deployment, text)
                print(text)
                #> revision 5 missed its deadline, rolled back to 4
        except (client.ApiException, urllib3.exceptions.HTTPError) as error:
            if not may_pass(error):
                raise
            continue  # the next list, within a minute, has it again
        status, wanted = deployment.status, deployment.spec.replicas
        counts = [status.replicas, status.updated_replicas, status.available_replicas]
        counts = [each or 0 for each in counts]  # None at zero
        if (status.observed_generation or 0) >= deployment.metadata.generation and (
            counts == [wanted] * 3
        ):
            break
    else:
        raise TimeoutError(f"not well after 120 s: total, updated, available {counts}")

    server = deployment.spec.template.spec.containers[0]
    print(f"{status.available_replicas} of {wanted} available: {server.image}")
    #> 4 of 4 available: registry.k8s.io/e2e-test-images/agnhost:2.66.1
    for event in core.list_namespaced_event(
        NAMESPACE,
        field_selector=f"involvedObject.uid={deployment.metadata.uid}",
        _request_timeout=10,
    ).items:
        if event.source.component == "automatic-rollback":
            print(f"{event.type} {event.reason}: {event.message}")
            #> Warning RolledBack: revision 5 missed its deadline, rolled back to 4
