"""A story: a folder with setup.yaml and programs, run as its ServiceAccount."""

import os
import shutil
import subprocess
import time
import tomllib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import yaml
from kubernetes import client, config

from sandbox import inventory
from sandbox.cluster import Cluster
from sandbox.errors import UserError
from sandbox.progress import say

TOKEN_SECONDS = 3600
DELETE_SECONDS = 120

Manifest = dict[str, Any]


@dataclass(frozen=True)
class Program:
    """A program of a story and what it needs beyond an API server."""

    path: Path
    needs: frozenset[str]


@dataclass(frozen=True)
class Story:
    """A story as its folder describes it.

    `namespace` and `service_account` are those that setup.yaml creates.
    """

    name: str
    setup: tuple[Manifest, ...]
    namespace: str
    service_account: str
    programs: tuple[Program, ...]


def script_metadata(path: Path) -> dict[str, Any]:
    """The inline script metadata of a program, as PEP 723 defines it.

    Raises UserError where there is none or it is not TOML.
    """
    lines = path.read_text().splitlines()
    try:
        start = lines.index("# /// script")
        end = lines.index("# ///", start)
        text = "\n".join(line[2:] for line in lines[start + 1 : end])
        return tomllib.loads(text)
    except ValueError as error:
        raise UserError(
            f"{path}: no valid inline script metadata (PEP 723): {error}"
        ) from None


def load(folder: Path) -> Story:
    """Read a story's folder.

    Raises UserError where setup.yaml or the programs are missing, or setup.yaml
    does not hold exactly one Namespace and one ServiceAccount.
    """
    setup = folder / "setup.yaml"
    if not setup.is_file():
        raise UserError(f"{folder}: no setup.yaml here; name a folder of examples/")
    try:
        documents = list(yaml.safe_load_all(setup.read_text()))
    except yaml.YAMLError as error:
        line = " ".join(str(error).split())
        raise UserError(f"{setup}: not valid YAML: {line}") from None
    manifests = tuple(cast(Manifest, d) for d in documents if d is not None)
    programs = tuple(
        Program(path, _needs(path)) for path in sorted(folder.glob("[0-9]*.py"))
    )
    if not programs:
        raise UserError(f"{folder}: no programs (01_....py) here")
    return Story(
        name=folder.resolve().name,
        setup=manifests,
        namespace=_only(manifests, "Namespace", setup),
        service_account=_only(manifests, "ServiceAccount", setup),
        programs=programs,
    )


def _needs(path: Path) -> frozenset[str]:
    tool = script_metadata(path).get("tool", {})
    return frozenset(tool.get("sandbox", {}).get("needs", []))


def _only(manifests: tuple[Manifest, ...], kind: str, setup: Path) -> str:
    names = [m["metadata"]["name"] for m in manifests if m.get("kind") == kind]
    if len(names) != 1:
        raise UserError(f"{setup}: needs exactly one {kind}, found {len(names)}")
    return names[0]


def client_for(kubeconfig: Path) -> client.ApiClient:
    """A client that acts as the current context of this kubeconfig."""
    configuration = client.Configuration()
    config.load_kube_config(
        config_file=str(kubeconfig), client_configuration=configuration
    )
    return client.ApiClient(configuration)


@contextmanager
def prepared(cluster: Cluster, story: Story) -> Generator[client.ApiClient]:
    """Create what setup.yaml says, yield an administrator's client, delete it again.

    Raises UserError where one of its objects exists already: it is not this story's
    to use or to delete.
    """
    with client_for(cluster.kubeconfig) as api:
        resources = {(r.group, r.kind): r for r in inventory.api_resources(api)}
        created: list[str] = []
        try:
            for manifest in story.setup:
                path, name = _path_and_name(resources, manifest)
                try:
                    inventory.request(api, "POST", path, body=manifest)
                except client.ApiException as error:
                    if error.status == 409:
                        raise UserError(
                            f"{manifest['kind']} {name} is on this cluster already: "
                            "another run is using it, or it is yours; "
                            "wait for it or delete it first"
                        ) from None
                    raise
                created.append(f"{path}/{name}")
            yield api
        finally:
            for path in reversed(created):
                _delete(api, path)
            _wait_until_gone(api, created)


def _path_and_name(
    resources: dict[tuple[str, str], inventory.Resource], manifest: Manifest
) -> tuple[str, str]:
    group = manifest["apiVersion"].rpartition("/")[0]
    metadata = manifest["metadata"]
    resource = resources.get((group, manifest["kind"]))
    if resource is None:
        raise UserError(
            f"this cluster does not know {manifest['apiVersion']} {manifest['kind']}"
        )
    return resource.path(metadata.get("namespace")), metadata["name"]


def _delete(api: client.ApiClient, path: str) -> None:
    try:
        inventory.request(api, "DELETE", path)
    except client.ApiException as error:
        if error.status != 404:
            raise


def _wait_until_gone(api: client.ApiClient, paths: list[str]) -> None:
    deadline = time.monotonic() + DELETE_SECONDS
    for path in reversed(paths):
        while True:
            try:
                last = inventory.request(api, "GET", path)
            except client.ApiException as error:
                if error.status == 404:
                    break
                raise
            if time.monotonic() > deadline:
                raise UserError(
                    f"{path} is still there {DELETE_SECONDS} s after its deletion; "
                    f"last seen: {last.get('status', {})}"
                )
            time.sleep(0.1)


def write_identity(
    cluster: Cluster, story: Story, api: client.ApiClient, folder: Path
) -> Path:
    """Write a kubeconfig that acts as the story's ServiceAccount, and return its path.

    The token is the API server's own (TokenRequest) and ends after an hour. The file
    can be read by its owner only.
    """
    token = client.CoreV1Api(api).create_namespaced_service_account_token(
        name=story.service_account,
        namespace=story.namespace,
        body=client.AuthenticationV1TokenRequest(
            spec=client.V1TokenRequestSpec(
                audiences=[], expiration_seconds=TOKEN_SECONDS
            )
        ),
    )
    assert token.status is not None
    admin = yaml.safe_load(cluster.kubeconfig.read_text())
    current = next(
        c["context"] for c in admin["contexts"] if c["name"] == admin["current-context"]
    )
    server = next(c for c in admin["clusters"] if c["name"] == current["cluster"])
    user = {"name": story.service_account, "user": {"token": token.status.token}}
    context = {
        "name": story.name,
        "context": {
            "cluster": server["name"],
            "user": user["name"],
            "namespace": story.namespace,
        },
    }
    path = folder / "kubeconfig"
    path.touch(mode=0o600)
    path.write_text(
        yaml.safe_dump(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": story.name,
                "clusters": [server],
                "users": [user],
                "contexts": [context],
            }
        )
    )
    return path


def run_folder(cluster: Cluster, folder: Path) -> None:
    """Run a story on a cluster as a reader would, and clean up after it.

    Each program is run by `uv run`, with the packages that it declares. What it
    prints goes to standard output; what is being done, to standard error.

    Raises UserError at the first program that fails.
    """
    story = load(folder)
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        raise UserError("uv is not on PATH; install it, or call this by `uv run`")
    ran = 0
    with prepared(cluster, story) as api, TemporaryDirectory() as temporary:
        kubeconfig = write_identity(cluster, story, api, Path(temporary))
        for program in story.programs:
            missing = program.needs - cluster.capabilities
            if missing:
                say(
                    f"{program.path.name}: not run, it needs {', '.join(missing)}, "
                    f"which the driver {cluster.driver} does not have"
                )
                continue
            say(f"{program.path.name}, as ServiceAccount {story.service_account}")
            done = subprocess.run(
                [uv, "run", "--no-project", "--quiet", "--script", str(program.path)],
                env={**os.environ, "KUBECONFIG": str(kubeconfig)},
                check=False,
            )
            if done.returncode != 0:
                raise UserError(
                    f"{program.path} failed (exit code {done.returncode}); "
                    f"the namespace {story.namespace} was deleted"
                )
            ran += 1
    say(f"{ran} of {len(story.programs)} programs ran; {story.namespace} is deleted")
