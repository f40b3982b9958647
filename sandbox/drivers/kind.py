"""The driver "kind" (https://kind.sigs.k8s.io/): real nodes as Docker containers."""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from sandbox import binaries, kubeconfig, modules, ports, processes, waiting
from sandbox.drivers import AUDIT_POLICY, Created, Request, refuse
from sandbox.errors import UserError
from sandbox.folders import require_space
from sandbox.progress import say

IMAGES: dict[str, str] = json.loads(
    Path(__file__).with_name("node-images.json").read_text()
)
"""The images that kind's pinned version was released with: `make digests`."""

_CONFIG = Path(__file__).with_name("kind.yaml")
_METRICS_SERVER = Path(__file__).parents[1] / "manifests" / "metrics-server.yaml"

_DOCKER_DEADLINE = 30.0
"""Seconds in which Docker has to answer."""

_CREATE_DEADLINE = 900.0
"""Seconds for kind to make the cluster, with the download of a node image of 1 GB."""

_WAIT_DEADLINE = 180.0
"""Seconds for kube-proxy, and then for metrics-server with its download."""

_SETTLE = 3.0
"""Seconds without a new container after which an interrupted creation is over."""

_SPACE_MB = 50
"""For the logs; what Docker takes lies elsewhere, perhaps on another machine."""


def check(request: Request) -> None:
    """See Driver."""
    refuse(request, "kind", "context")
    if request.kubernetes not in (None, *IMAGES):
        raise UserError(
            f"there is no node image for Kubernetes {request.kubernetes}: choose"
            f" {', '.join(sorted(IMAGES))}, or give --node-image"
        )
    config = _given_config(request)
    if config and not config.is_file():
        raise UserError(f"there is no file {config}: give --config another one")
    if config and request.workers is not None:
        raise UserError(
            "--workers does not work with your own --config: add nodes there"
        )
    if config and request.port is not None:
        raise UserError(
            "--port does not work with your own --config: set apiServerPort there"
        )
    if request.workers is not None and not 0 <= request.workers <= 10:
        raise UserError(
            f"{request.workers} workers are too many or too few: choose 0 to 10"
        )
    if request.port is not None:
        ports.require_free(request.port)
    _require_docker()


def create(name: str, folder: Path, request: Request) -> Created:
    """See Driver."""
    kind = find_kind()
    require_space(folder, _SPACE_MB, "for the cluster's files")
    image = request.node_image or os.environ.get("SANDBOX_NODE_IMAGE")
    image = image or IMAGES[request.kubernetes or max(IMAGES)]
    config = folder / "kind.yaml"
    audit_log = None if _given_config(request) else _prepare_audit(folder)
    config.write_text(_configuration(request, audit_log))
    say(f"starting {image}; this takes minutes if Docker has to download it first")
    _run_kind(kind, folder, name, config, image)
    file = folder / "kubeconfig"
    file.chmod(0o600)

    from kubernetes.client.exceptions import ApiException
    from kubernetes.utils import FailToCreateError
    from urllib3.exceptions import HTTPError

    from sandbox import made

    try:
        version, nodes = _finish(file, image, request.kubernetes)
    except (ApiException, FailToCreateError, HTTPError) as error:
        if isinstance(error, FailToCreateError):
            error = error.api_exceptions[0]
        raise UserError(f"the API server {made.failure(error)}: try again") from None
    audit = {"audit-log"} if audit_log else set[str]()
    return Created(
        kubernetes=version,
        capabilities=frozenset({"metrics", "containers", "images"} | audit),
        nodes=nodes,
        audit_log=audit_log,
    )


def _finish(file: Path, image: str, wanted: str | None) -> tuple[str, int]:
    """Adds what kind does not, and waits for all; returns the version and the nodes."""
    from kubernetes import client

    with kubeconfig.client_for(file) as api:
        version = client.VersionApi(api).get_code().git_version
        if wanted and not version.startswith(f"v{wanted}."):
            raise UserError(
                f"the node image {image} has Kubernetes {version}, not {wanted}: leave"
                " out one of the two"
            )
        nodes = len(client.CoreV1Api(api).list_node().items)
        _install_metrics_server(api, nodes)
        say("waiting for metrics-server, DNS and storage")
        _wait("metrics-server", lambda: _lacks_metrics(api, nodes))
        _wait("the cluster's own Deployments", lambda: _lacks_replicas(api))
        return version, nodes


def delete(name: str, folder: Path) -> None:
    """See Driver."""
    if not (folder / "kind.yaml").exists():
        return
    docker = _require_docker()
    processes.end(folder)
    cluster = cluster_name(name, folder)
    # kind writes the kubeconfig last. Before that, Docker may still be making what it
    # was asked for, and it has been seen to bring back what was removed meanwhile.
    quiet = 0.0 if (folder / "kubeconfig").exists() else _SETTLE
    over = time.monotonic() + quiet

    def comes_back() -> str | None:
        nonlocal over
        containers = _containers(docker, cluster, "--all")
        if containers:
            # With their anonymous volumes.
            _docker(docker, "rm", "--force", "--volumes", *containers)
            over = time.monotonic() + quiet
        there = f"containers {' '.join(containers)}" if containers else "quiet so far"
        return there if time.monotonic() < over else None

    what = f"Docker to bring back no more of {cluster}"
    waiting.until(what, comes_back, _WAIT_DEADLINE, every=0.5, advice="; try again")
    networks = _docker(
        docker, "network", "ls", "--quiet", "--filter", f"name=^{cluster}$"
    )
    if networks:
        _docker(docker, "network", "rm", *networks)


def fault(name: str, folder: Path) -> str | None:
    """See Driver."""
    try:
        docker = _require_docker()
        running = len(_containers(docker, cluster_name(name, folder)))
        known = len(_containers(docker, cluster_name(name, folder), "--all"))
    except UserError as error:
        return str(error)
    if not known:
        return "its containers are gone"
    return f"{running} of {known} containers are running" if running < known else None


def cluster_name(name: str, folder: Path) -> str:
    """What kind and Docker call the cluster.

    With a mark of the folder: the same name in another state folder is another
    sandbox, and another user's perhaps.
    """
    return f"sandbox-{name}-{sha256(os.fsencode(folder)).hexdigest()[:6]}"


def _given_config(request: Request) -> Path | None:
    environment = os.environ.get("SANDBOX_KIND_CONFIG")
    return request.config or (Path(environment) if environment else None)


def _prepare_audit(folder: Path) -> Path | None:
    """Makes what the API server's node mounts; returns the audit log in it.

    None where Docker runs on another machine: it could not mount what is here.
    """
    docker = _require_docker()
    endpoint = "{{.Endpoints.docker.Host}}"
    (host,) = _docker(docker, "context", "inspect", "--format", endpoint) or [""]
    if not host.startswith(("unix:", "npipe:")):
        say(f"without an audit log, because Docker is elsewhere ({host})")
        return None
    audit = folder / "audit"
    audit.mkdir()
    shutil.copy(AUDIT_POLICY, audit / "policy.yaml")
    # The API server is root there, and would make it a file of root's.
    log = audit / "audit.log"
    log.touch(mode=0o600)
    return log


def _configuration(request: Request, audit_log: Path | None) -> str:
    given = _given_config(request)
    if given:
        return given.read_text()
    config: dict[str, Any] = yaml.safe_load(_CONFIG.read_text())
    if audit_log:
        config["nodes"][0]["extraMounts"] = [
            {
                "hostPath": str(audit_log.parent),
                "containerPath": "/etc/kubernetes/audit",
            }
        ]
    else:
        patch = yaml.safe_load(config["kubeadmConfigPatches"][0])
        del patch["apiServer"]
        config["kubeadmConfigPatches"] = [yaml.safe_dump(patch, sort_keys=False)]
    config["nodes"] += [{"role": "worker"} for _ in range(request.workers or 0)]
    if request.port:
        config["networking"]["apiServerPort"] = request.port
    return yaml.safe_dump(config, sort_keys=False)


def find_kind() -> Path:
    """Kind on PATH if it is the pinned version, else the cache's."""
    there = shutil.which("kind")
    if there:
        done = subprocess.run(
            [there, "version"], capture_output=True, text=True, timeout=30
        )
        if f"kind {modules.version('kind')} " in done.stdout:
            return Path(there)
    return binaries.find("kind")


def _run_kind(kind: Path, folder: Path, name: str, config: Path, image: str) -> None:
    environment = processes.environment(folder)
    environment.pop("KUBECONFIG", None)
    cluster = cluster_name(name, folder)
    environment |= {
        "KIND_EXPERIMENTAL_PROVIDER": "docker",
        # A network of the cluster's own, which can go when it goes. kind's shared
        # one stays for ever.
        "KIND_EXPERIMENTAL_DOCKER_NETWORK": cluster,
    }
    log = folder / "kind.log"
    command = [kind, "create", "cluster", "--name", cluster, "--config", config]
    command += ["--image", image, "--kubeconfig", folder / "kubeconfig"]
    with log.open("wb") as output:
        # A session of its own: ^C is for this process, which then clears up.
        process = subprocess.Popen(
            [*command, "--wait", "120s"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        code = process.wait(timeout=_CREATE_DEADLINE)
    except subprocess.TimeoutExpired:
        raise UserError(
            f"kind was not done after {_CREATE_DEADLINE:.0f} s: try again"
        ) from None
    if code:
        raise UserError(f"kind failed: {_reason(log.read_text(errors='replace'))}")


def _reason(log: str) -> str:
    """Kind's error, and what the command that it ran had to say, in one line."""
    _, marker, error = log.partition("ERROR: ")
    # A stack trace, and the output of commands that went well, come after a blank line.
    lines = (error if marker else log).strip().partition("\n\n")[0].splitlines()
    # kubeadm's own output is long, and names the cause in one line before its traces.
    output = error.partition("Command Output:")[2].splitlines()
    causes = [line for line in output if line.startswith("error")]
    return "; ".join(line.strip() for line in lines[:3] + causes[:1]) or "no output"


def _install_metrics_server(api: Any, nodes: int) -> None:
    from kubernetes import client, utils

    def proxy_is_ready() -> str | None:
        status = (
            client.AppsV1Api(api)
            .read_namespaced_daemon_set("kube-proxy", "kube-system")
            .status
        )
        ready = (status and status.number_ready) or 0
        return None if ready >= nodes else f"{ready} of {nodes} are ready"

    # metrics-server gives up if the API's service address leads nowhere yet.
    _wait("kube-proxy", proxy_is_ready)
    for manifest in yaml.safe_load_all(_METRICS_SERVER.read_text()):
        if manifest["kind"] == "Deployment":
            container = manifest["spec"]["template"]["spec"]["containers"][0]
            container["image"] += f":{modules.version('metrics-server')}"
        utils.create_from_dict(api, manifest)


def _lacks_metrics(api: Any, nodes: int) -> str | None:
    from kubernetes import client

    metrics: Any = client.CustomObjectsApi(api).list_cluster_custom_object(
        "metrics.k8s.io", "v1beta1", "nodes"
    )
    measured = len(metrics["items"])
    return None if measured >= nodes else f"metrics of {measured} of {nodes} nodes"


def _lacks_replicas(api: Any) -> str | None:
    """Which of the Deployments that a new cluster has are not available in full.

    kind waits for the control plane only. A name that a Pod looks up before CoreDNS is
    ready is not found.
    """
    from kubernetes import client

    lacking: list[str] = []
    for each in client.AppsV1Api(api).list_deployment_for_all_namespaces().items:
        assert each.metadata
        assert each.spec
        available = (each.status and each.status.available_replicas) or 0
        if available < (each.spec.replicas or 0):
            lacking.append(f"{each.metadata.name} ({available} available)")
    return ", ".join(lacking) or None


def _wait(what: str, problem: Callable[[], str | None]) -> None:
    """Waits until `problem` returns None, which says what is lacking until then."""
    from kubernetes.client.exceptions import ApiException
    from urllib3.exceptions import HTTPError

    def lacking() -> str | None:
        try:
            return problem()
        except ApiException as error:
            return f"the API server said {error.status} {error.reason}"
        except HTTPError as error:
            return f"the API server does not answer ({type(error).__name__})"

    waiting.until(what, lacking, _WAIT_DEADLINE, every=0.5, advice="; try again")


def _require_docker() -> str:
    docker = shutil.which("docker")
    if docker is None:
        raise UserError("there is no Docker here: install it, or use --driver kwok")
    if not docker_answers(docker):
        raise UserError("Docker does not answer: start it, or use --driver kwok")
    return docker


def docker_answers(docker: str) -> bool:
    """Whether the daemon of this client answers in time."""
    try:
        done = subprocess.run(
            [docker, "version", "--format", "{{.Server.Version}}"],
            capture_output=True,
            timeout=_DOCKER_DEADLINE,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _containers(docker: str, cluster: str, *options: str) -> list[str]:
    label = f"label=io.x-k8s.kind.cluster={cluster}"
    return _docker(docker, "ps", "--quiet", "--filter", label, *options)


def _docker(docker: str, *arguments: str) -> list[str]:
    """Runs Docker's client and returns the words that it prints."""
    try:
        done = subprocess.run(
            [docker, *arguments], capture_output=True, text=True, timeout=120
        )
    except subprocess.TimeoutExpired:
        raise UserError(
            f"docker {arguments[0]} takes more than two minutes: is Docker all right?"
        ) from None
    if done.returncode:
        reason = re.sub(r"\s+", " ", done.stderr).strip()
        raise UserError(f"docker {arguments[0]} failed ({reason}): try again")
    return done.stdout.split()
