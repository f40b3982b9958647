"""A namespace of a test's own, with the Deployment "web" in it."""

import ast
import importlib.util
import subprocess
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from kubernetes import client

from sandbox import binaries, run
from sandbox.cluster import Cluster
from tests.examples import deletions

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
AGNHOST = "registry.k8s.io/e2e-test-images/agnhost"
BAD_IMAGE = f"{AGNHOST}:no-such-tag"
REVISION = "deployment.kubernetes.io/revision"
SECONDS = 240
# Its server has to be killed, which by itself a kubelet does after 30 seconds.
KILLED_SOON = {"terminationGracePeriodSeconds": 1}


def program(name: str, story: str = "kubectl-rollout") -> Any:
    """A program as a module: its functions, without what it does when it is run."""
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / story / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def definitions(name: str, story: str) -> dict[str, Any]:
    """The functions and constants of a program that would do something if imported."""
    path = EXAMPLES / story / f"{name}.py"
    tree = ast.parse(path.read_text())
    tree.body = [node for node in tree.body if _is_definition(node)]
    names: dict[str, Any] = {}
    exec(compile(tree, path.name, "exec"), names)
    return names


def _is_definition(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign):
        return all(isinstance(n, ast.Name) and n.id.isupper() for n in node.targets)
    kept = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
    return isinstance(node, kept)


revisions = program("03_history").revisions


@dataclass(frozen=True)
class Place:
    """The namespace, and the two ways to get at it: kubectl and the API."""

    namespace: str
    kubeconfig: Path
    api: client.ApiClient

    @property
    def apps(self) -> client.AppsV1Api:
        return client.AppsV1Api(self.api)

    def kubectl(
        self, *words: str, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self._kubectl(), *words],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def start_kubectl(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self._kubectl(), *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _kubectl(self) -> list[str]:
        return [
            str(binaries.find("kubectl")),
            f"--kubeconfig={self.kubeconfig}",
            f"--namespace={self.namespace}",
        ]

    def create(self, image: str = f"{AGNHOST}:2.63.0", **spec: Any) -> None:
        container = {
            "name": "server",
            "image": image,
            "args": ["netexec", "--http-port=8080"],
            # In forms that the API server writes in another way: 0.01 is 10m.
            "resources": {"requests": {"cpu": "0.01", "memory": "32Mi"}},
        }
        template: dict[str, Any] = {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [container]} | KILLED_SOON,
        }
        deployment: Any = {
            "metadata": {
                "name": "web",
                "annotations": {"kubernetes.io/change-cause": "made"},
            },
            "spec": {
                "replicas": 1,
                "selector": {"matchLabels": {"app": "web"}},
                "template": template,
            }
            | spec,
        }
        self.apps.create_namespaced_deployment(self.namespace, deployment)

    def delete(self) -> None:
        """Delete the Deployment and all that it owns; return when it is gone."""
        self.apps.delete_namespaced_deployment(
            "web", self.namespace, propagation_policy="Foreground"
        )
        deadline = time.monotonic() + SECONDS
        while self.apps.list_namespaced_deployment(self.namespace).items:
            assert time.monotonic() < deadline, f"web in {self.namespace} is not gone"
            time.sleep(0.1)

    def patch(self, body: dict[str, Any]) -> None:
        self.apps.patch_namespaced_deployment(
            "web",
            self.namespace,
            body,
            _content_type="application/strategic-merge-patch+json",
        )

    def patch_server(
        self, annotations: Mapping[str, str | None] | None = None, **fields: Any
    ) -> None:
        """Change the container, and in the same patch the Deployment's annotations."""
        containers = [{"name": "server"} | fields]
        self.patch(
            {
                "metadata": {"annotations": annotations or {}},
                "spec": {"template": {"spec": {"containers": containers}}},
            }
        )

    def read(self) -> Any:
        return self.apps.read_namespaced_deployment("web", self.namespace)

    def revisions(self) -> dict[int, Any]:
        return revisions(self.apps, self.read())

    def wait(self, what: str, is_so: Callable[[Any], bool]) -> Any:
        deadline = time.monotonic() + SECONDS
        while True:
            web = self.read()
            if is_so(web):
                return web
            if time.monotonic() > deadline:
                pytest.fail(f"{self.namespace}: not {what} after {SECONDS} s: {web}")
            time.sleep(0.1)

    def settle(self) -> Any:
        """The Deployment, once the controller has dealt with its present spec."""

        def settled(web: Any) -> bool:
            revisions = self.revisions()
            return (
                web.status.observed_generation == web.metadata.generation
                and bool(revisions)
                and web.metadata.annotations.get(REVISION) == str(max(revisions))
            )

        return self.wait("settled", settled)


@contextmanager
def places(cluster: Cluster, number: int) -> Generator[list[Place]]:
    """So many new namespaces, deleted afterwards; no Deployment in them yet."""
    with run.client_for(cluster.kubeconfig) as api:
        core = client.CoreV1Api(api)
        names = [f"place-{uuid4().hex[:8]}" for _ in range(number)]
        try:
            for name in names:
                body = client.V1Namespace(metadata=client.V1ObjectMeta(name=name))
                core.create_namespace(body)
            deadline = time.monotonic() + SECONDS
            while without_account := set(names) - _have_account(core):
                assert time.monotonic() < deadline, f"no account in {without_account}"
                time.sleep(0.1)
            yield [Place(name, cluster.kubeconfig, api) for name in names]
        finally:
            for name in names:
                core.delete_namespace(name)
            paths = [f"/api/v1/namespaces/{name}" for name in names]
            deletions.note(cluster.kubeconfig, paths)


def _have_account(core: client.CoreV1Api) -> set[str]:
    """The namespaces with the account that Pods run as: without it they are refused."""
    accounts: list[Any] = core.list_service_account_for_all_namespaces(
        field_selector="metadata.name=default"
    ).items
    return {account.metadata.namespace for account in accounts}
