# /// script
# requires-python = ">=3.11"
# dependencies = ["kubernetes>=37,<38", "pyyaml>=6"]
# ///
"""kubectl create, apply and diff, for a file with objects of any kind."""

import difflib
import tempfile
import time
from collections.abc import Iterator

import yaml
from kubernetes import client, config, dynamic
from kubernetes.dynamic.exceptions import NotFoundError

NAMESPACE = "overview-kubectl-to-python"

MANIFESTS = """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {colour: green}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: server
          image: registry.k8s.io/e2e-test-images/agnhost:2.63.0
          args: [netexec, --http-port=8080]
          env: [{name: GREETING, value: hello}]
          resources: {requests: {cpu: 10m, memory: 32Mi}}
          readinessProbe: {httpGet: {path: /healthz, port: 8080}}
"""


class LimitedClient(client.ApiClient):
    """Gives each request a time limit, also those by which the dynamic client asks
    what the API server serves.
    """

    def call_api(self, *args, _request_timeout=None, **kwargs):
        limit = _request_timeout or 30
        return super().call_api(*args, _request_timeout=limit, **kwargs)


def objects(
    cluster: dynamic.DynamicClient, text: str
) -> Iterator[tuple[dynamic.Resource, str, dict]]:
    """Yield each object of a YAML text: its resource, what kubectl calls it, itself."""
    for body in yaml.safe_load_all(text):
        if not body:
            continue  # nothing between two lines of ---, or after the last
        group, _, _ = body["apiVersion"].rpartition("/")
        kind = f"{body['kind'].lower()}.{group}".rstrip(".")
        resource = cluster.resources.get(
            api_version=body["apiVersion"], kind=body["kind"]
        )
        yield resource, f"{kind}/{body['metadata']['name']}", body


def kubectl_create(
    cluster: dynamic.DynamicClient, text: str, namespace: str, **options
) -> list[str]:
    """kubectl create -f: raises ConflictError for what is there already."""
    done = []
    for resource, name, body in objects(cluster, text):
        resource.create(
            body=body,
            namespace=namespace,
            field_manager="kubectl-create",
            _request_timeout=30,
            **options,
        )
        done.append(f"{name} created")
    return done


def kubectl_apply(
    cluster: dynamic.DynamicClient, text: str, namespace: str, **options
) -> list[str]:
    """kubectl apply --server-side -f: create what is missing, change what differs.

    Raises ConflictError where another field manager owns a field that would change;
    force_conflicts=True takes it over.
    """
    done = []
    for resource, name, body in objects(cluster, text):
        resource.server_side_apply(
            body=body,
            namespace=namespace,
            field_manager="kubectl",
            _request_timeout=30,
            **options,
        )
        done.append(f"{name} serverside-applied")
    return done


def kubectl_diff(
    cluster: dynamic.DynamicClient, text: str, namespace: str
) -> list[str]:
    """kubectl diff --server-side -f: the lines that an apply would change.

    The API server works out the result, defaults and all, and does not store it.
    """
    changed = []
    for resource, _, body in objects(cluster, text):
        try:
            name = body["metadata"]["name"]
            live = lines(
                resource.get(
                    name=name, namespace=namespace, _request_timeout=10
                ).to_dict()
            )
        except NotFoundError:
            live = []
        applied = resource.server_side_apply(
            body=body,
            namespace=namespace,
            field_manager="kubectl",
            dry_run="All",
            _request_timeout=30,
        )
        # The first two lines are the headings, --- and +++.
        compared = list(difflib.unified_diff(live, lines(applied.to_dict())))[2:]
        changed += [line for line in compared if line[0] in "+-"]
    return changed


def lines(body: dict) -> list[str]:
    """An object as YAML, less what changes by itself between two reads."""
    body["metadata"].pop("managedFields", None)
    body["metadata"].pop("resourceVersion", None)
    body.pop("status", None)
    return yaml.safe_dump(body).splitlines()


if __name__ == "__main__":
    config.load_kube_config()
    # What the API server serves is kept in a file, of this run only: the default is one
    # that all programs share.
    with tempfile.TemporaryDirectory() as folder:
        cluster = dynamic.DynamicClient(
            LimitedClient(), cache_file=f"{folder}/resources"
        )

        print(kubectl_create(cluster, MANIFESTS, NAMESPACE, dry_run="All"))
        #> ['configmap/settings created', 'deployment.apps/web created']
        for line in kubectl_apply(cluster, MANIFESTS, NAMESPACE):
            print(line)
            #> configmap/settings serverside-applied
            #> deployment.apps/web serverside-applied

        # Its controller adds an annotation, which must not come while it is compared.
        deployments = cluster.resources.get(api_version="apps/v1", kind="Deployment")
        deadline = time.monotonic() + 60
        while not deployments.get("web", NAMESPACE).metadata.annotations:
            if time.monotonic() > deadline:
                raise TimeoutError("no controller has seen web after 60 s")
            time.sleep(0.2)

        changed = MANIFESTS.replace("green", "blue").replace(
            "replicas: 2", "replicas: 3"
        )
        for line in kubectl_diff(cluster, changed, NAMESPACE):
            print(line)
            #> -  colour: green
            #> +  colour: blue
            #> -  generation: 1
            #> +  generation: 2
            #> -  replicas: 2
            #> +  replicas: 3
        print(kubectl_diff(cluster, MANIFESTS, NAMESPACE))
        #> []
