"""The driver "kwok": the real control plane as local processes, nodes simulated.

kwokctl starts etcd, kube-apiserver, kube-controller-manager, kube-scheduler and
metrics-server; KWOK plays the kubelets of four nodes. Containers do not run.
https://kwok.sigs.k8s.io/
"""

import base64
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sandbox import (
    binaries,
    components,
    kubeconfig,
    modules,
    ports,
    processes,
    waiting,
)
from sandbox.drivers import Created, Request, kwokctl, refuse
from sandbox.drivers.apiserver import ApiServer, Refused
from sandbox.errors import UserError
from sandbox.folders import require_space

_NODES = 4

_LEADERS = ("kube-controller-manager", "kube-scheduler")
_STORE = ("etcd", "kube-apiserver")
_GIVE_UP = (*_LEADERS, "metrics-server")
"""Those that end if they can't reach the API server for long, or at a bad moment."""

_LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases"
_NODE_LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"

SPACE_MB = 1_000
"""For as much as etcd and the audit log may take by kwok.yaml, and other logs."""


def check(request: Request) -> None:
    """See Driver."""
    refuse(request, "kwok", "context", "node_image", "config", "workers")
    minor = modules.kubernetes_minor()
    if request.kubernetes not in (None, minor):
        raise UserError(
            f"the driver kwok has Kubernetes {minor}, not {request.kubernetes}:"
            " --driver kind has more versions"
        )
    if request.port is not None:
        ports.require_free(request.port)


def create(name: str, folder: Path, request: Request) -> Created:
    """See Driver."""
    paths = binaries.find_all(*kwokctl.BINARIES.values(), "kwokctl")
    require_space(folder, SPACE_MB, "for the cluster")
    # At random: kwokctl counts down from 32766, so that two that start at the same time
    # would choose the same.
    chosen = dict(zip(kwokctl.PORTS, ports.find(len(kwokctl.PORTS)), strict=True))
    if request.port is not None:
        chosen["kubeApiserverPort"] = request.port
    control_plane = kwokctl.Kwokctl(folder, paths)
    control_plane.create(chosen)

    def wait(what: str, is_so: Callable[[], bool]) -> None:
        _wait(what, is_so, control_plane)

    pki = kwokctl.work(folder) / "pki"
    port = chosen["kubeApiserverPort"]
    _write_kubeconfig(folder / "kubeconfig", name, port, pki)
    api = ApiServer(port, pki)
    for number in range(1, _NODES + 1):
        api.create("/api/v1/nodes", _node(f"node-{number}"))
    # The API server asks a new APIService's server once, and then not for five
    # seconds: metrics-server must be there before.
    metrics = chosen["metricsServerPort"]
    wait("metrics-server to listen", lambda: not ports.is_free(metrics))
    for path, manifest in _metrics_api(metrics):
        api.create(path, manifest)
    wait("metrics.k8s.io to be available", api.serves_metrics)
    wait(f"{_NODES} nodes to be ready", api.nodes_are_ready)
    control_plane.keep_running()
    return Created(
        kubernetes=api.get("/version")["gitVersion"],
        capabilities=frozenset(
            {"metrics", "simulated-nodes", "images", "audit-log", "components"}
        ),
        nodes=_NODES,
        audit_log=kwokctl.audit_log(folder),
    )


def stop(folder: Path, component: str) -> None:
    """Stops one component. UserError if there is none of that name or it is stopped."""
    _require_known(folder, component)
    if component in components.stopped(folder):
        raise UserError(
            f"{component} is already stopped: `sandbox start {component}` starts it"
        )
    pid = _pid(folder, component)
    if pid not in processes.started_for(folder):
        raise UserError(f"{component} has ended unexpectedly: create the sandbox again")
    if component in _STORE:
        for other in set(_GIVE_UP) - set(components.stopped(folder)):
            if not processes.has_ended(_pid(folder, other)):
                components.expect_to_end(folder, other, _pid(folder, other))
    components.stop(folder, component, pid)
    _give_back(folder, component)


def start(folder: Path, component: str) -> None:
    """Starts a component that was stopped, and waits until it is at work.

    UserError if there is none of that name, or it was not stopped.
    """
    _require_known(folder, component)
    if component not in components.stopped(folder):
        raise UserError(f"{component} is not stopped")
    # Whoever stopped it may have been interrupted before it had ended.
    if _pid(folder, component) in processes.started_for(folder):
        components.stop(folder, component, _pid(folder, component))
    _start(folder, component)
    if not set(_STORE) & set(components.stopped(folder)):
        _start_what_gave_up(folder)


def _start_what_gave_up(folder: Path) -> None:
    for name in components.expected_to_end(folder):
        if name in components.stopped(folder):
            components.settle(folder, name, has_ended=False)  # by somebody's wish
            continue
        ended = processes.has_ended(_pid(folder, name))
        components.settle(folder, name, has_ended=ended)
        if ended:
            _give_back(folder, name)
            _start(folder, name)


def _give_back(folder: Path, component: str) -> None:
    """Ends the Leases of one that has ended, for which the next would wait.

    The scheduler has done this as it ended, if it could.
    """
    freed: dict[str, dict[str, Any]] = {}
    with contextlib.suppress(Refused):
        api = ApiServer(_port(folder), kwokctl.work(folder) / "pki")
        if component in _LEADERS:
            freed[f"{_LEASES}/{component}"] = {"holderIdentity": ""}
        if component == "kwok-controller":
            # It holds one for each node that it plays.
            for node in api.get("/api/v1/nodes?labelSelector=type%3Dkwok")["items"]:
                name = node["metadata"]["name"]
                freed[f"{_NODE_LEASES}/{name}"] = {"holderIdentity": None}
        for path, spec in freed.items():
            api.merge(path, {"spec": spec})


def _start(folder: Path, component: str) -> None:
    work = kwokctl.work(folder)
    log = work / "logs" / f"{component}.log"
    pid = components.start(folder, component, log)
    (work / "pids" / f"{component}.pid").write_text(str(pid))
    api = ApiServer(_port(folder), work / "pki")

    def is_at_work() -> bool:
        if processes.has_ended(pid):
            raise UserError(f"{component} ended at once: read {log}")
        if component == "etcd" and "kube-apiserver" in components.stopped(folder):
            return True  # nobody can ask it; the start of kube-apiserver will
        return _is_at_work(component, api)

    _wait(f"{component} to be at work", is_at_work)


def _pid(folder: Path, component: str) -> int:
    return int((kwokctl.work(folder) / "pids" / f"{component}.pid").read_text())


def delete(name: str, folder: Path) -> None:
    """See Driver."""
    processes.end(folder)


def fault(name: str, folder: Path) -> str | None:
    """See Driver."""
    absent = {*components.stopped(folder), *components.expected_to_end(folder)}
    expected = len(_names(folder)) - len(absent)
    running = len(processes.started_for(folder))
    if running < expected or not expected:
        return f"{running} of {expected} processes are running"
    return None


def _names(folder: Path) -> list[str]:
    """The components of the sandbox in `folder`, running or not."""
    return sorted(f.stem for f in (kwokctl.work(folder) / "pids").glob("*.pid"))


def _require_known(folder: Path, component: str) -> None:
    names = _names(folder)
    if component not in names:
        raise UserError(f"there is no component {component!r}: {', '.join(names)}")


def _port(folder: Path) -> int:
    server: str = kubeconfig.cluster(folder / "kubeconfig")["cluster"]["server"]
    return int(server.rpartition(":")[2])


def _is_at_work(component: str, api: ApiServer) -> bool:
    """Whether the API server is ready, and the component does its part."""
    if not api.is_ready():
        return False
    if component in _LEADERS:
        return bool(api.get(f"{_LEASES}/{component}")["spec"].get("holderIdentity"))
    return component != "metrics-server" or api.serves_metrics()


def _write_kubeconfig(target: Path, name: str, port: int, pki: Path) -> None:
    """Writes a kubeconfig that holds its certificates and names no other file."""

    def data(file: str) -> str:
        return base64.b64encode((pki / file).read_bytes()).decode()

    own = f"sandbox-{name}"
    server = f"https://127.0.0.1:{port}"
    kubeconfig.write(
        target,
        {"name": own, "context": {"cluster": own, "user": own}},
        {
            "name": own,
            "cluster": {"server": server, "certificate-authority-data": data("ca.crt")},
        },
        {
            "name": own,
            "user": {
                "client-certificate-data": data("admin.crt"),
                "client-key-data": data("admin.key"),
            },
        },
    )


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
                "kubeletVersion": modules.version("kubernetes"),
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


def _wait(
    what: str, is_so: Callable[[], bool], control_plane: kwokctl.Kwokctl | None = None
) -> None:
    """Waits, and keeps a control plane running that is still coming up."""

    def lacking() -> str | None:
        try:
            last = None if is_so() else "not yet"
        except Refused as refused:
            last = str(refused)
        if last and control_plane:
            control_plane.keep_running()
        return last

    waiting.until(what, lacking, kwokctl.DEADLINE, every=0.05, advice=kwokctl.BUSY)
