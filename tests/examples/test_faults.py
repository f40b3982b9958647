"""What pages offer for reuse keeps its deadline, whatever the API server does."""

import math
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

import pytest
import urllib3
from kubernetes import client, dynamic

from sandbox.cluster import Cluster
from tests.examples.faulty_server import FAULTS, faulty_server
from tests.examples.place import AGNHOST, Place, definitions, places

pytestmark = pytest.mark.last_driver

# A program's own limits are up to 35 seconds. Here a silence is noticed after this:
SILENCE = 1
# What a function may take longer than its deadline: one silence and one pause, and the
# attempts of urllib3 where it is told to make some.
GRACE = 10


# What the client says where TLS fails, if it isn't to retry. The server here speaks no
# TLS: it answers with these numbers instead.
TLS = {
    498: "SSLEOFError\n[SSL: UNEXPECTED_EOF_WHILE_READING]",
    499: "SSLCertVerificationError\n[SSL: CERTIFICATE_VERIFY_FAILED]",
}


class HastyClient(client.ApiClient):
    """Waits as long as the program says, but not longer than the test has time."""

    def call_api(self, *args: Any, **kwargs: Any) -> Any:
        assert kwargs["_request_timeout"], f"no limit: {args[:2]}"
        kwargs["_request_timeout"] = min(kwargs["_request_timeout"], SILENCE)
        answer = super().call_api(*args, **kwargs)
        if reason := TLS.get(answer.status):
            raise client.ApiException(status=0, reason=reason)
        return answer


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

    def resource(self, api_version: str, kind: str) -> Any:
        """A resource for the dynamic client, found out without a fault."""
        with tempfile.TemporaryDirectory() as folder:
            dynamic_client = dynamic.DynamicClient(
                self.place.api, cache_file=f"{folder}/resources"
            )
            resource = dynamic_client.resources.get(api_version=api_version, kind=kind)
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
    deployments = own.resource("apps/v1", "Deployment")
    return own.kubectl_wait(
        deployments, "web", own.place.namespace, "available", timeout=seconds
    )


def kubectl_wait_for_delete(own: Program, seconds: float) -> Any:
    settings = own.resource("v1", "ConfigMap")
    namespace = own.place.namespace
    admin = client.CoreV1Api(own.place.api)
    named: Any = {"field_selector": "metadata.name=settings"}
    created: Any = admin.list_namespaced_config_map(namespace, **named).items[0]
    uid = created.metadata.uid
    own.kubectl_wait_for_delete(settings, "settings", namespace, uid, seconds)
    return not admin.list_namespaced_config_map(namespace, **named).items


def complaints_with(own: Program, seconds: float) -> Any:
    return own.complaints_with("no-pods", ["ReplicaFailure"], seconds)


def kubectl_debug(own: Program, seconds: float) -> Any:
    namespace = own.place.namespace
    log = own.kubectl_debug(
        own.core, "toolbox", namespace, "look", AGNHOST, ["ps"], "toolbox", seconds
    )
    # The API server has no kubelet to ask.
    assert not log
    return True


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
    "kubectl-to-python/13_debug": kubectl_debug,
    "kubectl-to-python/14_delete": kubectl_wait_for_delete,
    "deployments/04_why_not_available": complaints_with,
}
CASES = [(name, fault) for name in LOOPS for fault in [*FAULTS, "498", "499"]] + [
    (name, fault) for name in POLLS for fault in FAULTS if fault != "410"
]
# What waiting doesn't help against, with its status.
FINAL = {"401": 401, "499": 0}
# It adds a container first, and only then waits.
BEFORE = {"kubectl-to-python/13_debug": 2}

Heal = Callable[[], Any]


@contextmanager
def held_back(place: Place) -> Generator[Heal]:
    """A Deployment whose Pod runs, and does not count before it is healed."""
    place.patch({"spec": {"minReadySeconds": 500}})
    place.wait("held back", lambda web: not web.status.available_replicas)
    yield lambda: place.patch({"spec": {"minReadySeconds": 0}})


@contextmanager
def config_map(place: Place) -> Generator[Heal]:
    """A ConfigMap that a finalizer holds back; without it, it's gone."""
    core = client.CoreV1Api(place.api)
    metadata = {"name": "settings", "finalizers": ["overview.example/held"]}
    body: Any = {"metadata": metadata}
    core.create_namespaced_config_map(place.namespace, body)
    core.delete_namespaced_config_map("settings", place.namespace)

    def let_go() -> None:
        core.patch_namespaced_config_map(
            "settings", place.namespace, {"metadata": {"finalizers": None}}
        )

    try:
        yield let_go
    finally:
        if core.list_namespaced_config_map(
            place.namespace, field_selector="metadata.name=settings"
        ).items:
            let_go()


@contextmanager
def no_pods(place: Place) -> Generator[Heal]:
    """A Deployment that has nothing to complain about until it wants a Pod."""
    labels = {"app": "no-pods"}
    container = {"name": "server", "image": AGNHOST}
    pod = {"serviceAccountName": "nobody", "containers": [container]}
    spec = {
        "replicas": 0,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": pod},
    }
    body: Any = {"metadata": {"name": "no-pods"}, "spec": spec}
    place.apps.create_namespaced_deployment(place.namespace, body)
    try:
        yield lambda: place.apps.patch_namespaced_deployment_scale(
            "no-pods", place.namespace, {"spec": {"replicas": 1}}
        )
    finally:
        place.apps.delete_namespaced_deployment("no-pods", place.namespace)


@contextmanager
def toolbox(place: Place) -> Generator[Heal]:
    """A Pod that no kubelet has: the test says when its debug container has ended."""
    core = client.CoreV1Api(place.api)
    body: Any = {
        "metadata": {"name": "toolbox"},
        "spec": {
            "schedulerName": "none",
            "containers": [{"name": "toolbox", "image": AGNHOST}],
        },
    }
    core.create_namespaced_pod(place.namespace, body)
    ended = {
        "name": "look",
        "image": AGNHOST,
        "imageID": "",
        "ready": False,
        "restartCount": 0,
        "state": {"terminated": {"exitCode": 0}},
    }
    status = {"ephemeralContainerStatuses": [ended]}
    try:
        yield lambda: core.patch_namespaced_pod_status(
            "toolbox", place.namespace, {"status": status}
        )
    finally:
        core.delete_namespaced_pod("toolbox", place.namespace, grace_period_seconds=0)


# What a function waits for, where that isn't a Deployment.
WAITS_FOR: dict[str, Callable[[Place], AbstractContextManager[Heal]]] = {
    "kubectl-to-python/13_debug": toolbox,
    "kubectl-to-python/14_delete": config_map,
    "deployments/04_why_not_available": no_pods,
}


@pytest.fixture(scope="module")
def place(cluster: Cluster) -> Iterator[Place]:
    with places(cluster, 1) as (made,):
        made.create()
        made.wait("available", lambda web: web.status.available_replicas)
        yield made


def run(name: str, place: Place, fault: str, times: float, seconds: float) -> Any:
    """What the function returns, with this fault between it and the API server."""
    waits_for = WAITS_FOR.get(name, held_back)
    before = BEFORE.get(name, 0)
    with (
        waits_for(place) as heal,
        faulty_server(place.api, fault, times, heal, before) as host,
    ):
        return (LOOPS | POLLS)[name](Program(name, place, host), seconds)


@pytest.mark.parametrize(("name", "fault"), CASES)
def test_what_passes_is_survived(name: str, fault: str, place: Place) -> None:
    def attempt() -> Any:
        return run(name, place, fault, 2, 60)

    if fault in FINAL:
        with pytest.raises(client.ApiException) as refused:
            attempt()
        assert refused.value.status == FINAL[fault]
    elif name in LOOPS or fault not in {"silent", "cut"}:
        assert attempt()
    else:
        with pytest.raises(urllib3.exceptions.HTTPError) as ended:
            attempt()
        assert "\n" not in str(ended.value)


@pytest.mark.parametrize(("name", "fault"), CASES)
def test_what_stays_ends_at_the_deadline(name: str, fault: str, place: Place) -> None:
    seconds, started = 3, time.monotonic()
    with pytest.raises(
        (TimeoutError, client.ApiException, urllib3.exceptions.HTTPError)
    ) as ended:
        run(name, place, fault, math.inf, seconds)
    assert time.monotonic() - started < seconds + GRACE
    if name in LOOPS and fault not in FINAL:
        assert isinstance(ended.value, TimeoutError)
    if not isinstance(ended.value, client.ApiException):
        assert "\n" not in str(ended.value)


# A controller that is at work has seen each spec.
@pytest.mark.parametrize("name", sorted({*POLLS} - {"kubectl-rollout/08_undo_of_sets"}))
def test_what_never_comes_ends_at_the_deadline(name: str, place: Place) -> None:
    """Here a server that answers, since otherwise its retries end a function first."""
    seconds = 2
    ended: list[str] = []

    def attempt() -> None:
        with pytest.raises(TimeoutError) as late:
            run(name, place, "silent", 0, seconds)
        ended.append(str(late.value))

    running = threading.Thread(target=attempt, daemon=True)
    running.start()
    running.join(seconds + GRACE)
    assert ended, f"not ended after {seconds + GRACE} s"
    assert "\n" not in ended[0]
