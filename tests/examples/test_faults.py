"""What pages offer for reuse keeps its deadline, whatever the API server does."""

import math
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import urllib3
from kubernetes import client, dynamic

from sandbox.cluster import Cluster
from tests.examples.faulty_server import FAULTS, faulty_server
from tests.examples.place import Place, definitions, places

pytestmark = pytest.mark.last_driver

# A program's own limits are up to 35 seconds. Here a silence is noticed after this:
SILENCE = 1
# What a function may take longer than its deadline: one silence and one pause, and the
# attempts of urllib3 where it is told to make some.
GRACE = 10


class HastyClient(client.ApiClient):
    """Waits as long as the program says, but not longer than the test has time."""

    def call_api(self, *args: Any, **kwargs: Any) -> Any:
        assert kwargs["_request_timeout"], f"no limit: {args[:2]}"
        kwargs["_request_timeout"] = min(kwargs["_request_timeout"], SILENCE)
        return super().call_api(*args, **kwargs)


class Program:
    """The functions and constants of a program, and the client that it asks for."""

    def __init__(self, name: str, place: Place, host: str) -> None:
        story, _, program = name.partition("/")
        self.names = definitions(program, story)
        self.names["NAMESPACE"] = place.namespace
        retries = self.names.get("RETRIES", False)
        api = HastyClient(client.Configuration(host=host, retries=retries))
        self.names["apps"] = self.apps = client.AppsV1Api(api)
        self.names["core"] = self.core = client.CoreV1Api(api)
        self.names["custom"] = client.CustomObjectsApi(api)
        self.api = api
        self.place = place

    def __getattr__(self, name: str) -> Any:
        return self.names[name]

    def resource(self, admin: client.ApiClient, folder: Path) -> Any:
        """The resource of Deployments, found out without a fault."""
        found = dynamic.DynamicClient(admin, cache_file=str(folder / "resources"))
        resource = found.resources.get(api_version="apps/v1", kind="Deployment")
        resource.client.client = self.api
        return resource


def follow_rollout(own: Program, seconds: float) -> Any:
    *_, last = own.follow_rollout(own.apps, "web", own.place.namespace, seconds)
    return last


def wait_until_done(own: Program, seconds: float) -> Any:
    return own.wait_until_done(own.apps, "web", own.place.namespace, seconds)


def wait_until(own: Program, seconds: float) -> Any:
    return own.wait_until(own.is_done, seconds)


def rolled_back(own: Program, seconds: float) -> Any:
    for web in own.deployments(own.apps, own.place.namespace, seconds):
        if web.status.available_replicas:
            return web
    raise TimeoutError("its caller says that")


def wait_until_available(own: Program, seconds: float) -> Any:
    return own.wait_until_available("web", seconds)


def last_line(own: Program, seconds: float) -> Any:
    """Of a Deployment: the function asks whatever it is given."""

    def status(web: Any) -> tuple[str, bool]:
        return "it is available", bool(web.status.available_replicas)

    return own.last_line(read_web(own), status, seconds)


def wait_until_observed(own: Program, seconds: float) -> Any:
    return own.wait_until_observed(read_web(own), seconds)


def read_web(own: Program) -> Callable[[], Any]:
    namespace = own.place.namespace
    return partial(
        own.apps.read_namespaced_deployment, "web", namespace, _request_timeout=10
    )


def kubectl_wait(own: Program, seconds: float) -> Any:
    return own.kubectl_wait(
        own.deployments, "web", own.place.namespace, "available", timeout=seconds
    )


def states(own: Program, seconds: float) -> Any:
    own.GREETINGS.update(
        group="apps", plural="deployments", namespace=own.place.namespace
    )
    for _, known in own.states(seconds):
        if known["web"]["status"].get("availableReplicas"):
            return known
    raise TimeoutError("its caller says that")


# With a loop of its own, a function goes on through all of it. Another leaves what the
# server says to urllib3, and ends at once where it says nothing, or is interrupted.
LOOPS: dict[str, Callable[[Program, float], Any]] = {
    "kubectl-rollout/02_status": follow_rollout,
    "rollouts/05_automatic_rollback": rolled_back,
    "deployments/03_wait_until_available": wait_until_available,
    "python-client/05_watch": states,
}
POLLS: dict[str, Callable[[Program, float], Any]] = {
    "kubectl-rollout/04_undo": wait_until_done,
    "kubectl-rollout/05_pause_and_resume": wait_until,
    "kubectl-rollout/06_restart": wait_until_done,
    "kubectl-rollout/07_status_of_sets": last_line,
    "kubectl-rollout/08_undo_of_sets": wait_until_observed,
    "kubectl-to-python/02_wait": kubectl_wait,
}
CASES = [(name, fault) for name in LOOPS for fault in FAULTS] + [
    (name, fault) for name in POLLS for fault in FAULTS if fault != "410"
]


@pytest.fixture(scope="module")
def only_place(cluster: Cluster) -> Iterator[Place]:
    with places(cluster, 1) as (made,):
        made.create()
        made.wait("available", lambda web: web.status.available_replicas)
        yield made


@pytest.fixture
def place(only_place: Place) -> Place:
    """A Deployment whose Pod runs, and does not count yet."""
    only_place.patch({"spec": {"minReadySeconds": 500}})
    only_place.wait("held back", lambda web: not web.status.available_replicas)
    return only_place


def run(
    name: str, place: Place, fault: str, times: float, seconds: float, folder: Path
) -> Any:
    """What the function returns, with this fault between it and the API server."""

    def heal() -> None:
        place.patch({"spec": {"minReadySeconds": 0}})

    with faulty_server(place.api, fault, times, heal) as host:
        own = Program(name, place, host)
        if name.startswith("kubectl-to-python"):
            own.names["deployments"] = own.resource(place.api, folder)
        return (LOOPS | POLLS)[name](own, seconds)


@pytest.mark.parametrize(("name", "fault"), CASES)
def test_what_passes_is_survived(
    name: str, fault: str, place: Place, tmp_path: Path
) -> None:
    def attempt() -> Any:
        return run(name, place, fault, 2, 60, tmp_path)

    if fault == "401":
        with pytest.raises(client.ApiException) as refused:
            attempt()
        assert refused.value.status == 401
    elif name in LOOPS or fault not in {"silent", "cut"}:
        assert attempt()
    else:
        with pytest.raises(urllib3.exceptions.HTTPError) as ended:
            attempt()
        assert "\n" not in str(ended.value)


@pytest.mark.parametrize(("name", "fault"), CASES)
def test_what_stays_ends_at_the_deadline(
    name: str, fault: str, place: Place, tmp_path: Path
) -> None:
    seconds, started = 3, time.monotonic()
    with pytest.raises(
        (TimeoutError, client.ApiException, urllib3.exceptions.HTTPError)
    ) as ended:
        run(name, place, fault, math.inf, seconds, tmp_path)
    assert time.monotonic() - started < seconds + GRACE
    if name in LOOPS and fault != "401":
        assert isinstance(ended.value, TimeoutError)
    if not isinstance(ended.value, client.ApiException):
        assert "\n" not in str(ended.value)
