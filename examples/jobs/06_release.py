# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
#
# [tool.sandbox]
# needs = ["containers"]
# [tool.sandbox.only-with]
# containers = ["create deployments", "get deployments", "patch deployments"]
# ///
"""Release versions of an application: its migration first, and then the rollout."""

import time

from kubernetes import client, config

NAMESPACE = "overview-jobs"

config.load_kube_config()
apps, batch = client.AppsV1Api(), client.BatchV1Api()


def wait_until_finished(name: str) -> client.V1JobCondition:
    """Return the condition that says how a Job has ended."""
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        status = batch.read_namespaced_job(name, NAMESPACE, _request_timeout=10).status
        for condition in status.conditions or []:
            if condition.type in ("Complete", "Failed") and condition.status == "True":
                return condition
        time.sleep(0.5)
    raise TimeoutError(f"{name}: not finished after 180 s, but {status}")


def release(version: str, migration: str) -> None:
    """Run a version's migration, and roll the version out if that has succeeded."""
    container = {
        "name": "migrate",
        "image": "python:3.13-slim",  # yours: the image of the new version
        "command": ["python", "-c", migration],
    }
    spec = {
        "backoffLimit": 0,
        "activeDeadlineSeconds": 120,
        "template": {"spec": {"restartPolicy": "Never", "containers": [container]}},
    }
    name = f"migrate-{version}"
    batch.create_namespaced_job(
        NAMESPACE, {"metadata": {"name": name}, "spec": spec}, _request_timeout=10
    )
    ended = wait_until_finished(name)
    if ended.type == "Complete":
        env = [{"name": "VERSION", "value": version}]
        template = {"spec": {"containers": [{"name": "server", "env": env}]}}
        apps.patch_namespaced_deployment(
            "web", NAMESPACE, {"spec": {"template": template}}, _request_timeout=10
        )
    web = apps.read_namespaced_deployment("web", NAMESPACE, _request_timeout=10)
    [server] = web.spec.template.spec.containers
    print(f"{name}: {ended.type}, web is on {server.env[0].value}")
    #> migrate-v2: Complete, web is on v2
    #> migrate-v3: Failed, web is on v2


labels = {"app": "web"}
server = {
    "name": "server",
    "image": "registry.k8s.io/e2e-test-images/agnhost:2.66.1",
    "args": ["netexec", "--http-port=8080"],
    "env": [{"name": "VERSION", "value": "v1"}],
}
web = {
    "metadata": {"name": "web"},
    "spec": {
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [server]}},
    },
}
apps.create_namespaced_deployment(NAMESPACE, web, _request_timeout=10)

release("v2", "print('a column added')")
release("v3", "raise SystemExit('no such table')")
