"""The driver "current": a cluster of the user's own, named by its context.

Nothing is made and nothing is guessed: the sandbox is a copy of that one context.
"""

import os
from pathlib import Path
from typing import Any

import yaml

from sandbox import folders, kubeconfig
from sandbox.drivers import Created, Request, refuse
from sandbox.errors import UserError
from sandbox.progress import say

_DEADLINE = 10
"""Seconds in which the API server has to answer each request."""

_SIGN_OF_LIFE = 3
"""Seconds in which it has to say anything at all."""


def check(request: Request) -> None:
    """See Driver."""
    refuse(request, "current", "kubernetes", "port", "node_image", "config", "workers")
    if not request.context:
        raise UserError(
            "the driver current does not choose a cluster: name one with --context"
        )
    _entries(request.context)


def create(name: str, folder: Path, request: Request) -> Created:
    """See Driver."""
    copy = folder / "kubeconfig"
    kubeconfig.write(copy, *_entries(request.context or ""))
    from kubernetes import client
    from kubernetes.client.exceptions import ApiException
    from urllib3.exceptions import HTTPError

    try:
        with kubeconfig.client_for(copy, retries=0) as api:
            version = client.VersionApi(api).get_code(_request_timeout=_DEADLINE)
            simulated = _simulated(client.CoreV1Api(api))
            is_played = bool(simulated) and all(simulated)
            capabilities = {"simulated-nodes" if is_played else "containers"}
            groups = client.ApisApi(api).get_api_versions(_request_timeout=_DEADLINE)
            if any(group.name == "metrics.k8s.io" for group in groups.groups):
                capabilities.add("metrics")
            audit_log = _audit_log()
            if audit_log:
                capabilities.add("audit-log")
    except (ApiException, HTTPError, OSError) as error:
        reason = str(error).strip().splitlines()[0]
        raise UserError(
            f"the cluster of the context {request.context} does not answer ({reason}):"
            " check it with kubectl"
        ) from None
    return Created(
        version.git_version, frozenset(capabilities), len(simulated), audit_log
    )


def delete(name: str, folder: Path) -> None:
    """See Driver. The cluster is not the sandbox's, but what a killed run left is."""
    if not any((folder / "made").glob("*.json")):
        return
    from sandbox import made

    file = folder / "kubeconfig"
    say(f"removing what a killed run made on {kubeconfig.server(file)}")
    with kubeconfig.client_for(file) as api:
        made.remove_left(folder, api)


def fault(name: str, folder: Path) -> str | None:
    """See Driver. It is asked as nobody: a plugin may ask for a password in turn."""
    file = folder / "kubeconfig"
    if not file.exists():
        return "its kubeconfig is gone"
    from kubernetes import client
    from kubernetes.client.exceptions import ApiException
    from urllib3.exceptions import HTTPError

    try:
        with kubeconfig.client_for(file, anonymous=True, retries=0) as api:
            client.VersionApi(api).get_code(_request_timeout=_SIGN_OF_LIFE)
    except ApiException:
        pass  # it refuses nobody, and so is there
    except (HTTPError, OSError) as error:
        reason = getattr(error, "reason", error)
        return f"{kubeconfig.server(file)} does not answer ({reason})"
    return None


def _audit_log() -> Path | None:
    """The file in which the cluster's API server notes requests, if the user has it."""
    named = os.environ.get("SANDBOX_AUDIT_LOG")
    if not named:
        return None
    file = Path(named).absolute()
    if not os.access(file, os.R_OK):
        raise UserError(
            f"SANDBOX_AUDIT_LOG names {file}, which can't be read: unset it"
        )
    return file


def _simulated(core: Any) -> list[bool]:
    """Whether KWOK plays it, for each node; empty where nodes are not yours to see.

    KWOK names itself as the container runtime, unless its user has stages that say
    nothing of one. By kwokctl, each node then still has KWOK's annotation.
    https://kwok.sigs.k8s.io/docs/user/kwok-manage-nodes-and-pods/
    """
    from kubernetes.client.exceptions import ApiException

    try:
        nodes = core.list_node(_request_timeout=_DEADLINE).items
    except ApiException as error:
        if error.status == 403:
            return []
        raise
    return [
        node.status.node_info.container_runtime_version.startswith("kwok")
        or "kwok.x-k8s.io/node" in (node.metadata.annotations or {})
        for node in nodes
    ]


def _entries(context: str) -> tuple[kubeconfig.Entry, ...]:
    """This context, its cluster and its user, with paths made absolute.

    Files are merged as kubectl does it: KUBECONFIG may list several, and the first
    that has an entry wins.
    """
    named = os.environ.get("KUBECONFIG") or str(folders.home() / ".kube" / "config")
    files = named.split(os.pathsep)
    merged: dict[str, dict[str, tuple[Any, Path]]] = {
        "contexts": {},
        "clusters": {},
        "users": {},
    }
    for file in (Path(f).absolute() for f in files if f):
        if not file.is_file():
            continue
        try:
            content: Any = yaml.safe_load(file.read_text()) or {}
            for kind, entries in merged.items():
                for entry in content.get(kind) or []:
                    entries.setdefault(entry["name"], (entry, file.parent))
        except (yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
            reason = str(error).splitlines()[0]
            raise UserError(f"{file} is not a kubeconfig ({reason}): fix it") from None
    contexts = merged["contexts"]
    if context not in contexts:
        known = ", ".join(sorted(contexts)) or "none"
        raise UserError(
            f"there is no context {context!r} in your kubeconfig: it has {known}"
        )
    details = contexts[context][0]["context"]
    chosen = [contexts[context][0]]
    for kind, key in (("clusters", "cluster"), ("users", "user")):
        entry, folder = merged[kind].get(details.get(key), (None, Path()))
        if entry is None:
            raise UserError(
                f"the context {context} names the {key} {details.get(key)!r}, which is"
                " not in your kubeconfig: fix it"
            )
        chosen.append(entry | {key: _absolute(entry[key], folder)})
    return tuple(chosen)


def _absolute(details: dict[str, Any], folder: Path) -> dict[str, Any]:
    paths = (
        "certificate-authority",
        "client-certificate",
        "client-key",
        "tokenFile",
    )
    return {
        key: str(folder / value) if key in paths and value else value
        for key, value in details.items()
    }
