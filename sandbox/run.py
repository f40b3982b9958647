"""Running a story: set it up on a cluster, act as its ServiceAccount, delete it."""

import os
import shutil
import subprocess
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from kubernetes import client
from urllib3.exceptions import HTTPError

from sandbox import inventory, kubeconfig, lifecycle, made, rights, waiting
from sandbox.cluster import Cluster
from sandbox.errors import UserError
from sandbox.kubeconfig import client_for
from sandbox.progress import say
from sandbox.story import (
    Manifest,
    Program,
    Story,
    is_notebook,
    load,
    script_metadata,
)

TOKEN_SECONDS = 3600
ESTABLISH_SECONDS = 60
ACCOUNT_SECONDS = 60
IMAGE_SECONDS = 900


@contextmanager
def prepared(
    cluster: Cluster,
    story: Story,
    wait: Callable[[client.ApiClient, list[str]], None] | None = None,
) -> Generator[client.ApiClient]:
    """Create what setup.yaml says, yield an administrator's client, delete it again.

    `wait` is called with the API paths of what is being deleted; by default, until it
    is gone. Raises UserError where one of its objects exists already: it is not this
    story's to use or to delete.
    """
    with client_for(cluster.kubeconfig) as api:
        resources = {(r.group, r.kind): r for r in inventory.api_resources(api)}
        ours = made.Made(cluster)
        try:
            for manifest in story.setup:
                _create(api, ours, _collection(resources, manifest), manifest)
            yield api
        except BaseException:
            try:
                ours.delete(api, wait)
            except (HTTPError, client.ApiException) as error:
                # What is raised says what went wrong first.
                say(
                    f"{story.namespace} is left behind, because the API server"
                    f" {made.failure(error)}: `sandbox down --name {cluster.name}`"
                    " removes it"
                )
            raise
        ours.delete(api, wait)


def _create(
    api: client.ApiClient, ours: made.Made, collection: str, manifest: Manifest
) -> None:
    try:
        path = ours.create(api, collection, manifest)
    except client.ApiException as error:
        if error.status == 409:
            raise UserError(
                f"{manifest['kind']} {manifest['metadata']['name']} is already on"
                " this cluster: another run is using it, or it is yours; wait, or"
                " delete it first (`sandbox down` removes what a killed run left)"
            ) from None
        raise
    if manifest["kind"] == "Namespace":
        _wait_for_account(api, f"{path}/serviceaccounts/default")
    if manifest["kind"] == "CustomResourceDefinition":
        _wait_until_established(api, path)


def _collection(
    resources: dict[tuple[str, str], inventory.Resource], manifest: Manifest
) -> str:
    group = manifest["apiVersion"].rpartition("/")[0]
    resource = resources.get((group, manifest["kind"]))
    if resource is None:
        raise UserError(
            f"this cluster does not know {manifest['apiVersion']} {manifest['kind']}"
        )
    return resource.path(manifest["metadata"].get("namespace"))


def _wait_until_established(api: client.ApiClient, path: str) -> None:
    """Until then, the API server answers 404 to whoever uses the kind it defines."""

    def lacking() -> str | None:
        status = inventory.request(api, "GET", path).get("status", {})
        conditions = {c["type"]: c["status"] for c in status.get("conditions") or []}
        return None if conditions.get("Established") == "True" else str(conditions)

    waiting.until(f"{path} to be established", lacking, ESTABLISH_SECONDS)


def _wait_for_account(api: client.ApiClient, path: str) -> None:
    """Until a controller has made it, the API server refuses Pods, which run as it."""
    waiting.until(
        path,
        lambda: None if made.status(api, path) is not None else "it is not there",
        ACCOUNT_SECONDS,
        advice="; does the kube-controller-manager run?",
    )


def write_identity(
    cluster: Cluster, story: Story, api: client.ApiClient, folder: Path
) -> Path:
    """Write a kubeconfig that acts as the story's ServiceAccount, and return its path.

    The token is the API server's own (TokenRequest) and ends after an hour. The file
    can be read by its owner only.
    """
    account = f"serviceaccounts/{story.service_account}"
    token = inventory.request(
        api,
        "POST",
        f"/api/v1/namespaces/{story.namespace}/{account}/token",
        body={
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": TOKEN_SECONDS},
        },
    )["status"]["token"]
    server = kubeconfig.cluster(cluster.kubeconfig)
    details = {
        "cluster": server["name"],
        "user": story.service_account,
        "namespace": story.namespace,
    }
    path = folder / "kubeconfig"
    kubeconfig.write(
        path,
        {"name": story.name, "context": details},
        server,
        {"name": story.service_account, "user": {"token": token}},
    )
    return path


def obstacle(cluster: Cluster, program: Program) -> str | None:
    """Why a program can't be run on this cluster, or None."""
    missing = program.needs - cluster.capabilities
    if missing:
        return (
            f"it needs {', '.join(sorted(missing))}, "
            f"which the driver {cluster.driver} does not have"
        )
    if program.stopped and "components" not in cluster.capabilities:
        return (
            f"it needs {' and '.join(program.stopped)} to be stopped, "
            f"which the driver {cluster.driver} can't do"
        )
    return None


def run_story(cluster: Cluster, place: Path) -> None:
    """Run a story on a cluster as a reader would, and clean up after it.

    Each program is run by `uv run`, with the packages that it declares. What it
    prints goes to standard output; what is being done, to standard error. Components
    that a program wants stopped are stopped while it runs. A notebook is opened in
    JupyterLab, and has run when that has ended.

    Raises UserError at the first program that fails, or if the API server does not
    answer or refuses.
    """
    story = load(place)
    say(f"{story.name} runs on {cluster.name}: {lifecycle.describe(cluster)}")
    try:
        _run_story(cluster, story)
    except (HTTPError, client.ApiException) as error:
        advice = f"see `sandbox status --name {cluster.name}`"
        if isinstance(error, client.ApiException):
            advice = "check your credentials and rights there, or try again"
        raise UserError(
            f"the API server of {cluster.name} {made.failure(error)}: {advice}"
        ) from None


def load_images(cluster: Cluster, story: Story) -> None:
    """Run the commands that build a story's images and load them into a kind cluster.

    Elsewhere there is nothing to do: kwok's nodes start no container, and programs that
    need images are not run on a cluster of the user's own.

    Raises UserError where a command fails.
    """
    if story.images is None or cluster.driver != "kind":
        return
    from sandbox.drivers import kind

    say(f"{story.images.name} builds the images, which takes a minute the first time")
    folder = kind.find_kind().parent
    path = f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"
    try:
        subprocess.run(
            ["bash", story.images.name],
            cwd=story.images.parent,
            env={**os.environ, **cluster.environment, "PATH": path},
            stdout=2,  # for people, as all that is not a program's output
            timeout=IMAGE_SECONDS,
            check=True,
        )
    except subprocess.SubprocessError as error:
        raise UserError(f"{story.images} failed, see above: {error}") from None


def _run_story(cluster: Cluster, story: Story) -> None:
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        raise UserError("uv is not on PATH; install it, or call this with `uv run`")
    load_images(cluster, story)
    ran = 0
    with prepared(cluster, story) as api, TemporaryDirectory() as temporary:
        own = write_identity(cluster, story, api, Path(temporary))
        with client_for(own) as identity:
            rights.wait_until_granted(identity, story)
        for program in story.programs:
            if reason := obstacle(cluster, program):
                say(f"{program.path.name}: not run, {reason}")
                continue
            stopped = " and ".join(program.stopped)
            say(
                f"{program.path.name}, as ServiceAccount {story.service_account}"
                + (f", with {stopped} stopped" if stopped else "")
            )
            with lifecycle.without(program.stopped, cluster.name):
                done = subprocess.run(
                    [uv, "run", "--no-project", "--quiet", *_command(program.path)],
                    env={
                        **os.environ,
                        **cluster.environment,
                        "KUBECONFIG": str(own),
                    },
                    check=False,
                )
            if done.returncode != 0:
                raise UserError(
                    f"{program.path} failed (exit code {done.returncode}); "
                    f"the namespace {story.namespace} was deleted"
                )
            ran += 1
    say(f"{ran} of {len(story.programs)} programs ran; {story.namespace} is deleted")


def _command(program: Path) -> list[str]:
    """What `uv run` is to start, and with which packages."""
    if not is_notebook(program):
        return ["--script", str(program)]
    say("JupyterLab opens in your browser: run all cells; ^C here ends it")
    packages = [*script_metadata(program)["dependencies"], "jupyterlab>=4"]
    return [*(f"--with={name}" for name in packages), "jupyter", "lab", str(program)]
