# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38", "urllib3"]
# ///
"""Ask a StatefulSet and a DaemonSet what `kubectl rollout status` asks them."""

import time
from functools import partial

import urllib3
from kubernetes import client, config

NAMESPACE = "overview-kubectl-rollout"
ONLY_ROLLING = "rollout status is only available for RollingUpdate strategy type"
# Ask again where that may help: up to five times, but only once after a silence,
# because each silence costs _request_timeout.
RETRIES = urllib3.Retry(5, read=1, backoff_factor=0.2, status_forcelist=range(500, 600))


def stateful_set_status(found: client.V1StatefulSet) -> tuple[str, bool]:
    """Return the line that kubectl prints, and whether the rollout is complete."""
    spec, status = found.spec, found.status
    if spec.update_strategy.type != "RollingUpdate":
        raise ValueError(ONLY_ROLLING)
    if (status.observed_generation or 0) < found.metadata.generation:
        return "Waiting for statefulset spec update to be observed...", False
    missing = spec.replicas - (status.ready_replicas or 0)  # None at zero
    if missing > 0:
        return f"Waiting for {missing} pods to be ready...", False
    updated = status.updated_replicas or 0
    if rolling := spec.update_strategy.rolling_update:
        # Pods with a lower number than the partition keep the old version.
        due = spec.replicas - rolling.partition
        if updated < due:
            text = f"{updated} out of {due} new pods have been updated..."
            return f"Waiting for partitioned roll out to finish: {text}", False
        text = f"{updated} new pods have been updated..."
        return f"partitioned roll out complete: {text}", True
    if status.update_revision != status.current_revision:
        text = f"{updated} pods at revision {status.update_revision}..."
        return f"waiting for statefulset rolling update to complete {text}", False
    text = f"{status.current_replicas or 0} pods at revision {status.current_revision}"
    return f"statefulset rolling update complete {text}...", True


def daemon_set_status(found: client.V1DaemonSet) -> tuple[str, bool]:
    """Return the line that kubectl prints, and whether the rollout is complete."""
    name, status = found.metadata.name, found.status
    if found.spec.update_strategy.type != "RollingUpdate":
        raise ValueError(ONLY_ROLLING)
    if (status.observed_generation or 0) < found.metadata.generation:
        return "Waiting for daemon set spec update to be observed...", False
    wanted = status.desired_number_scheduled
    waiting = f'Waiting for daemon set "{name}" rollout to finish:'
    if (updated := status.updated_number_scheduled or 0) < wanted:
        text = f"{updated} out of {wanted} new pods have been updated..."
        return f"{waiting} {text}", False
    if (available := status.number_available or 0) < wanted:
        text = f"{available} of {wanted} updated pods are available..."
        return f"{waiting} {text}", False
    return f'daemon set "{name}" successfully rolled out', True


def last_line(read, status, seconds: float = 120) -> str:
    """Return the line that says a rollout is complete, or raise TimeoutError."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        line, done = status(read())
        if done:
            return line
        time.sleep(0.2)
    raise TimeoutError(f"after {seconds} s: {line}")


if __name__ == "__main__":
    config.load_kube_config()
    client.Configuration.get_default().retries = RETRIES
    apps = client.AppsV1Api()

    here = {"namespace": NAMESPACE, "_request_timeout": 10}
    db = partial(apps.read_namespaced_stateful_set, "db", **here)
    agent = partial(apps.read_namespaced_daemon_set, "agent", **here)

    image = "registry.k8s.io/e2e-test-images/agnhost:2.66.1"
    template = {"spec": {"containers": [{"name": "server", "image": image}]}}
    cause = {"annotations": {"kubernetes.io/change-cause": "agnhost 2.66.1"}}
    update = {"metadata": cause, "spec": {"template": template}}
    how = {
        "_content_type": "application/strategic-merge-patch+json",
        "_request_timeout": 30,
    }

    for partition in [1, 0]:  # first db-1 alone, then db-0
        update["spec"]["updateStrategy"] = {"rollingUpdate": {"partition": partition}}
        apps.patch_namespaced_stateful_set("db", NAMESPACE, update, **how)
        line = last_line(db, stateful_set_status)
        status = db().status
        revisions = {status.current_revision, status.update_revision}
        print(f"{len(revisions)} in use, {line}")
        #> 2 in use, partitioned roll out complete: 1 new pods have been updated...
        #> 1 in use, partitioned roll out complete: 2 new pods have been updated...

    del update["spec"]["updateStrategy"]
    apps.patch_namespaced_daemon_set("agent", NAMESPACE, update, **how)
    print(last_line(agent, daemon_set_status))
    #> daemon set "agent" successfully rolled out
