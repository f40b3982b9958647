"""kubectl-rollout does with StatefulSets and DaemonSets what kubectl does with them.

As for Deployments, kubectl is the oracle: of two sets with the same history, it works
on one, and a function of the page on the other.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from kubernetes import client

from sandbox.cluster import Cluster
from tests.examples.place import (
    AGNHOST,
    BAD_IMAGE,
    KILLED_SOON,
    SECONDS,
    Place,
    places,
    program,
)

# What functions and kubectl ask of the API does not depend on the driver.
pytestmark = pytest.mark.last_driver

status = program("07_status_of_sets")
undoing = program("08_undo_of_sets")
CAUSE = "kubernetes.io/change-cause"
STRATEGIC = "application/strategic-merge-patch+json"
STATUS: dict[str, Callable[[Any], tuple[str, bool]]] = {
    "stateful_set": status.stateful_set_status,
    "daemon_set": status.daemon_set_status,
}
both_kinds = pytest.mark.parametrize("kind", STATUS)


@dataclass(frozen=True)
class Set:
    """A StatefulSet or DaemonSet named "web", in a place of its own."""

    kind: str
    place: Place

    @property
    def name(self) -> str:
        """As kubectl has it."""
        return f"{self.kind.replace('_', '')}/web"

    def call(self, verb: str, *args: Any, **kwargs: Any) -> Any:
        method = getattr(self.place.apps, f"{verb}_namespaced_{self.kind}")
        return method(*args, **kwargs)

    def create(self, image: str = f"{AGNHOST}:2.63.0", **spec: Any) -> None:
        container = {
            "name": "server",
            "image": image,
            "args": ["netexec", "--http-port=8080"],
            # In forms that the API server writes in another way: 0.01 is 10m.
            "resources": {"requests": {"cpu": "0.01", "memory": "32Mi"}},
        }
        labels = {"app": "web"}
        wanted: dict[str, Any] = {
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [container]} | KILLED_SOON,
            },
        }
        if self.kind == "stateful_set":
            wanted |= {"replicas": 2, "serviceName": "web"}
        metadata = {"name": "web", "annotations": {CAUSE: "made"}}
        body = {"metadata": metadata, "spec": wanted | spec}
        self.call("create", self.place.namespace, body)

    def delete(self) -> None:
        """Delete it with all that it owns; return when it is gone."""
        self.call(
            "delete", "web", self.place.namespace, propagation_policy="Foreground"
        )
        deadline = time.monotonic() + SECONDS
        while self.call("list", self.place.namespace).items:
            assert time.monotonic() < deadline, f"{self.name} is not gone"
            time.sleep(0.1)

    def read(self) -> Any:
        return self.call("read", "web", self.place.namespace)

    def patch(self, body: dict[str, Any]) -> None:
        self.call("patch", "web", self.place.namespace, body, _content_type=STRATEGIC)

    def patch_server(
        self,
        annotations: dict[str, str | None] | None = None,
        spec: dict[str, Any] | None = None,
        **fields: Any,
    ) -> None:
        """Change the container, and in the same patch annotations and the spec."""
        template = {"spec": {"containers": [{"name": "server"} | fields]}}
        self.patch(
            {
                "metadata": {"annotations": annotations or {}},
                "spec": (spec or {}) | {"template": template},
            }
        )

    def wait(self, what: str, is_so: Callable[[Any], bool]) -> Any:
        deadline = time.monotonic() + SECONDS
        while True:
            web = self.read()
            if is_so(web):
                return web
            if time.monotonic() > deadline:
                pytest.fail(f"{self.name}: not {what} after {SECONDS} s: {web}")
            time.sleep(0.1)

    def settle(self) -> Any:
        """The set, once the controller has dealt with its present spec."""
        return self.wait(
            "settled",
            lambda web: web.status.observed_generation == web.metadata.generation,
        )

    def complete(self) -> Any:
        return self.wait("complete", lambda web: STATUS[self.kind](web)[1])

    def kubectl(self, command: str, *more: str) -> str:
        """What `kubectl rollout` says, without the name that it begins with."""
        done = self.place.kubectl("rollout", command, self.name, *more)
        if done.returncode:
            return done.stderr.strip().splitlines()[-1].removeprefix("error: ")
        name = self.name.replace("/", ".apps/")
        return done.stdout.removeprefix(f"{name} ").strip("\n")

    def undo(self, to_revision: int, apps: client.AppsV1Api | None = None) -> str:
        """What the page's function says."""
        patch = partial(self.call, "patch")
        try:
            return undoing.undo(apps or self.place.apps, self.read, patch, to_revision)
        except LookupError as error:
            return str(error)

    def undo_by_kubectl(self, to_revision: int) -> str:
        number = [f"--to-revision={to_revision}"] if to_revision else []
        return self.kubectl("undo", *number)

    def history(self) -> list[str]:
        return undoing.rollout_history(self.place.apps, self.read()).split("\n")

    def history_by_kubectl(self) -> list[str]:
        return self.kubectl("history").split("\n")

    def status(self) -> str:
        try:
            return STATUS[self.kind](self.read())[0]
        except ValueError as error:
            return str(error)

    def status_by_kubectl(self) -> str:
        return self.kubectl("status", "--watch=false")


@pytest.fixture(scope="module")
def two_places(cluster: Cluster) -> Iterator[list[Place]]:
    with places(cluster, 2) as made:
        yield made


@pytest.fixture
def one(two_places: list[Place], kind: str) -> Iterator[Set]:
    made = Set(kind, two_places[0])
    yield made
    made.delete()


@pytest.fixture
def pair(two_places: list[Place], kind: str) -> Iterator[tuple[Set, Set]]:
    """Two sets of three revisions: the first for kubectl, the second for the page.

    They differ in image, variables, causes, and an annotation.
    """
    theirs, ours = pair = Set(kind, two_places[0]), Set(kind, two_places[1])
    for web in pair:
        web.create()
    for web in pair:
        web.settle()
        web.patch_server(
            {CAUSE: None, "example.com/team": "red"}, image=f"{AGNHOST}:2.66.1"
        )
    for web in pair:
        web.settle()
        greeting = [{"name": "GREETING", "value": "hello"}]
        # minReadySeconds does not belong to a revision.
        web.patch_server({CAUSE: "greets"}, {"minReadySeconds": 1}, env=greeting)
    for web in pair:
        web.settle()
    yield theirs, ours
    for web in pair:
        web.delete()


def assert_equal(theirs: Set, ours: Set) -> None:
    objects: list[Any] = []
    for web in (theirs, ours):
        objects.append(client.ApiClient().sanitize_for_serialization(web.settle()))
    assert objects[1]["spec"] == objects[0]["spec"]
    assert (
        objects[1]["metadata"]["annotations"] == objects[0]["metadata"]["annotations"]
    )
    assert ours.history() == theirs.history_by_kubectl()


@both_kinds
@pytest.mark.parametrize(
    ("to_revision", "says"),
    [
        pytest.param(0, "rolled back", id="the one before"),
        pytest.param(1, "rolled back", id="the first"),
        pytest.param(3, "skipped rollback", id="as it is"),
        pytest.param(4, "unable to find specified revision 4", id="no such revision"),
    ],
)
def test_undo_leaves_what_kubectl_leaves(
    pair: tuple[Set, Set], to_revision: int, says: str
) -> None:
    theirs, ours = pair
    assert ours.history()[1:] == [
        "1         made",
        "2         <none>",
        "3         greets",
    ]
    before = ours.read().spec.template
    message = theirs.undo_by_kubectl(to_revision)
    assert message.startswith(says)
    assert ours.undo(to_revision) == message
    assert_equal(theirs, ours)
    after = ours.read()
    assert (after.spec.template == before) == (says != "rolled back")
    # Unlike a Deployment's, its annotations stay.
    assert after.metadata.annotations[CAUSE] == "greets"
    assert after.spec.min_ready_seconds == 1


@both_kinds
def test_undo_refuses_where_there_is_nothing_before(one: Set) -> None:
    one.create()
    one.settle()
    message = one.undo(0)
    assert message == one.undo_by_kubectl(0) == "no last revision to roll back to"
    assert one.history() == one.history_by_kubectl()


@both_kinds
def test_revision_keeps_the_cause_that_it_was_created_with(one: Set) -> None:
    """kubectl-rollout.md: a Deployment's would get the later one."""
    one.create()
    one.settle()
    one.patch({"metadata": {"annotations": {CAUSE: "a correction"}}})
    one.patch_server(image=f"{AGNHOST}:2.66.1")
    one.settle()
    assert one.history() == one.history_by_kubectl()
    assert one.history()[1:] == ["1         made", "2         a correction"]


@both_kinds
def test_undo_looks_again_where_somebody_was_faster(one: Set) -> None:
    """Kubectl would not: its patch does not say which version it is for."""
    one.create()
    one.settle()
    one.patch_server(image=f"{AGNHOST}:2.66.1")
    one.settle()
    looks: list[str] = []

    class Between(client.AppsV1Api):
        def list_namespaced_controller_revision(self, *args: Any, **kwargs: Any) -> Any:
            looks.append("after the set was read")
            if len(looks) == 1:
                one.patch({"metadata": {"annotations": {"example.com/team": "red"}}})
            return super().list_namespaced_controller_revision(*args, **kwargs)

    assert one.undo(0, Between(one.place.api)) == "rolled back"
    assert len(looks) > 1
    server = one.read().spec.template.spec.containers[0]
    assert server.image == f"{AGNHOST}:2.63.0"


@both_kinds
def test_undo_leaves_alone_what_somebody_deploys_meanwhile(one: Set) -> None:
    """Kubectl would overwrite it."""
    one.create()
    one.settle()
    one.patch_server(image=f"{AGNHOST}:2.66.1")
    one.settle()
    fixes: list[str] = []

    def patch(*args: Any, **kwargs: Any) -> Any:
        if not fixes:
            fixes.append("before the first patch")
            one.patch_server(env=[{"name": "FIX", "value": "yes"}])
        return one.call("patch", *args, **kwargs)

    with pytest.raises(ValueError, match="somebody changed the template"):
        undoing.undo(one.place.apps, one.read, patch)
    server = one.read().spec.template.spec.containers[0]
    assert [each.name for each in server.env] == ["FIX"]


# Pods that have not been ready for so long don't count, so none may be replaced.
HELD = {"minReadySeconds": 500}
PLAIN = {"updateStrategy": {"type": "RollingUpdate"}}  # without its `rollingUpdate`
ON_DELETE = {"updateStrategy": {"type": "OnDelete"}}
ONLY_ROLLING = "rollout status is only available for RollingUpdate strategy type"


def rolling(**how: Any) -> dict[str, Any]:
    return {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": how}}


def cases(
    kind: str, *cases: tuple[str, dict[str, Any], dict[str, Any] | None, str]
) -> list[Any]:
    return [pytest.param(kind, *rest, id=f"{kind}: {name}") for name, *rest in cases]


@pytest.mark.parametrize(
    ("kind", "spec", "change", "text"),
    [
        *cases(
            "stateful_set",
            ("complete", {}, None, "partitioned roll out complete: 2 new pods"),
            ("none", {"replicas": 0}, None, "partitioned roll out complete: 0 new"),
            ("plain", PLAIN, None, "statefulset rolling update complete 2 pods at"),
            ("not ready", {}, {"image": BAD_IMAGE}, "Waiting for 1 pods to be ready"),
            ("held", {}, {"spec": HELD}, "finish: 0 out of 2 new pods have been"),
            (
                "partition",
                rolling(partition=1),
                {},
                "partitioned roll out complete: 1 new pods",
            ),
            (
                "plain, held",
                PLAIN,
                {"spec": HELD},
                "waiting for statefulset rolling update to complete 0 pods at",
            ),
            ("on delete", ON_DELETE, None, ONLY_ROLLING),
        ),
        *cases(
            "daemon_set",
            ("complete", {}, None, 'daemon set "web" successfully rolled out'),
            (
                "extra ones",
                rolling(maxSurge=1, maxUnavailable=0),
                {"image": BAD_IMAGE},
                'daemon set "web" rollout to finish: 0 out of',
            ),
            (
                "all at once",
                rolling(maxUnavailable="100%"),
                {"image": BAD_IMAGE},
                "updated pods are available",
            ),
            ("on delete", ON_DELETE, None, ONLY_ROLLING),
        ),
    ],
)
def test_status_says_what_kubectl_says(
    one: Set, spec: dict[str, Any], change: dict[str, Any] | None, text: str
) -> None:
    one.create(**spec)
    if change is not None:
        one.complete()
        fields: dict[str, Any] = {"image": f"{AGNHOST}:2.66.1"}
        one.patch_server(**(fields | change))
    one.wait(text, lambda web: text in one.status())
    assert one.status_by_kubectl() == one.status()


@both_kinds
def test_status_is_not_that_of_the_spec_before(one: Set) -> None:
    """No controller is that slow, so here its word is taken away."""
    one.create()
    web = one.complete()
    web.status.observed_generation -= 1
    line, done = STATUS[one.kind](web)
    assert line.endswith("spec update to be observed...")
    assert not done


@both_kinds
def test_restart_is_the_same_patch_and_pause_there_is_none(
    pair: tuple[Set, Set],
) -> None:
    """kubectl-rollout.md says so of both kinds."""
    theirs, ours = pair
    assert theirs.kubectl("restart") == "restarted"
    now = {"kubectl.kubernetes.io/restartedAt": "now"}
    ours.patch({"spec": {"template": {"metadata": {"annotations": now}}}})
    specs: list[Any] = []
    for web in pair:
        spec: Any = client.ApiClient().sanitize_for_serialization(web.settle().spec)
        spec["template"]["metadata"]["annotations"].update(now)
        specs.append(spec)
    assert specs[0] == specs[1]
    assert ours.history() == theirs.history_by_kubectl()
    assert theirs.kubectl("pause").endswith("pausing is not supported")


@pytest.mark.parametrize("kind", ["stateful_set"])
def test_undo_of_a_stateful_set_waits_for_the_pod_that_cannot_start(one: Set) -> None:
    """kubectl-rollout.md: it takes a hand that deletes this Pod."""
    core = client.CoreV1Api(one.place.api)

    def image_of_the_pod() -> str:
        pod: Any = core.read_namespaced_pod("web-1", one.place.namespace)
        return pod.spec.containers[0].image

    one.create()
    one.complete()
    one.patch_server(image=BAD_IMAGE)
    text = "Waiting for 1 pods to be ready"
    one.wait(text, lambda web: text in one.status())
    deadline = time.monotonic() + SECONDS
    while image_of_the_pod() != BAD_IMAGE:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert one.undo(0) == "rolled back"
    one.settle()
    time.sleep(5)
    assert image_of_the_pod() == BAD_IMAGE
    assert text in one.status()
    core.delete_namespaced_pod("web-1", one.place.namespace)
    one.complete()
    assert image_of_the_pod() == f"{AGNHOST}:2.63.0"
