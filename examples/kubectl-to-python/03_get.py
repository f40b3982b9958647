# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38"]
# ///
"""kubectl get with a selector, as JSONPath or as a table, and describe's Events."""

import json
import time

from kubernetes import client, config

NAMESPACE = "overview-kubectl-to-python"


def kubectl_get_names(
    core: client.CoreV1Api, namespace: str, selector: str, fields: str = ""
) -> list[str]:
    """kubectl get pods -l SELECTOR --field-selector FIELDS -o name"""
    pods = core.list_namespaced_pod(
        namespace, label_selector=selector, field_selector=fields, _request_timeout=10
    )
    return [f"pod/{pod.metadata.name}" for pod in pods.items]


def kubectl_get_images(apps: client.AppsV1Api, namespace: str) -> list[str]:
    """kubectl get deployments \\
    -o jsonpath='{.items[*].spec.template.spec.containers[*].image}'
    """
    return [
        container.image
        for deployment in apps.list_namespaced_deployment(
            namespace, _request_timeout=10
        ).items
        for container in deployment.spec.template.spec.containers
    ]


def kubectl_get_table(
    api: client.ApiClient, path: str, wide: bool = False
) -> list[dict]:
    """kubectl get -o wide: the table, a dict by column for each row.

    It is the API server that makes it, for any resource: path is for example
    /apis/apps/v1/namespaces/default/deployments. Without wide, the columns are those
    that kubectl shows by itself.
    """
    request = api.param_serialize(
        "GET",
        path,
        header_params={"Accept": "application/json;as=Table;g=meta.k8s.io;v=v1"},
        auth_settings=["BearerToken"],
    )
    answer = api.call_api(*request, _request_timeout=30)
    answer.read()
    if answer.status != 200:
        raise client.ApiException(http_resp=answer)
    table = json.loads(answer.data)
    shown = [
        (number, column["name"].upper())
        for number, column in enumerate(table["columnDefinitions"])
        if wide or column["priority"] == 0
    ]
    return [
        {name: str(row["cells"][number]) for number, name in shown}
        for row in table["rows"]
    ]


def kubectl_describe_events(
    core: client.CoreV1Api, uid: str, namespace: str
) -> list[tuple[str, str, str, str]]:
    """The Events at the end of kubectl describe: type, reason, from, message."""
    events = core.list_namespaced_event(
        namespace, field_selector=f"involvedObject.uid={uid}", _request_timeout=10
    ).items
    rows = []
    for each in events:
        # Which of the two names the writer depends on the API that it used.
        writer = (each.source and each.source.component) or each.reporting_component
        message = (each.message or "").strip()
        # An Event about one container of a Pod says which.
        if each.involved_object.field_path:
            message = f"{each.involved_object.field_path}: {message}"
        rows.append((each.type, each.reason, writer or "", message))
    return rows


if __name__ == "__main__":
    config.load_kube_config()
    core, apps = client.CoreV1Api(), client.AppsV1Api()

    print(len(kubectl_get_names(core, NAMESPACE, "app=web")), "Pods")
    #> 2 Pods
    failed = kubectl_get_names(core, NAMESPACE, "app=web", "status.phase=Failed")
    print(f"failed: {failed}")
    #> failed: []
    print(kubectl_get_images(apps, NAMESPACE))
    #> ['registry.k8s.io/e2e-test-images/agnhost:2.63.0']

    path = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"
    for row in kubectl_get_table(apps.api_client, path):
        print({name: text for name, text in row.items() if name != "AGE"})
        #> {'NAME': 'web', 'READY': '2/2', 'UP-TO-DATE': '2', 'AVAILABLE': '2'}

    web = apps.read_namespaced_deployment("web", NAMESPACE, _request_timeout=10)
    deadline = time.monotonic() + 60  # Events are written later than what they tell of
    while not (events := kubectl_describe_events(core, web.metadata.uid, NAMESPACE)):
        if time.monotonic() > deadline:
            raise TimeoutError("no Event about web after 60 s")
        time.sleep(0.2)
    for event in events:
        print(event[:3])
        #> ('Normal', 'ScalingReplicaSet', 'deployment-controller')
