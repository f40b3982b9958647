"""The life of a sandbox: up, find, down.

Each sandbox has a folder: `state.json`, `kubeconfig`, and what its driver keeps there.
"""

import contextlib
import dataclasses
import json
import os
import shutil
from collections.abc import Collection, Generator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from re import fullmatch
from types import ModuleType
from typing import Any

from filelock import FileLock, Timeout

from sandbox import components, drivers, folders, kubeconfig
from sandbox.cluster import Cluster
from sandbox.drivers import Request
from sandbox.errors import UserError
from sandbox.progress import say

DEFAULT = "default"


def up(name: str = DEFAULT, driver: str | None = None, **options: Any) -> Cluster:
    """Makes the sandbox `name`, or returns it if it is there.

    `driver` is "kwok", "kind" or "current"; None takes kind where Docker answers
    and else kwok. `options` are the fields of drivers.Request. Raises UserError if it
    can't be done, or if the sandbox that is there is not what is asked for; then,
    and when interrupted, nothing of a half-made cluster is left.
    """
    request = Request(**options)
    folder = _folder(name)
    with _locked(name):
        present = _present(name, driver, request)
        if present:
            say(f"{name} is already up: {describe(present)}")
            return present
        driver = driver or _default_driver()
        implementation = drivers.load(driver)
        implementation.check(request)
        say(f"creating {name} with the driver {driver}")
        began = datetime.now(UTC)
        folder.mkdir(parents=True, mode=0o700)
        try:
            # Before anything is made, so that what a killed run leaves is found.
            _write(folder, {"driver": driver})
            created = implementation.create(name, folder, request)
            state = {
                "driver": driver,
                "kubernetes": created.kubernetes,
                "created": datetime.now(UTC).isoformat(timespec="seconds"),
                "capabilities": sorted(created.capabilities),
                "nodes": created.nodes,
                "audit_log": created.audit_log and str(created.audit_log),
                "request": _as_json(request),
            }
            _write(folder, state)
        except BaseException:
            with contextlib.suppress(UserError, OSError):
                _clear(name, folder)
            raise
        cluster = _cluster(name, folder, state)
        seconds = (datetime.now(UTC) - began).total_seconds()
        say(f"{name} is up after {seconds:.1f} s: {describe(cluster)}")
        return cluster


def down(name: str = DEFAULT) -> bool:
    """Removes the sandbox `name`. Returns False if there was none."""
    folder = _folder(name)
    if not folder.exists():
        return False
    with _locked(name):
        _clear(name, folder)
    return True


def stop(component: str, name: str = DEFAULT) -> None:
    """Stops one component of the control plane of the sandbox `name`.

    UserError if its driver can't, or it has no such component that runs.
    """
    with _locked(name):
        _kwok(name).stop(_folder(name), component)


def start(component: str, name: str = DEFAULT) -> None:
    """Starts a component that was stopped, and waits until it is at work."""
    with _locked(name):
        _kwok(name).start(_folder(name), component)


@contextlib.contextmanager
def without(stopped: Collection[str], name: str = DEFAULT) -> Generator[None]:
    """Stop components of a sandbox; in the end, start them again, whatever happened.

    One that was stopped before stays stopped.
    """
    already = components.stopped(_folder(name))

    def start_again(component: str) -> None:
        if component in components.stopped(_folder(name)):
            start(component, name)

    with contextlib.ExitStack() as starts:
        # What others work with is the last to go and the first to come back.
        for component in reversed(components.NAMES):
            if component in stopped and component not in already:
                starts.callback(start_again, component)
                stop(component, name)
        yield


def _kwok(name: str) -> ModuleType:
    cluster = find(name)
    if cluster is None:
        raise UserError(
            f"there is no sandbox {name}: run `sandbox up --name {name} --driver kwok`"
        )
    if cluster.driver != "kwok":
        raise UserError(
            f"{name} has the driver {cluster.driver}: only kwok can stop and start"
            " components"
        )
    from sandbox.drivers import kwok

    return kwok


def find(name: str = DEFAULT) -> Cluster | None:
    """The sandbox `name`, or None if there is none or it was never finished.

    Raises UserError if what is written about it can't be read.
    """
    folder = _folder(name)
    state = _read(name, folder)
    return _cluster(name, folder, state) if state and "created" in state else None


def names() -> list[str]:
    """The sandboxes that there are, whatever their state."""
    root = folders.state()
    return sorted(p.name for p in root.iterdir()) if root.exists() else []


def condition(name: str) -> str:
    """How the sandbox `name` is.

    "ready", perhaps without components that were stopped, "being made", or "stale"
    and why.
    """
    folder = _folder(name)
    state = _read(name, folder)
    if not state or "created" not in state:
        return "being made" if _is_locked(name) else "stale: it was never finished"
    fault = drivers.load(state["driver"]).fault(name, folder)
    if fault:
        return f"stale: {fault}"
    missing = components.stopped(folder)
    return f"ready, without {', '.join(missing)}" if missing else "ready"


def describe(cluster: Cluster) -> str:
    """Driver, version and size of a cluster in a few words; whose it is, if known."""
    simulated = "simulated " if "simulated-nodes" in cluster.capabilities else ""
    plural = "" if cluster.nodes == 1 else "s"
    return (
        f"driver {cluster.driver}{where(cluster)},"
        f" Kubernetes {cluster.kubernetes.removeprefix('v')},"
        f" {cluster.nodes} {simulated}node{plural}"
    )


def where(cluster: Cluster) -> str:
    """The context and the server of a cluster of the user's own; else nothing."""
    if cluster.context is None or not cluster.kubeconfig.exists():
        return ""
    return f", context {cluster.context} at {kubeconfig.server(cluster.kubeconfig)}"


def require_named(cluster: Cluster, context: str | None) -> None:
    """Raises UserError for a cluster of the user's own, unless that is its context.

    Who has forgotten a sandbox of this kind would write to it by any plain command.
    """
    if cluster.driver == "current" and context != cluster.context:
        raise UserError(
            f"{cluster.name} is your own cluster{where(cluster)}: name it with"
            f" --context {cluster.context}, or run `sandbox down --name {cluster.name}`"
        )


def _folder(name: str) -> Path:
    # It becomes part of container and context names.
    if not fullmatch(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?", name):
        raise UserError(
            f"{name!r} can't be the name of a sandbox: use up to 32 lowercase letters,"
            " digits and dashes"
        )
    return folders.state() / name


def _lock(name: str) -> FileLock:
    """The lock that whoever changes the sandbox `name` holds."""
    locks = folders.cache() / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    # Not in the state folder, of which `down` is to leave nothing.
    key = sha256(os.fsencode(_folder(name))).hexdigest()[:16]
    return FileLock(locks / f"sandbox-{key}.lock")


def _is_locked(name: str) -> bool:
    lock = _lock(name)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


@contextlib.contextmanager
def _locked(name: str) -> Generator[None]:
    """Lets one process at a time change the sandbox `name`."""
    lock = _lock(name)
    try:
        lock.acquire(timeout=0.1)
    except Timeout:
        say(f"another process is working on {name}: waiting for it")
        try:
            lock.acquire(timeout=1800)
        except Timeout:
            raise UserError(
                f"another process has held {name} for half an hour: end it first"
            ) from None
    try:
        yield
    finally:
        lock.release()


def _present(name: str, driver: str | None, request: Request) -> Cluster | None:
    """The sandbox if it is there and fits; clears away one that can't be used."""
    folder = _folder(name)
    if not folder.exists():
        return None
    cluster = find(name)
    if cluster is None:
        say(f"{name} was never finished: starting again")
        _clear(name, folder)
        return None
    require_named(cluster, request.context)
    problem = drivers.load(cluster.driver).fault(name, folder)
    if problem:
        say(f"{name} is no longer usable ({problem}): starting again")
        _clear(name, folder)
        return None
    state = _read(name, folder) or {}
    asked = {k: v for k, v in _as_json(request).items() if v is not None}
    if driver:
        asked["driver"] = driver
    has = {**state.get("request", {}), "driver": cluster.driver}
    if asked.get("kubernetes") and cluster.kubernetes.startswith(
        f"v{asked['kubernetes']}."
    ):
        del asked["kubernetes"]
    for option, value in asked.items():
        if has.get(option) != value:
            raise UserError(
                f"{name} is up, but not with {option.replace('_', ' ')} {value}:"
                f" run `sandbox down --name {name}` first, or use another name"
            )
    return cluster


def _clear(name: str, folder: Path) -> None:
    """Removes the sandbox, whatever is left of it and of what is written about it."""
    for driver in drivers.NAMES:
        drivers.load(driver).delete(name, folder)
    shutil.rmtree(folder)


def _default_driver() -> str:
    """Kind where Docker answers, else kwok; says which and why."""
    from sandbox.drivers import kind

    docker = shutil.which("docker")
    if docker is None:
        say("driver kwok, because there is no Docker here")
        return "kwok"
    if not kind.docker_answers(docker):
        say("driver kwok, because Docker does not answer")
        return "kwok"
    say("driver kind, because Docker answers")
    return "kind"


def _as_json(request: Request) -> dict[str, Any]:
    return {
        key: str(value) if isinstance(value, Path) else value
        for key, value in dataclasses.asdict(request).items()
    }


def _write(folder: Path, state: dict[str, Any]) -> None:
    part = folder / "state.json.part"
    part.write_text(json.dumps(state, indent=2) + "\n")
    part.replace(folder / "state.json")


def _read(name: str, folder: Path) -> dict[str, Any] | None:
    file = folder / "state.json"
    try:
        state: Any = json.loads(file.read_text())
        if not isinstance(state, dict) or "driver" not in state:
            raise ValueError("no driver in it")
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise UserError(
            f"{file} can't be read ({error}): run `sandbox down --name {name}`"
        ) from None
    return state


def _cluster(name: str, folder: Path, state: dict[str, Any]) -> Cluster:
    try:
        audit_log = state.get("audit_log")
        return Cluster(
            name=name,
            driver=state["driver"],
            kubernetes=state["kubernetes"],
            kubeconfig=folder / "kubeconfig",
            created=datetime.fromisoformat(state["created"]),
            capabilities=frozenset(state["capabilities"]),
            nodes=state["nodes"],
            audit_log=Path(audit_log) if audit_log else None,
            context=state.get("request", {}).get("context"),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"{folder / 'state.json'} can't be read ({error!r}):"
            f" run `sandbox down --name {name}`"
        ) from None
