"""The driver "kwok": the real control plane as local processes, nodes simulated.

kwokctl starts etcd, kube-apiserver, kube-controller-manager, kube-scheduler and
metrics-server; KWOK plays the kubelets of four nodes. Containers do not run.
https://kwok.sigs.k8s.io/
"""

import base64
import http.client
import json
import os
import ssl
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import yaml

from sandbox import binaries, ports, processes
from sandbox.drivers import Created, Request, refuse
from sandbox.errors import UserError
from sandbox.folders import require_space

NODES = 4

_DEADLINE = 60.0
"""Seconds for each thing that up waits for; on a busy machine it takes a few."""

_SPACE_MB = 500
"""For etcd's data and the logs of a sandbox that is used for some hours."""

_CONFIG = Path(__file__).with_name("kwok.yaml")

_BINARIES = {
    "etcdBinary": "etcd",
    "kubeApiserverBinary": "kube-apiserver",
    "kubeControllerManagerBinary": "kube-controller-manager",
    "kubeSchedulerBinary": "kube-scheduler",
    "kubectlBinary": "kubectl",
    "kwokControllerBinary": "kwok",
    "metricsServerBinary": "metrics-server",
}

_PORTS: tuple[str, ...] = (
    "kubeApiserverPort",
    "etcdPort",
    "etcdPeerPort",
    "kubeControllerManagerPort",
    "kubeSchedulerPort",
    "kwokControllerPort",
    "metricsServerPort",
)

# One cluster in each folder, so its name there need not differ.
_CLUSTER = "sandbox"


def check(request: Request) -> None:
    """See Driver."""
    refuse(request, "kwok", "context", "node_image", "config", "workers")
    minor = binaries.version("kubernetes").removeprefix("v").rpartition(".")[0]
    if request.kubernetes not in (None, minor):
        raise UserError(
            f"the driver kwok has Kubernetes {minor}, not {request.kubernetes}:"
            " --driver kind has more versions"
        )
    if request.port is not None:
        ports.require_free(request.port)


def create(name: str, folder: Path, request: Request) -> Created:
    """See Driver."""
    found = binaries.find_all(*_BINARIES.values(), "kwokctl")
    require_space(folder, _SPACE_MB, "for the cluster")
    # Chosen by the kernel: kwokctl counts down from 32766, so that two that start at
    # the same time would choose the same.
    chosen = dict(zip(_PORTS, ports.find(len(_PORTS)), strict=True))
    if request.port is not None:
        chosen["kubeApiserverPort"] = request.port
    config = folder / "kwok.yaml"
    config.write_text(_configuration(folder, found, chosen))
    _kwokctl(found, folder, config)

    work = _work(folder)
    pki = work / "pki"
    _write_kubeconfig(folder / "kubeconfig", name, chosen["kubeApiserverPort"], pki)
    api = _ApiServer(chosen["kubeApiserverPort"], pki)
    for number in range(1, NODES + 1):
        api.create("/api/v1/nodes", _node(f"node-{number}"))
    # The API server asks a new APIService's server once, and then not for five
    # seconds: metrics-server must be there before.
    metrics = chosen["metricsServerPort"]
    _wait(folder, "metrics-server to listen", lambda: not ports.is_free(metrics))
    for path, manifest in _metrics_api(metrics):
        api.create(path, manifest)
    _wait(folder, "metrics.k8s.io to be available", api.serves_metrics)
    _wait(folder, f"{NODES} nodes to be ready", api.nodes_are_ready)
    return Created(
        kubernetes=api.get("/version")["gitVersion"],
        capabilities=frozenset({"metrics", "simulated-nodes"}),
        nodes=NODES,
    )


def delete(name: str, folder: Path) -> None:
    """See Driver."""
    processes.end(folder)


def fault(name: str, folder: Path) -> str | None:
    """See Driver."""
    expected = len(list((_work(folder) / "bin").glob("*")))
    running = len(processes.started_for(folder))
    if running < expected or not expected:
        return f"{running} of {expected} processes are running"
    return None


def _work(folder: Path) -> Path:
    return folder / ".kwok" / "clusters" / _CLUSTER


def _configuration(folder: Path, found: dict[str, Path], chosen: dict[str, int]) -> str:
    """kwok.yaml with this machine's binaries and these ports filled in."""
    documents = cast(
        list[dict[str, Any]], list(yaml.safe_load_all(_CONFIG.read_text()))
    )
    options = documents[0]["options"]
    options |= {option: str(found[name]) for option, name in _BINARIES.items()}
    options |= chosen
    # By default kwokctl downloads metrics-server's manifest. Given a kustomization
    # with nothing in it, it applies nothing, and the APIService comes from here.
    empty = folder / "nothing"
    empty.mkdir()
    (empty / "kustomization.yaml").write_text("resources: []\n")
    options["metricsServerManifests"] = [str(empty)]
    return "---\n".join(json.dumps(document) + "\n" for document in documents)


def _kwokctl(found: dict[str, Path], folder: Path, config: Path) -> None:
    # KWOK_* of the user's would change the cluster; KUBECONFIG is the user's own.
    environment = {
        key: value
        for key, value in processes.environment(folder).items()
        if not key.startswith("KWOK_") and key != "KUBECONFIG"
    }
    # kwokctl calls the kubectl that it finds on PATH, of whatever version.
    path = os.environ.get("PATH", "")
    environment["PATH"] = f"{found['kubectl'].parent}{os.pathsep}{path}"
    # kwokctl works in .kwok of the home folder. KWOK_WORKDIR would name another, but
    # it is cut off at a space.
    environment["HOME"] = str(folder)
    log = folder / "kwokctl.log"
    command = [found["kwokctl"], "create", "cluster"]
    command += ["--name", _CLUSTER, "--config", config]
    with log.open("wb") as output:
        # A session of its own: ^C is for this process, which then clears up.
        process = subprocess.Popen(
            [
                *command,
                "--kubeconfig",
                "",
                "--wait",
                "0s",
                "--timeout",
                f"{_DEADLINE}s",
            ],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        code = process.wait(timeout=_DEADLINE + 10)
    except subprocess.TimeoutExpired:
        raise UserError(
            f"kwokctl was not done after {_DEADLINE:.0f} s: is the machine very busy?"
            " Try again"
        ) from None
    if code:
        raise UserError(f"kwokctl failed: {_last_line(log)}")


def _last_line(log: Path) -> str:
    """The message of the last line that kwokctl logged."""
    lines = log.read_text(errors="replace").split("\n")
    last = next((line for line in reversed(lines) if line.strip()), "no output")
    try:
        record = json.loads(last)
    except ValueError:
        return last
    return str(record.get("err") or record.get("msg") or last).replace("\n", " ")


def _write_kubeconfig(target: Path, name: str, port: int, pki: Path) -> None:
    """Writes a kubeconfig that holds its certificates and names no other file."""

    def data(file: str) -> str:
        return base64.b64encode((pki / file).read_bytes()).decode()

    context = f"sandbox-{name}"
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": context,
        "contexts": [
            {"name": context, "context": {"cluster": context, "user": context}}
        ],
        "clusters": [
            {
                "name": context,
                "cluster": {
                    "server": f"https://127.0.0.1:{port}",
                    "certificate-authority-data": data("ca.crt"),
                },
            }
        ],
        "users": [
            {
                "name": context,
                "user": {
                    "client-certificate-data": data("admin.crt"),
                    "client-key-data": data("admin.key"),
                },
            }
        ],
    }
    target.touch(mode=0o600)
    target.write_text(yaml.safe_dump(config, sort_keys=False))


def _node(name: str) -> dict[str, Any]:
    resources = {"cpu": "4", "memory": "8Gi", "pods": "110"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "kubernetes.io/arch": "amd64",
                "type": "kwok",
            },
            "annotations": {
                "node.alpha.kubernetes.io/ttl": "0",
                # Where metrics-server asks; KWOK answers there for each node.
                "metrics.k8s.io/resource-metrics-path": (
                    f"/metrics/nodes/{name}/metrics/resource"
                ),
            },
        },
        "status": {
            "capacity": resources,
            "allocatable": resources,
            "nodeInfo": {
                "architecture": "amd64",
                "bootID": "",
                "containerRuntimeVersion": "kwok://simulated",
                "kernelVersion": "simulated",
                "kubeProxyVersion": "",
                "kubeletVersion": binaries.version("kubernetes"),
                "machineID": "",
                "operatingSystem": "linux",
                "osImage": "simulated",
                "systemUUID": "",
            },
        },
    }


def _metrics_api(port: int) -> list[tuple[str, dict[str, Any]]]:
    """The path and object of each thing that makes metrics.k8s.io answer."""
    name, namespace = "metrics-server", "kube-system"
    return [
        (
            f"/api/v1/namespaces/{namespace}/services",
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": name, "namespace": namespace},
                # Not a Pod: the process that listens on this machine.
                "spec": {"type": "ExternalName", "externalName": "127.0.0.1"},
            },
        ),
        (
            "/apis/apiregistration.k8s.io/v1/apiservices",
            {
                "apiVersion": "apiregistration.k8s.io/v1",
                "kind": "APIService",
                "metadata": {"name": "v1beta1.metrics.k8s.io"},
                "spec": {
                    "group": "metrics.k8s.io",
                    "version": "v1beta1",
                    "groupPriorityMinimum": 100,
                    "versionPriority": 100,
                    "insecureSkipTLSVerify": True,
                    "service": {"name": name, "namespace": namespace, "port": port},
                },
            },
        ),
        (
            "/apis/rbac.authorization.k8s.io/v1/clusterroles",
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "ClusterRole",
                "metadata": {
                    "name": "system:aggregated-metrics-reader",
                    # Whoever may view a namespace may view its metrics.
                    "labels": {
                        f"rbac.authorization.k8s.io/aggregate-to-{role}": "true"
                        for role in ("view", "edit", "admin")
                    },
                },
                "rules": [
                    {
                        "apiGroups": ["metrics.k8s.io"],
                        "resources": ["pods", "nodes"],
                        "verbs": ["get", "list", "watch"],
                    }
                ],
            },
        ),
    ]


class _ApiServer:
    """The few requests that are needed here, as the administrator.

    Over the standard library, since importing the client costs 0.3 s of the 4 s
    in which a sandbox is to be ready.
    """

    def __init__(self, port: int, pki: Path) -> None:
        context = ssl.create_default_context(cafile=str(pki / "ca.crt"))
        context.load_cert_chain(pki / "admin.crt", pki / "admin.key")
        self._connection = http.client.HTTPSConnection(
            "127.0.0.1", port, context=context, timeout=10
        )

    def get(self, path: str) -> Any:
        return self._request("GET", path)

    def create(self, path: str, body: dict[str, Any]) -> None:
        """Creates an object, trying again while the API server is still starting."""
        until = time.monotonic() + _DEADLINE
        while True:
            try:
                self._request("POST", path, body)
                return
            except _Refused as refused:
                # 403 and 404: built-in roles and aggregated groups come up with
                # the server. 409: an earlier try had worked after all.
                if refused.status == 409:
                    return
                if refused.status < 500 and refused.status not in (403, 404, 429):
                    raise UserError(f"the API server refused: {refused}") from None
                if time.monotonic() > until:
                    raise UserError(f"the API server refuses: {refused}") from None
            time.sleep(0.05)

    def nodes_are_ready(self) -> bool:
        return all(
            _condition(node, "Ready") for node in self.get("/api/v1/nodes")["items"]
        )

    def serves_metrics(self) -> bool:
        path = "/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io"
        return _condition(self.get(path), "Available")

    def _request(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> Any:
        try:
            self._connection.request(
                method,
                path,
                body=json.dumps(body) if body else None,
                headers={"Content-Type": "application/json"},
            )
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise _Refused(503, str(error)) from error
        if response.status >= 400:
            raise _Refused(response.status, content.decode(errors="replace"))
        return json.loads(content)


class _Refused(Exception):
    """The API server did not do it: an HTTP status and what it said."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status} {text[:200]}")
        self.status = status


def _condition(thing: dict[str, Any], wanted: str) -> bool:
    conditions = thing.get("status", {}).get("conditions") or []
    return any(c["type"] == wanted and c["status"] == "True" for c in conditions)


def _wait(folder: Path, what: str, is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + _DEADLINE
    last = "not yet"
    while True:
        try:
            if is_so():
                return
        except _Refused as refused:
            last = str(refused)
        if time.monotonic() > until:
            problem = fault("", folder) or last
            raise UserError(
                f"waited {_DEADLINE:.0f} s for {what}: {problem}; is the machine very"
                " busy? Try again"
            )
        time.sleep(0.05)
