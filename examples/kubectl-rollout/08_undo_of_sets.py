# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38", "urllib3"]
# ///
"""List the revisions of a StatefulSet and a DaemonSet, and go back to one."""

import time
from functools import partial

import urllib3
from kubernetes import client, config
from kubernetes.utils.retry import Backoff, retry_on_conflict

NAMESPACE = "overview-kubectl-rollout"
CHANGE_CAUSE = "kubernetes.io/change-cause"
# Ask again where that may help: up to five times, but only once after a silence,
# because each silence costs _request_timeout.
RETRIES = urllib3.Retry(5, read=1, backoff_factor=0.2, status_forcelist=range(500, 600))


def revisions(apps: client.AppsV1Api, owner) -> dict[int, client.V1ControllerRevision]:
    """Return the ControllerRevisions of a StatefulSet or DaemonSet, oldest first."""
    namespace = owner.metadata.namespace
    listed = apps.list_namespaced_controller_revision(namespace, _request_timeout=10)
    found = {
        each.revision: each
        for each in listed.items
        for reference in each.metadata.owner_references or []
        if reference.controller and reference.uid == owner.metadata.uid
    }
    return dict(sorted(found.items()))


def rollout_history(apps: client.AppsV1Api, owner) -> str:
    """Return the table that kubectl prints below the name."""
    found = revisions(apps, owner)
    if not found:
        return "No rollout history found."
    lines = ["REVISION  CHANGE-CAUSE"]
    for revision, kept in found.items():
        cause = (kept.metadata.annotations or {}).get(CHANGE_CAUSE)
        lines.append(f"{revision:<10}{cause or '<none>'}")
    return "\n".join(lines)


def undo(apps: client.AppsV1Api, read, patch, to_revision: int = 0) -> str:
    """Roll back to a revision; 0 means the one before. Returns what kubectl says.

    read() has to return the StatefulSet or DaemonSet, patch is the call that patches
    one. Raises LookupError when there is no such revision, ValueError when somebody
    else gave it another template meanwhile.
    """
    seen = []

    def attempt() -> str:
        owner = read()
        seen.append(owner.spec.template)
        if seen[-1] != seen[0]:
            raise ValueError("somebody changed the template meanwhile: look first")
        found = revisions(apps, owner)
        if not to_revision and len(found) < 2:
            raise LookupError("no last revision to roll back to")
        if to_revision and to_revision not in found:
            missing = f"unable to find specified revision {to_revision} in history"
            raise LookupError(missing)
        # A ControllerRevision's data is the patch that brings its version back.
        data = found[to_revision or list(found)[-2]].data
        template = apps.api_client.sanitize_for_serialization(owner.spec.template)
        if data == {"spec": {"template": template | {"$patch": "replace"}}}:
            already = f"current template already matches revision {to_revision}"
            return f"skipped rollback ({already})"
        # Not in kubectl's patch: 409 Conflict if somebody else was faster.
        version = {"resourceVersion": owner.metadata.resource_version}
        patch(
            owner.metadata.name,
            owner.metadata.namespace,
            data | {"metadata": version},
            _content_type="application/strategic-merge-patch+json",
            _request_timeout=30,
        )
        return "rolled back"

    return retry_on_conflict(attempt, Backoff(steps=10, duration=0.05, factor=1.5))


def wait_until_observed(read, seconds: float = 60):
    """Return what read() returns, once the controller has seen its present spec."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = read()
        if found.status.observed_generation == found.metadata.generation:
            return found
        time.sleep(0.2)
    raise TimeoutError(f"{found.metadata.name}: spec not observed after {seconds} s")


if __name__ == "__main__":
    config.load_kube_config()
    client.Configuration.get_default().retries = RETRIES
    apps = client.AppsV1Api()

    here = {"namespace": NAMESPACE, "_request_timeout": 10}
    db = partial(apps.read_namespaced_stateful_set, "db", **here)
    agent = partial(apps.read_namespaced_daemon_set, "agent", **here)
    patch_db = apps.patch_namespaced_stateful_set
    patch_agent = apps.patch_namespaced_daemon_set

    for line in rollout_history(apps, db()).splitlines():
        print(line)
        #> REVISION  CHANGE-CAUSE
        #> 1         first version
        #> 2         agnhost 2.66.1

    print(undo(apps, db, patch_db))
    #> rolled back
    print(undo(apps, agent, patch_agent, to_revision=1))
    #> rolled back
    for read in [db, agent]:
        found = wait_until_observed(read)
        print(found.metadata.name, "has revisions", *revisions(apps, found))
        #> db has revisions 2 3
        #> agent has revisions 2 3

    print(undo(apps, db, patch_db, to_revision=3))
    #> skipped rollback (current template already matches revision 3)
    try:
        undo(apps, agent, patch_agent, to_revision=1)
    except LookupError as error:
        print(error)
        #> unable to find specified revision 1 in history
