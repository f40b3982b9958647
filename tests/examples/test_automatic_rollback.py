"""The controller of the rollouts page rolls back what it should, once, and no more.

The program's own run on the page shows that it works; here is what it has to leave
alone, and what it has to survive.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import urllib3
from kubernetes import client

from sandbox.cluster import Cluster
from tests.examples.place import AGNHOST, BAD_IMAGE, REVISION, Place, places, program

# What it asks of the API does not depend on the driver.
pytestmark = pytest.mark.last_driver

controller = program("05_automatic_rollback", "rollouts")
undo = program("04_undo").undo
DEADLINE = "ProgressDeadlineExceeded"


@pytest.fixture(scope="module")
def only_place(cluster: Cluster) -> Iterator[Place]:
    with places(cluster, 1) as (made,):
        yield made


@pytest.fixture
def place(only_place: Place) -> Iterator[Place]:
    """A Deployment whose second version is stuck past its deadline."""
    only_place.create(
        replicas=2,
        strategy={"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
    )
    only_place.wait("available", lambda web: web.status.available_replicas == 2)
    deploy_badly(only_place, "a mistake")
    yield only_place
    only_place.delete()


def rolled_back(place: Place, apps: client.AppsV1Api | None = None) -> str | None:
    """What the controller says, once the API server accepts its change.

    It refuses one while the Deployment controller still writes the status. The program
    then goes on with the next change that it sees.
    """
    message: str | None = None

    def done(web: Any) -> bool:
        nonlocal message
        message = controller.roll_back(apps or place.apps, web)
        return message is not None

    place.wait("rolled back", done)
    return message


def deploy_badly(place: Place, cause: str) -> Any:
    """Deploy a version of its own that fails, and return the stuck Deployment."""
    place.patch({"spec": {"progressDeadlineSeconds": 1}})
    # A change while the controller still writes the status gives it a conflict. It then
    # forgets to say that a ReplicaSet is new, and with Recreate no deadline is ever
    # missed.
    place.settle()
    place.patch_server(
        {"kubernetes.io/change-cause": cause},
        image=BAD_IMAGE,
        env=[{"name": "CAUSE", "value": cause}],
    )
    return stuck(place)


def stuck(place: Place) -> Any:
    place.settle()
    return place.wait("stuck", lambda web: bool(controller.missed_deadline(web)))


def recover(place: Place) -> Any:
    """The Deployment, once the condition no longer says that the deadline is missed."""
    place.settle()
    return place.wait(
        "recovered",
        lambda web: (
            DEADLINE not in {each.reason for each in web.status.conditions}
            and web.status.available_replicas == 2
            and web.status.replicas == 2
        ),
    )


def image_of(place: Place) -> str:
    return place.read().spec.template.spec.containers[0].image


class AllServing(client.AppsV1Api):
    """An API by which every old version still has Pods, and the oldest the fewest."""

    def list_namespaced_replica_set(self, *args: Any, **kwargs: Any) -> Any:
        listed = super().list_namespaced_replica_set(*args, **kwargs)
        for each in listed.items:
            assert each.metadata is not None
            assert each.status is not None
            revision = (each.metadata.annotations or {})[REVISION]
            each.status.available_replicas = int(revision)
        return listed


def test_it_goes_back_to_the_version_that_serves(place: Place) -> None:
    assert rolled_back(place) == ("revision 2 missed its deadline, rolled back to 1")
    web = recover(place)
    assert image_of(place) == f"{AGNHOST}:2.63.0"
    assert web.metadata.annotations["kubernetes.io/change-cause"] == "made"
    assert place.revisions()[2].metadata.labels[controller.FAILED] == "2"


def test_it_rolls_back_once_however_often_it_looks(place: Place) -> None:
    seen = place.read()
    assert rolled_back(place)
    generation = place.read().metadata.generation
    for web in [seen, place.read(), place.settle(), recover(place)]:
        assert controller.roll_back(place.apps, web) is None
    assert place.read().metadata.generation == generation


def test_it_never_goes_back_to_a_version_that_failed(place: Place) -> None:
    assert rolled_back(place)
    recover(place)
    deploy_badly(place, "another mistake")
    done = rolled_back(place, AllServing(place.api))
    assert done == "revision 4 missed its deadline, rolled back to 3"
    recover(place)
    assert image_of(place) == f"{AGNHOST}:2.63.0"
    labels = [each.metadata.labels for each in place.revisions().values()]
    assert [each.get(controller.FAILED) for each in labels] == ["2", "4", None]


def by_kubectl(place: Place) -> None:
    done = place.kubectl("rollout", "undo", "deployment/web")
    assert done.returncode == 0, done.stderr


def by_undo(place: Place) -> None:
    assert undo(place.apps, "web", place.namespace) == "rolled back"


def by_patch(place: Place) -> None:
    place.patch_server(image=BAD_IMAGE, env=[{"name": "CAUSE", "value": "a mistake"}])


@pytest.mark.parametrize("put_back", [by_kubectl, by_undo, by_patch])
def test_it_leaves_a_version_alone_that_was_put_back(
    place: Place, put_back: Callable[[Place], None]
) -> None:
    seen = place.read()
    assert rolled_back(place)
    recover(place)
    put_back(place)
    web = place.settle()
    # Said for it: on a busy machine the Deployment controller may not notice that a
    # version which was there before is stuck again.
    web.status.conditions = seen.status.conditions
    assert controller.missed_deadline(web)
    assert controller.roll_back(place.apps, web) is None
    assert image_of(place) == BAD_IMAGE
    # What it remembers of one version is not said of the next.
    deploy_badly(place, "another mistake")
    assert rolled_back(place) == "revision 5 missed its deadline, rolled back to 3"


def test_it_goes_on_where_it_was_stopped_after_its_mark(place: Place) -> None:
    """By an end of its process, or by a change of the status, as here."""
    seen = place.read()
    place.patch({"metadata": {"annotations": {"example.com/team": "red"}}})
    assert controller.roll_back(place.apps, seen) is None  # the API server refused it
    assert place.revisions()[2].metadata.labels[controller.FAILED] == "2"
    # The Deployment controller may be faster, too, for it has seen the annotation.
    place.wait("rolled back", lambda web: controller.roll_back(place.apps, web))
    assert image_of(place) == f"{AGNHOST}:2.63.0"


def test_it_leaves_a_paused_deployment_alone(place: Place) -> None:
    place.patch({"spec": {"paused": True}})
    assert controller.roll_back(place.apps, place.read()) is None
    assert controller.roll_back(place.apps, place.settle()) is None
    assert image_of(place) == BAD_IMAGE


def test_it_leaves_a_change_alone_that_came_in_between(place: Place) -> None:
    seen = place.read()
    place.patch_server(image=f"{AGNHOST}:2.66.1")
    assert controller.roll_back(place.apps, seen) is None  # the API server refused it
    web = recover(place)
    web.status.conditions = seen.status.conditions
    # As long as the Deployment controller has not seen the change...
    web.status.observed_generation = web.metadata.generation - 1
    assert controller.roll_back(AllServing(place.api), web) is None
    # ...and for a moment after: the condition is still that of the version before.
    web.status.observed_generation = web.metadata.generation
    assert controller.roll_back(AllServing(place.api), web) is None
    assert image_of(place) == f"{AGNHOST}:2.66.1"


def test_it_does_nothing_where_no_version_serves(place: Place) -> None:
    place.patch_server(image=f"{AGNHOST}:2.66.1")
    recover(place)
    # All at once. Recreate does that too, but may then never miss its deadline.
    at_once = {"maxUnavailable": "100%", "maxSurge": 0}
    place.patch({"spec": {"strategy": {"rollingUpdate": at_once}}})
    deploy_badly(place, "with nothing left")
    web = place.wait(
        "stuck with nothing left",
        lambda web: (
            controller.missed_deadline(web)
            and web.status.updated_replicas == 2
            and not web.status.available_replicas
        ),
    )
    assert controller.roll_back(place.apps, web) is None
    assert image_of(place) == BAD_IMAGE


class Interrupted(client.AppsV1Api):
    """An API whose first watch ends as `how` says, before it tells anything."""

    def __init__(self, api: client.ApiClient, how: str) -> None:
        super().__init__(api)
        self.how = how
        self.lists = 0

    def list_namespaced_deployment(self, *args: Any, **kwargs: Any) -> Any:
        if not kwargs.get("watch"):
            self.lists += 1
        elif self.lists == 1:
            if self.how == "the version is too old":
                raise client.ApiException(status=410, reason="Gone")
            if self.how == "the server is overloaded":
                raise client.ApiException(status=503)
            if self.how == "the connection breaks":
                raise urllib3.exceptions.ProtocolError("broken by the test")
            kwargs["timeout_seconds"] = 1
        return super().list_namespaced_deployment(*args, **kwargs)


@pytest.mark.parametrize(
    "how",
    [
        "the version is too old",
        "the server ends it",
        "the connection breaks",
        "the server is overloaded",
    ],
)
def test_it_lists_again_when_a_watch_ends(only_place: Place, how: str) -> None:
    only_place.create(replicas=0)
    only_place.settle()
    try:
        api = Interrupted(only_place.api, how)
        for web in controller.deployments(api, only_place.namespace, 60):
            if api.lists == 2:
                assert web.metadata.name == "web"
                break
        else:
            pytest.fail(f"no second list within 60 s: {api.lists}")
    finally:
        only_place.delete()


def test_it_ends_where_it_may_not_look(only_place: Place) -> None:
    class Forbidden(client.AppsV1Api):
        def list_namespaced_deployment(self, *args: Any, **kwargs: Any) -> Any:
            raise client.ApiException(status=403, reason="Forbidden")

    with pytest.raises(client.ApiException, match="Forbidden"):
        list(controller.deployments(Forbidden(only_place.api), "any", 30))


def test_it_ends_at_its_deadline(only_place: Place) -> None:
    started = time.monotonic()
    assert not [*controller.deployments(only_place.apps, only_place.namespace, 1)]
    # One more second for the last watch; the rest is for a busy machine.
    assert 1 <= time.monotonic() - started < 30
