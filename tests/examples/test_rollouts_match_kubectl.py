"""The functions of kubectl-rollout do what kubectl does: kubectl is the oracle.

Each function is taken from the program that the page shows. It works on one Deployment
and kubectl on another which has the same history; then both have to be equal.
"""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pytest
from kubernetes import client

from sandbox.cluster import Cluster
from tests.examples.place import AGNHOST, BAD_IMAGE, SECONDS, Place, places, program

# What functions and kubectl ask of the API does not depend on the driver.
pytestmark = pytest.mark.last_driver

status = program("02_status")
history = program("03_history")
undo = program("04_undo").undo
pausing = program("05_pause_and_resume")
restart = program("06_restart").restart


@pytest.fixture(scope="module")
def two_places(cluster: Cluster) -> Iterator[list[Place]]:
    with places(cluster, 2) as made:
        yield made


@pytest.fixture
def place(two_places: list[Place]) -> Iterator[Place]:
    yield two_places[0]
    two_places[0].delete()


@dataclass(frozen=True)
class Pair:
    """Two places with the same in both: one for kubectl, one for the programs."""

    kubectl: Place
    python: Place

    def both(self) -> tuple[Place, Place]:
        return self.kubectl, self.python

    def settle(self) -> tuple[Any, Any]:
        return self.kubectl.settle(), self.python.settle()

    def assert_equal(self) -> None:
        theirs, ours = map(as_json, self.settle())
        assert ours["spec"] == theirs["spec"]
        assert ours["metadata"]["annotations"] == theirs["metadata"]["annotations"]
        assert history_by_python(self.python) == history_by_kubectl(self.kubectl)


@pytest.fixture
def pair(two_places: list[Place]) -> Iterator[Pair]:
    """Two Deployments of three revisions. They differ in image, variables, causes,
    and in annotations which came and went with them.
    """
    pair = Pair(*two_places)
    for place in pair.both():
        place.create()
    pair.settle()
    for place in pair.both():
        place.patch_server(
            {"kubernetes.io/change-cause": None, "example.com/team": "red"},
            image=f"{AGNHOST}:2.66.1",
        )
    pair.settle()
    for place in pair.both():
        place.patch_server(
            {"kubernetes.io/change-cause": "greets", "example.com/ticket": "7"},
            env=[{"name": "GREETING", "value": "hello"}],
        )
    pair.settle()
    for place in pair.both():
        place.patch(
            {
                "metadata": {
                    "annotations": {
                        "example.com/team": None,
                        "kubectl.kubernetes.io/last-applied-configuration": "{}",
                    }
                },
                # None of these belongs to a revision.
                "spec": {"replicas": 2, "progressDeadlineSeconds": 300},
            }
        )
    pair.settle()
    yield pair
    for place in pair.both():
        place.delete()


def as_json(thing: Any) -> Any:
    return client.ApiClient().sanitize_for_serialization(thing)


def undo_by_kubectl(place: Place, to_revision: int) -> str:
    number = [f"--to-revision={to_revision}"] if to_revision else []
    done = place.kubectl("rollout", "undo", "deployment/web", *number)
    if done.returncode == 0:
        return done.stdout.strip().removeprefix("deployment.apps/web ")
    return done.stderr.strip().splitlines()[-1].removeprefix("error: ")


def undo_by_python(place: Place, to_revision: int) -> str:
    try:
        return undo(place.apps, "web", place.namespace, to_revision)
    except (LookupError, ValueError) as error:
        return str(error)


def history_by_kubectl(place: Place) -> list[str]:
    done = place.kubectl("rollout", "history", "deployment/web")
    assert done.returncode == 0, done.stderr
    heading, *table = done.stdout.rstrip("\n").split("\n")
    assert heading.strip() == "deployment.apps/web"
    return table


def history_by_python(place: Place) -> list[str]:
    return history.rollout_history(place.apps, place.read()).split("\n")


@pytest.mark.parametrize(
    ("to_revision", "says"),
    [
        pytest.param(0, "rolled back", id="the one before"),
        pytest.param(1, "rolled back", id="the first"),
        pytest.param(2, "rolled back", id="the second"),
        pytest.param(3, "skipped rollback", id="as it is"),
        pytest.param(4, "unable to find specified revision 4", id="no such revision"),
    ],
)
def test_undo_leaves_what_kubectl_leaves(
    pair: Pair, to_revision: int, says: str
) -> None:
    before = pair.python.read()
    message = undo_by_kubectl(pair.kubectl, to_revision)
    assert message.startswith(says)
    assert undo_by_python(pair.python, to_revision) == message
    pair.assert_equal()
    after = pair.python.read()
    if says == "rolled back":
        assert as_json(after.spec.template) != as_json(before.spec.template)
    assert after.spec.replicas == before.spec.replicas
    assert after.spec.progress_deadline_seconds == 300


def test_undo_twice_is_where_it_began(pair: Pair) -> None:
    before = as_json(pair.python.read().spec)
    for _ in range(2):
        assert undo_by_kubectl(pair.kubectl, 0) == "rolled back"
        assert undo_by_python(pair.python, 0) == "rolled back"
        pair.assert_equal()
    assert as_json(pair.python.read().spec) == before
    assert list(pair.python.revisions()) == [1, 4, 5]


def test_undo_refuses_a_paused_deployment(pair: Pair) -> None:
    for place in pair.both():
        place.patch({"spec": {"paused": True}})
    message = undo_by_python(pair.python, 0)
    assert message.startswith(
        "you cannot rollback a paused deployment; resume it first"
    )
    assert undo_by_kubectl(pair.kubectl, 0).startswith(message)
    pair.assert_equal()


def test_undo_refuses_where_there_is_nothing_before(place: Place) -> None:
    place.create()
    place.settle()
    message = undo_by_python(place, 0)
    assert message == undo_by_kubectl(place, 0)
    assert message == 'no rollout history found for deployment "web"'


def test_undo_does_not_overrule_who_came_in_between(place: Place) -> None:
    """Kubectl would: its patch does not say which version it is for."""
    place.create()
    place.settle()
    place.patch_server(image=f"{AGNHOST}:2.66.1")
    place.settle()
    pauses: list[str] = []

    class Between(client.AppsV1Api):
        def list_namespaced_replica_set(self, *args: Any, **kwargs: Any) -> Any:
            if not pauses:
                pauses.append("paused after the Deployment was read")
                place.patch({"spec": {"paused": True}})
            return super().list_namespaced_replica_set(*args, **kwargs)

    with pytest.raises(ValueError, match="paused"):
        undo(Between(place.api), "web", place.namespace)
    web = place.read()
    assert web.spec.paused
    assert web.spec.template.spec.containers[0].image == f"{AGNHOST}:2.66.1"


@pytest.mark.parametrize("replicas", [None, 2])
def test_undo_leaves_alone_what_somebody_deploys_meanwhile(
    place: Place, replicas: int | None
) -> None:
    """A fix stays; another number of replicas is no reason to stop."""
    place.create()
    place.settle()
    place.patch_server(image=BAD_IMAGE)
    place.settle()

    class Between(client.AppsV1Api):
        def patch_namespaced_deployment(self, *args: Any, **kwargs: Any) -> Any:
            if not answers:
                if replicas:
                    place.patch({"spec": {"replicas": replicas}})
                else:
                    place.patch_server(image=f"{AGNHOST}:2.66.1")
            try:
                return super().patch_namespaced_deployment(*args, **kwargs)
            except client.ApiException as error:
                answers.append(error.status)
                raise

    answers: list[int | None] = []
    if replicas:
        assert undo(Between(place.api), "web", place.namespace) == "rolled back"
    else:
        with pytest.raises(ValueError, match="somebody changed the template"):
            undo(Between(place.api), "web", place.namespace)
    assert answers[0] == 409
    image = place.read().spec.template.spec.containers[0].image
    assert image == f"{AGNHOST}:{'2.63.0' if replicas else '2.66.1'}"


def test_undo_in_the_middle_of_a_rollout(place: Place) -> None:
    """The controller writes the status meanwhile, which makes for conflicts."""
    place.create(replicas=4)
    place.settle()
    for image in ["2.66.1", "2.63.0"] * 2:
        place.patch_server(image=f"{AGNHOST}:{image}")
        place.settle()
        assert undo(place.apps, "web", place.namespace) == "rolled back"
        place.settle()


def test_kubectl_warns_that_an_applied_file_is_not_undone(place: Place) -> None:
    place.create()
    place.settle()
    applied = {"kubectl.kubernetes.io/last-applied-configuration": "{}"}
    place.patch_server(applied, image=f"{AGNHOST}:2.66.1")
    place.settle()
    done = place.kubectl("rollout", "undo", "deployment/web")
    assert done.returncode == 0
    assert "may cause unexpected behavior on future 'kubectl apply'" in done.stderr


def test_undo_leaves_no_event_of_its_own(place: Place) -> None:
    place.create()
    place.settle()
    place.patch_server(image=f"{AGNHOST}:2.66.1")
    web = place.settle()
    undone = place.revisions()[2].metadata.name
    assert undo_by_kubectl(place, 0) == "rolled back"

    core, uid = client.CoreV1Api(place.api), web.metadata.uid
    events: list[Any] = []

    def scaled_down(_: Any) -> bool:
        events[:] = core.list_namespaced_event(
            place.namespace, field_selector=f"involvedObject.uid={uid}"
        ).items
        text = f"Scaled down replica set {undone}"
        return any(event.message.startswith(text) for event in events)

    place.wait("scaled down", scaled_down)
    assert {event.reason for event in events} == {"ScalingReplicaSet"}


def test_history_of_revisions_with_and_without_a_cause(place: Place) -> None:
    place.create(paused=True)
    assert history_by_python(place) == history_by_kubectl(place)
    assert history_by_python(place) == ["No rollout history found."]

    place.patch({"spec": {"paused": False}})
    place.settle()
    for cause in ["the second", None, "the fourth"]:
        place.patch_server(
            {"kubernetes.io/change-cause": cause},
            env=[{"name": "CAUSE", "value": str(cause)}],
        )
        place.settle()
    table = history_by_python(place)
    assert table == history_by_kubectl(place)
    assert table[1:] == [
        "1         made",
        "2         the second",
        "3         <none>",
        "4         the fourth",
    ]


def status_by_kubectl(place: Place) -> str:
    done = place.kubectl("rollout", "status", "deployment/web", "--watch=false")
    return done.stdout.strip() or done.stderr.strip().removeprefix("error: ")


def status_by_python(place: Place) -> str:
    try:
        return status.rollout_status(place.read())[0]
    except status.ProgressDeadlineExceeded as error:
        return str(error)


@pytest.mark.parametrize(
    ("spec", "image", "text"),
    [
        pytest.param({}, None, "successfully rolled out", id="complete"),
        pytest.param(
            {"replicas": 0}, None, "successfully rolled out", id="no replicas"
        ),
        pytest.param(
            {"replicas": 4},
            BAD_IMAGE,
            "2 out of 4 new replicas have been updated",
            id="some updated",
        ),
        pytest.param(
            {"strategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}},
            BAD_IMAGE,
            "1 old replicas are pending termination",
            id="an old one left",
        ),
        pytest.param(
            {"strategy": {"type": "Recreate"}},
            BAD_IMAGE,
            "0 of 1 updated replicas are available",
            id="updated, not available",
        ),
    ],
)
def test_status_says_what_kubectl_says(
    place: Place, spec: dict[str, Any], image: str | None, text: str
) -> None:
    place.create(**spec)
    place.wait("complete", lambda web: status.rollout_status(web)[1])
    if image:
        place.patch_server(image=image)
    place.wait(text, lambda web: text in status_by_python(place))
    assert status_by_kubectl(place) == status_by_python(place)


def test_status_of_a_paused_deployment_is_that_of_its_spec(place: Place) -> None:
    place.create()
    place.wait("complete", lambda web: status.rollout_status(web)[1])
    place.patch({"spec": {"paused": True}})
    place.patch_server(image=f"{AGNHOST}:2.66.1")
    text = "0 out of 1 new replicas have been updated"
    place.wait(text, lambda web: text in status_by_python(place))
    assert status_by_kubectl(place) == status_by_python(place)


def test_status_of_a_missed_deadline_is_an_error(place: Place) -> None:
    place.create(image=BAD_IMAGE, progressDeadlineSeconds=1)
    text = 'deployment "web" exceeded its progress deadline'
    place.wait(text, lambda web: status_by_python(place) == text)
    done = place.kubectl("rollout", "status", "deployment/web")
    assert done.returncode == 1
    assert done.stderr.strip() == f"error: {text}"


def test_status_follows_a_rollout_in_the_same_lines(place: Place) -> None:
    """From a rollout that is stuck, so that both follow it before it goes on."""
    place.create(replicas=4)
    place.wait("complete", lambda web: status.rollout_status(web)[1])
    place.patch_server(image=BAD_IMAGE)
    stuck = "2 out of 4 new replicas have been updated..."
    place.wait("stuck", lambda web: stuck in status_by_python(place))

    by_kubectl: list[str] = []
    by_python: list[str] = []
    kubectl = place.start_kubectl("rollout", "status", "deployment/web")

    def read_kubectl() -> None:
        assert kubectl.stdout is not None
        by_kubectl.extend(line.rstrip("\n") for line in kubectl.stdout)

    try:
        # Both have to be listening; the first line of each is about what is there.
        assert kubectl.stdout is not None
        by_kubectl.append(kubectl.stdout.readline().rstrip("\n"))
        lines = status.follow_rollout(place.apps, "web", place.namespace, SECONDS)
        by_python.append(next(lines))
        readers = [
            threading.Thread(target=read_kubectl, daemon=True),
            threading.Thread(target=lambda: by_python.extend(lines), daemon=True),
        ]
        for reader in readers:
            reader.start()
        place.patch_server(image=f"{AGNHOST}:2.66.1")
        for reader in readers:
            reader.join(SECONDS)
            assert not reader.is_alive(), (by_kubectl, by_python)
    finally:
        kubectl.kill()
        kubectl.wait()
    # An event that changes no number repeats the line: how often is left aside.
    assert [line for line, _ in groupby(by_python)] == [
        line for line, _ in groupby(by_kubectl)
    ]
    assert "Waiting for deployment spec update to be observed..." in by_python
    assert by_python[-1] == 'deployment "web" successfully rolled out'


def test_status_gives_up_at_its_deadline_and_without_a_deployment(place: Place) -> None:
    with pytest.raises(LookupError, match="no deployment web"):
        list(status.follow_rollout(place.apps, "web", place.namespace, 5))
    place.create(image=BAD_IMAGE)
    text = "0 of 1 updated replicas are available"
    place.wait(text, lambda web: text in status_by_python(place))
    with pytest.raises(TimeoutError, match=text):
        list(status.follow_rollout(place.apps, "web", place.namespace, 1))


def test_pause_and_resume_leave_what_kubectl_leaves(pair: Pair) -> None:
    theirs, ours = pair.both()
    assert theirs.kubectl("rollout", "pause", "deployment/web").returncode == 0
    pausing.pause(ours.apps, "web", ours.namespace)
    assert ours.read().spec.paused
    pair.assert_equal()
    for place in pair.both():
        place.patch_server(image=f"{AGNHOST}:2.63.0")
    assert theirs.kubectl("rollout", "resume", "deployment/web").returncode == 0
    pausing.resume(ours.apps, "web", ours.namespace)
    pair.assert_equal()
    assert max(ours.revisions()) == 4


def test_restart_leaves_what_kubectl_leaves(pair: Pair) -> None:
    theirs, ours = pair.both()
    done = theirs.kubectl("rollout", "restart", "deployment/web")
    assert done.returncode == 0, done.stderr
    restart(ours.apps, "web", ours.namespace)

    times: list[str] = []
    specs: list[Any] = []
    for place in pair.both():
        spec = as_json(place.settle().spec)
        annotations = spec["template"]["metadata"]["annotations"]
        times.append(annotations.pop("kubectl.kubernetes.io/restartedAt"))
        specs.append(spec)
    assert specs[0] == specs[1]
    # Both as RFC 3339 has it: kubectl in the time zone that it runs in, ours in UTC.
    form = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
    assert all(re.fullmatch(form, text) for text in times), times
    assert history_by_python(ours) == history_by_kubectl(theirs)


def test_two_restarts_in_a_second_are_two(place: Place) -> None:
    """Where kubectl refuses the second."""
    place.create()
    for _ in range(2):
        restart(place.apps, "web", place.namespace)
    assert place.read().metadata.generation == 3


def test_restart_refuses_a_paused_deployment(place: Place) -> None:
    place.create(paused=True)
    with pytest.raises(ValueError, match="can't restart paused") as refused:
        restart(place.apps, "web", place.namespace)
    done = place.kubectl("rollout", "restart", "deployment/web")
    assert done.returncode == 1
    assert str(refused.value) in done.stderr
