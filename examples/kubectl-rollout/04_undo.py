# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38", "urllib3"]
# ///
"""Go back to an earlier revision, as `kubectl rollout undo` does."""

import time

import urllib3
from kubernetes import client, config
from kubernetes.utils.retry import Backoff, retry_on_conflict

NAMESPACE = "overview-kubectl-rollout"
REVISION = "deployment.kubernetes.io/revision"
# Ask again where that may help: up to five times, but only once after a silence,
# because each silence costs _request_timeout.
RETRIES = urllib3.Retry(5, read=1, backoff_factor=0.2, status_forcelist=range(500, 600))
# These stay with the Deployment. All other annotations come from the revision.
KEPT = {
    REVISION,
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
    "kubectl.kubernetes.io/last-applied-configuration",
}


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


def undo(
    apps: client.AppsV1Api, name: str, namespace: str, to_revision: int = 0
) -> str:
    """Roll a Deployment back to a revision; 0 means the one before.

    Returns what kubectl says: "rolled back", or "skipped rollback (...)" where the
    template is that of the revision already. Raises LookupError when there is no
    such revision, ValueError when the Deployment is paused, or when somebody else
    gave it another template meanwhile.
    """
    seen = []

    def attempt() -> str:
        deployment = apps.read_namespaced_deployment(
            name, namespace, _request_timeout=10
        )
        found = revisions(apps, deployment)
        if to_revision and to_revision not in found:
            raise LookupError(
                f"unable to find specified revision {to_revision} in history"
            )
        if not to_revision and len(found) < 2:
            raise LookupError(f'no rollout history found for deployment "{name}"')
        if deployment.spec.paused:
            raise ValueError("you cannot rollback a paused deployment; resume it first")

        seen.append(template_of(apps, deployment))
        if seen[-1] != seen[0]:
            raise ValueError("somebody changed the template meanwhile: look first")

        target = found[to_revision or list(found)[-2]]
        template = template_of(apps, target)
        if template == seen[-1]:
            already = f"current template already matches revision {to_revision}"
            return f"skipped rollback ({already})"
        now = deployment.metadata.annotations or {}
        then = target.metadata.annotations or {}
        annotations = {key: now[key] for key in now if key in KEPT}
        annotations |= {key: then[key] for key in then if key not in KEPT}
        values = {
            # Not in kubectl's patch. It makes the answer 409 Conflict if somebody
            # changed the Deployment after we read it; without it, they lose.
            "/metadata/resourceVersion": deployment.metadata.resource_version,
            "/metadata/annotations": annotations,
            "/spec/template": template,
        }
        apps.patch_namespaced_deployment(
            name,
            namespace,
            [{"op": "replace", "path": p, "value": v} for p, v in values.items()],
            _content_type="application/json-patch+json",
            _request_timeout=30,
        )
        return "rolled back"

    # During a rollout the controller writes the status often. Ten attempts, and nine
    # pauses between them: 3.7 seconds in all.
    return retry_on_conflict(attempt, Backoff(steps=10, duration=0.05, factor=1.5))


def wait_until_done(
    apps: client.AppsV1Api, name: str, namespace: str, seconds: float = 120
):
    """Return the Deployment when its rollout is complete, or raise TimeoutError."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = apps.read_namespaced_deployment(name, namespace, _request_timeout=10)
        status = found.status
        counts = [status.replicas, status.updated_replicas, status.available_replicas]
        counts = [each or 0 for each in counts]  # None at zero
        observed = status.observed_generation == found.metadata.generation
        if observed and counts == [found.spec.replicas] * 3:
            return found
        time.sleep(0.2)
    raise TimeoutError(f"{name}: total, updated and available are {counts}")


def summary(web: client.V1Deployment) -> str:
    env = web.spec.template.spec.containers[0].env or []
    greeting = {each.name: each.value for each in env}.get("GREETING", "no greeting")
    return f"now revision {web.metadata.annotations[REVISION]}: {greeting}"


if __name__ == "__main__":
    config.load_kube_config()
    client.Configuration.get_default().retries = RETRIES
    apps = client.AppsV1Api()

    # 0 is the one before, so the second undo undoes the first.
    for to_revision in [0, 0, 3]:
        result = undo(apps, "web", NAMESPACE, to_revision)
        print(f"{result}, {summary(wait_until_done(apps, 'web', NAMESPACE))}")
        #> rolled back, now revision 3: no greeting
        #> rolled back, now revision 4: hello
        #> rolled back, now revision 5: no greeting

    print(undo(apps, "web", NAMESPACE, to_revision=5))
    #> skipped rollback (current template already matches revision 5)
    try:
        undo(apps, "web", NAMESPACE, to_revision=1)
    except LookupError as error:
        print(error)
        #> unable to find specified revision 1 in history
