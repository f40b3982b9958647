"""The functions of the page "From kubectl to Python" do what kubectl does.

kubectl works in one namespace and the page's function in another, on equal objects.
Then the objects are compared, and the field managers that kubectl left its name in; or
what the two have to say, where a command only reads.
"""

import json
import re
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client
from kubernetes.client.exceptions import ConflictException
from kubernetes.dynamic import DynamicClient
from kubernetes.dynamic.exceptions import ConflictError, NotFoundError

from sandbox import run
from sandbox.cluster import Cluster
from tests.examples.place import AGNHOST, SECONDS, Place, places, program

STORY = "kubectl-to-python"
applying = program("01_apply", STORY)
waiting = program("02_wait", STORY)
getting = program("03_get", STORY)
labelling = program("04_label", STORY)
scaling = program("05_scale", STORY)
kubectl_patch = program("06_patch", STORY).kubectl_patch
asking = program("07_can_i", STORY)
kubectl_top_pods = program("08_top", STORY).kubectl_top_pods
logs = program("09_logs", STORY)
kubectl_exec = program("10_exec", STORY).kubectl_exec
kubectl_port_forward = program("11_port_forward", STORY).kubectl_port_forward
copying = program("12_cp", STORY)
kubectl_debug = program("13_debug", STORY).kubectl_debug
kubectl_delete = program("14_delete", STORY).kubectl_delete


@dataclass(frozen=True)
class Pair:
    """Two namespaces with the same in both: one for kubectl, one for the programs."""

    theirs: Place
    ours: Place

    def both(self) -> tuple[Place, Place]:
        return self.theirs, self.ours

    def kubectl(self, *words: str) -> str:
        return succeed(self.theirs, *words)

    def assert_equal(self) -> dict[str, Any]:
        """Compare the two Deployments; return ours."""
        theirs, ours = [comparable(place.settle()) for place in self.both()]
        assert ours == theirs
        return ours


@pytest.fixture(scope="module")
def empty(cluster: Cluster) -> Iterator[Pair]:
    with places(cluster, 2) as made:
        yield Pair(*made)


@pytest.fixture
def pair(empty: Pair) -> Iterator[Pair]:
    """With an equal Deployment in each. It asks for no Pods: they take their time."""
    for place in empty.both():
        place.create(replicas=0)
    for place in empty.both():
        place.settle()
    yield empty
    for place in empty.both():
        if place.apps.list_namespaced_deployment(place.namespace).items:
            place.delete()


def succeed(place: Place, *words: str, code: int = 0) -> str:
    done = place.kubectl(*words)
    assert done.returncode == code, done.stderr
    return done.stdout.strip()


def refused(place: Place, *words: str) -> str:
    done = place.kubectl(*words)
    assert done.returncode == 1, done.stdout
    return done.stderr.strip()


def comparable(thing: Any) -> dict[str, Any]:
    """Of an object, what its writers decide; and which kubectl owns what of it."""
    body: Any = client.ApiClient().sanitize_for_serialization(thing)
    metadata = body["metadata"]
    managers: list[dict[str, Any]] = [
        {key: value for key, value in entry.items() if key != "time"}
        for entry in metadata["managedFields"]
        if entry["manager"].startswith("kubectl")
    ]
    return {
        "labels": metadata.get("labels"),
        "annotations": metadata.get("annotations"),
        "managers": sorted(managers, key=lambda entry: entry["manager"]),
        "spec": body.get("spec"),
        "data": body.get("data"),
    }


def resource(place: Place, api_version: str, kind: str) -> Any:
    return DynamicClient(place.api).resources.get(api_version=api_version, kind=kind)


@pytest.fixture
def manifests(empty: Pair, tmp_path: Any) -> Iterator[tuple[str, Callable[[str], str]]]:
    """The page's file, and a way to write a text to a path that kubectl can read."""

    def write(text: str) -> str:
        path = tmp_path / "manifests.yaml"
        path.write_text(text)
        return str(path)

    yield applying.MANIFESTS.replace("replicas: 2", "replicas: 0"), write
    for place in empty.both():
        place.delete()
        core = client.CoreV1Api(place.api)
        core.delete_namespaced_config_map("settings", place.namespace)


def config_maps(pair: Pair) -> list[dict[str, Any]]:
    return [
        comparable(
            client.CoreV1Api(place.api).read_namespaced_config_map(
                "settings", place.namespace
            )
        )
        for place in pair.both()
    ]


def test_create(empty: Pair, manifests: tuple[str, Callable[[str], str]]) -> None:
    text, write = manifests
    text = f"---\n---\n{text}---\n"  # with nothing between some of them
    cluster = DynamicClient(empty.ours.api)
    output = empty.kubectl("create", "-f", write(text))
    assert applying.kubectl_create(cluster, text, empty.ours.namespace) == (
        output.splitlines()
    )
    managers = empty.assert_equal()["managers"]
    assert [each["manager"] for each in managers] == ["kubectl-create"]
    theirs, ours = config_maps(empty)
    assert ours == theirs
    assert "AlreadyExists" in refused(empty.theirs, "create", "-f", write(text))
    with pytest.raises(ConflictError):
        applying.kubectl_create(cluster, text, empty.ours.namespace)


def test_apply_and_diff(
    empty: Pair, manifests: tuple[str, Callable[[str], str]]
) -> None:
    text, write = manifests
    cluster, namespace = DynamicClient(empty.ours.api), empty.ours.namespace
    server_side = ["apply", "--server-side", "-f"]

    # Before there is anything, all of it is new. kubectl then shows names and times
    # which are different each time, so only the spec's lines are compared.
    new = empty.theirs.kubectl("diff", "--server-side", "-f", write(text)).stdout
    for line in applying.kubectl_diff(cluster, text, namespace):
        if "agnhost" in line or "colour" in line:
            assert line in new.splitlines()

    applied = empty.kubectl(*server_side, write(text))
    assert applying.kubectl_apply(cluster, text, namespace) == applied.splitlines()
    managers = empty.assert_equal()["managers"]
    assert [each["operation"] for each in managers] == ["Apply"]
    theirs, ours = config_maps(empty)
    assert ours == theirs

    assert succeed(empty.theirs, "diff", "--server-side", "-f", write(text)) == ""
    assert applying.kubectl_diff(cluster, text, namespace) == []
    changed = text.replace("green", "blue").replace(
        "args:", "tty: true\n          args:"
    )
    output = succeed(
        empty.theirs, "diff", "--server-side", "-f", write(changed), code=1
    )
    theirs = [
        line
        for line in output.splitlines()
        if line[0] in "+-" and not line.startswith(("---", "+++"))
    ]
    ours = applying.kubectl_diff(cluster, changed, namespace)
    assert sorted(ours) == sorted(theirs)
    assert "+  colour: blue" in ours
    assert "+        tty: true" in ours

    # Another manager takes a field over: both refuse, and both can be forced.
    for place in empty.both():
        place.patch_server(image=f"{AGNHOST}:2.66.1")
    assert "conflict" in refused(empty.theirs, *server_side, write(text))
    with pytest.raises(ConflictError):
        applying.kubectl_apply(cluster, text, namespace)
    empty.kubectl(*server_side, write(text), "--force-conflicts")
    applying.kubectl_apply(cluster, text, namespace, force_conflicts=True)
    spec = empty.assert_equal()["spec"]
    assert spec["template"]["spec"]["containers"][0]["image"] == f"{AGNHOST}:2.63.0"


def test_wait_for_a_condition(pair: Pair) -> None:
    deployments = resource(pair.ours, "apps/v1", "Deployment")
    namespace = pair.ours.namespace
    words = ["wait", "deployment/web"]
    output = pair.kubectl(*words, "--for=condition=available")
    ours = waiting.kubectl_wait(deployments, "web", namespace, "available")
    assert ours == output

    output = refused(pair.theirs, *words, "--for=condition=Broken", "--timeout=1s")
    with pytest.raises(TimeoutError) as late:
        waiting.kubectl_wait(deployments, "web", namespace, "Broken", timeout=1)
    ours, _, seen = f"error: {late.value}".partition(", last seen: ")
    assert ours == output
    assert "Available=True" in seen

    # A condition can be waited for to be false, and any other word.
    false = ["--for=condition=Available=false", "--timeout=1s"]
    assert "timed out" in refused(pair.theirs, *words, *false)
    with pytest.raises(TimeoutError):
        waiting.kubectl_wait(deployments, "web", namespace, "Available", "false", 1)

    missing = refused(pair.theirs, "wait", "deployment/wbe", "--for=condition=Broken")
    assert "NotFound" in missing
    with pytest.raises(NotFoundError):
        waiting.kubectl_wait(deployments, "wbe", namespace, "Broken")


def test_a_condition_about_an_older_generation_does_not_count() -> None:
    condition: dict[str, Any] = {"type": "Available", "status": "True"}
    body: dict[str, Any] = {
        "metadata": {"generation": 2},
        "status": {"observedGeneration": 1, "conditions": [condition]},
    }
    assert not waiting.has_condition(body, "Available", "True")
    body["status"]["observedGeneration"] = 2
    assert waiting.has_condition(body, "Available", "True")
    condition["observedGeneration"] = 1
    assert not waiting.has_condition(body, "Available", "True")


def test_get_and_describe(empty: Pair) -> None:
    """On one Deployment: both read, and nothing is changed."""
    place = empty.ours
    place.create(replicas=2)
    try:
        core = client.CoreV1Api(place.api)
        place.wait("available", lambda web: web.status.available_replicas == 2)
        selector = ["get", "pods", "-l", "app=web", "-o", "name"]
        names = getting.kubectl_get_names(core, place.namespace, "app=web")
        assert len(names) == 2
        assert names == succeed(place, *selector).splitlines()
        running = "status.phase=Running"
        by_field = succeed(place, *selector, f"--field-selector={running}")
        assert by_field.splitlines() == (
            getting.kubectl_get_names(core, place.namespace, "app=web", running)
        )
        assert getting.kubectl_get_names(core, place.namespace, "app=api") == []

        path = "jsonpath={.items[*].spec.template.spec.containers[*].image}"
        images = getting.kubectl_get_images(place.apps, place.namespace)
        assert images == succeed(place, "get", "deployments", "-o", path).split()

        for wide in (False, True):
            for name, words in [
                ("apis/apps/v1", "deployments"),
                ("apis/apps/v1", "replicasets"),
                ("api/v1", "pods"),
            ]:
                url = f"/{name}/namespaces/{place.namespace}/{words}"
                ours = getting.kubectl_get_table(place.api, url, wide)
                option = ["-o", "wide"] if wide else []
                theirs = table(succeed(place, "get", words, *option))
                assert without_age(ours) == without_age(theirs)
                assert theirs

        def events_of(web: Any) -> list[Any]:
            uid = web.metadata.uid
            return getting.kubectl_describe_events(core, uid, place.namespace)

        place.wait("told of by an Event", lambda web: bool(events_of(web)))
        described = succeed(place, "describe", "deployment", "web")
        _, _, events = described.partition("\nEvents:\n")
        theirs = [
            (row["Type"], row["Reason"], row["From"], row["Message"])
            for row in table(events)
            if not row["Type"].startswith("--")
        ]
        ours = events_of(place.read())
        assert sorted(ours) == sorted(theirs)
        assert theirs
    finally:
        place.delete()


def table(text: str) -> list[dict[str, str]]:
    heading, *rows = [re.split(r" {2,}", line.strip()) for line in text.splitlines()]
    return [dict(zip(heading, row, strict=True)) for row in rows]


def without_age(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{k: v for k, v in row.items() if k != "AGE"} for row in rows]


def test_label(pair: Pair) -> None:
    ours = pair.ours
    words = ["label", "deployment", "web"]
    pair.kubectl(*words, "tier=frontend", "example.com/kept=yes")
    labels = {"tier": "frontend", "example.com/kept": "yes"}
    labelling.kubectl_label(ours.apps, "web", ours.namespace, labels)
    pair.assert_equal()

    stderr = refused(pair.theirs, *words, "tier=backend")
    with pytest.raises(ValueError, match="tier") as error:
        labelling.kubectl_label(ours.apps, "web", ours.namespace, {"tier": "backend"})
    assert stderr == f"error: {error.value}, and --overwrite is false"
    pair.assert_equal()
    assert "already has a value" in refused(pair.theirs, *words, "tier=")
    with pytest.raises(ValueError, match="tier"):
        labelling.kubectl_label(ours.apps, "web", ours.namespace, {"tier": ""})

    pair.kubectl(*words, "tier=backend", "--overwrite")
    labelling.kubectl_label(
        ours.apps, "web", ours.namespace, {"tier": "backend"}, overwrite=True
    )
    assert pair.assert_equal()["labels"]["tier"] == "backend"

    pair.kubectl(*words, "tier-")
    labelling.kubectl_label(ours.apps, "web", ours.namespace, {"tier": None})
    assert pair.assert_equal()["labels"] == {"example.com/kept": "yes"}


def test_annotate(pair: Pair) -> None:
    ours = pair.ours
    words = ["annotate", "deployment", "web"]
    pair.kubectl(*words, "example.com/team=red")
    labelling.kubectl_annotate(
        ours.apps, "web", ours.namespace, {"example.com/team": "red"}
    )
    assert pair.assert_equal()["annotations"]["example.com/team"] == "red"
    pair.kubectl(*words, "example.com/team-")
    labelling.kubectl_annotate(
        ours.apps, "web", ours.namespace, {"example.com/team": None}
    )
    assert "example.com/team" not in pair.assert_equal()["annotations"]


def test_set_image(pair: Pair) -> None:
    image = f"{AGNHOST}:2.66.1"
    for place in pair.both():
        place.patch(
            {
                "spec": {
                    "template": {
                        "spec": {"containers": [{"name": "side", "image": "busybox"}]}
                    }
                }
            }
        )
    pair.assert_equal()
    pair.kubectl("set", "image", "deployment/web", f"server={image}")
    scaling.kubectl_set_image(
        pair.ours.apps, "web", pair.ours.namespace, {"server": image}
    )
    containers = pair.assert_equal()["spec"]["template"]["spec"]["containers"]
    assert {each["name"]: each["image"] for each in containers} == {
        "server": image,
        "side": "busybox",
    }
    # Sent as it is, the patch would add a container.
    theirs = pair.theirs.kubectl("set", "image", "deployment/web", f"sever={image}")
    assert theirs.returncode != 0
    with pytest.raises(LookupError) as refused:
        scaling.kubectl_set_image(
            pair.ours.apps, "web", pair.ours.namespace, {"sever": image}
        )
    assert str(refused.value).replace("sever", '"sever"') in theirs.stderr
    pair.assert_equal()


def test_scale(pair: Pair) -> None:
    pair.kubectl("scale", "deployment/web", "--replicas=1")
    scaling.kubectl_scale(pair.ours.apps, "web", pair.ours.namespace, 1)
    after = pair.assert_equal()
    assert after["spec"]["replicas"] == 1
    assert [each["subresource"] for each in after["managers"]] == ["scale"]


def test_autoscale(pair: Pair) -> None:
    pair.kubectl("autoscale", "deployment/web", "--min=2", "--max=6", "--cpu=50%")
    api = client.AutoscalingV2Api(pair.ours.api)
    scaling.kubectl_autoscale(api, "web", pair.ours.namespace, 2, 6, 50)
    try:
        theirs, ours = [
            comparable(
                api.read_namespaced_horizontal_pod_autoscaler("web", place.namespace)
            )
            for place in pair.both()
        ]
        assert ours == theirs
        assert ours["spec"]["maxReplicas"] == 6
    finally:
        for place in pair.both():
            api.delete_namespaced_horizontal_pod_autoscaler("web", place.namespace)


@pytest.mark.parametrize("type_", ["strategic", "merge", "json"])
def test_patch(pair: Pair, type_: str) -> None:
    container = {"name": "server", "image": f"{AGNHOST}:2.66.1", "tty": True}
    changes: Any = {
        "metadata": {"annotations": {"kubernetes.io/change-cause": None}},
        "spec": {"template": {"spec": {"containers": [container]}}},
    }
    if type_ == "json":
        path = "/spec/template/spec/containers/0/image"
        changes = [{"op": "replace", "path": path, "value": container["image"]}]
    given = [f"--type={type_}", "-p", json.dumps(changes)]
    pair.kubectl("patch", "deployment", "web", *given)
    ours = pair.ours
    kubectl_patch(ours.apps, "web", ours.namespace, changes, type_)
    spec = pair.assert_equal()["spec"]
    [server] = spec["template"]["spec"]["containers"]
    assert server["image"] == container["image"]
    # The one kind of patch that replaces a list as a whole.
    assert ("args" in server) == (type_ != "merge")


def test_stale_patch_is_refused_by_none_of_them(pair: Pair) -> None:
    """A patch without a resourceVersion in it does not ask what was there before."""
    for type_, changes in {
        "strategic": {"spec": {"minReadySeconds": 1}},
        "merge": {"spec": {"minReadySeconds": 2}},
        "json": [{"op": "replace", "path": "/spec/minReadySeconds", "value": 3}],
    }.items():
        ours = pair.ours
        kubectl_patch(ours.apps, "web", ours.namespace, changes, type_)
    assert pair.ours.read().spec.min_ready_seconds == 3
    version = {"metadata": {"resourceVersion": "1"}}
    with pytest.raises(ConflictException):
        kubectl_patch(pair.ours.apps, "web", pair.ours.namespace, version)
    given = ["patch", "deployment", "web", "-p", json.dumps(version)]
    assert "Conflict" in refused(pair.theirs, *given)


@pytest.mark.parametrize(
    ("verb", "resource_", "for_python"),
    [
        ("get", "deployments", "deployments.apps"),
        ("delete", "pods", "pods"),
        ("create", "pods/exec", "pods/exec"),
        (
            "create",
            "selfsubjectaccessreviews",
            "selfsubjectaccessreviews.authorization.k8s.io",
        ),
    ],
)
def test_can_i(
    empty: Pair, cluster: Cluster, verb: str, resource_: str, for_python: str
) -> None:
    place = empty.ours
    plural, _, subresource = resource_.partition("/")
    words = ["auth", "can-i", verb, plural]
    words += [f"--subresource={subresource}"] if subresource else []
    account = f"system:serviceaccount:{place.namespace}:default"
    with run.client_for(cluster.kubeconfig) as api:
        assert asking.kubectl_auth_can_i(api, verb, for_python, place.namespace)
        assert place.kubectl(*words).stdout.strip() == "yes"
        api.set_default_header("Impersonate-User", account)
        may = asking.kubectl_auth_can_i(api, verb, for_python, place.namespace)
    output = place.kubectl(*words, f"--as={account}").stdout.strip()
    assert output == ("yes" if may else "no")


def test_whoami(empty: Pair) -> None:
    review = json.loads(succeed(empty.ours, "auth", "whoami", "-o", "json"))
    me = asking.kubectl_auth_whoami(empty.ours.api)
    assert me.username == review["status"]["userInfo"]["username"]
    assert me.groups == review["status"]["userInfo"]["groups"]


@pytest.mark.parametrize("cascade", ["Background", "Foreground", "Orphan"])
def test_delete(pair: Pair, cascade: str) -> None:
    before = [place.read().metadata.uid for place in pair.both()]
    pair.kubectl("delete", "deployment", "web", f"--cascade={cascade.lower()}")
    deployments = resource(pair.ours, "apps/v1", "Deployment")
    kubectl_delete(deployments, "web", pair.ours.namespace, cascade)
    left: list[list[Any]] = []
    for place, uid in zip(pair.both(), before, strict=True):
        apps, namespace = place.apps, place.namespace
        assert apps.list_namespaced_deployment(namespace).items == []
        sets: list[Any] = apps.list_namespaced_replica_set(namespace).items
        deadline = time.monotonic() + SECONDS
        # The garbage collector has its own pace.
        while cascade == "Background" and any(uid in owners(each) for each in sets):
            assert time.monotonic() < deadline, sets
            time.sleep(0.2)
            sets = apps.list_namespaced_replica_set(namespace).items
        left.append([owners(each) for each in sets])
        for each in sets:
            apps.delete_namespaced_replica_set(each.metadata.name, namespace)
    assert left[0] == left[1] == ([[]] if cascade == "Orphan" else [])
    assert "NotFound" in refused(pair.theirs, "delete", "deployment", "web")
    with pytest.raises(NotFoundError):
        kubectl_delete(deployments, "web", pair.ours.namespace)


def owners(thing: Any) -> list[str]:
    return [owner.uid for owner in thing.metadata.owner_references or []]


def test_delete_waits_for_finalizers(pair: Pair) -> None:
    held = "example.com/held"
    for place in pair.both():
        place.patch({"metadata": {"finalizers": [held]}})
    try:
        stderr = refused(pair.theirs, "delete", "deployment", "web", "--timeout=1s")
        assert "timed out" in stderr
        deployments = resource(pair.ours, "apps/v1", "Deployment")
        with pytest.raises(TimeoutError, match=held):
            kubectl_delete(deployments, "web", pair.ours.namespace, timeout=1)
        assert all(place.read().metadata.deletion_timestamp for place in pair.both())
    finally:
        for place in pair.both():
            place.patch({"metadata": {"$deleteFromPrimitiveList/finalizers": [held]}})


def test_top(empty: Pair, cluster: Cluster) -> None:
    if "metrics" not in cluster.capabilities:
        pytest.skip("the cluster has no metrics")
    place = empty.ours
    core = client.CoreV1Api(place.api)
    pod: Any = {
        "metadata": {
            "name": "measured",
            # What it uses, on a simulated node; not in whole units, to be rounded.
            "annotations": {
                "kwok.x-k8s.io/usage-cpu": "12500u",
                "kwok.x-k8s.io/usage-memory": "5M",
            },
        },
        "spec": {
            "terminationGracePeriodSeconds": 0,
            "containers": [
                {
                    "name": name,
                    "image": f"{AGNHOST}:2.66.1",
                    "args": ["pause"],
                    "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}},
                }
                for name in ("one", "two")
            ],
        },
    }
    core.create_namespaced_pod(place.namespace, pod)
    try:
        deadline = time.monotonic() + SECONDS
        ours = theirs = None
        # What is measured may change between the two: ask again.
        while not ours or ours != theirs:
            assert time.monotonic() < deadline, f"ours {ours}, kubectl's {theirs}"
            try:
                ours = kubectl_top_pods(place.api, place.namespace)
            except client.ApiException as error:
                if error.status != 503:  # metrics-server was too slow
                    raise
            done = place.kubectl("top", "pods", "--no-headers")
            rows = [line.split() for line in done.stdout.splitlines()]
            theirs = {
                name: (int(cpu.removesuffix("m")), int(memory.removesuffix("Mi")))
                for name, cpu, memory in rows
            }
            time.sleep(0.5)
        assert list(ours) == ["measured"]
    finally:
        core.delete_namespaced_pod("measured", place.namespace)


@pytest.fixture(scope="module")
def toolbox(empty: Pair, cluster: Cluster) -> Iterator[Place]:
    """A namespace with the Pod of the programs in it, which has said all its lines."""
    if "containers" not in cluster.capabilities:
        pytest.skip(
            f"needs containers, which the driver {cluster.driver} does not have"
        )
    place = empty.ours
    core = client.CoreV1Api(place.api)
    core.create_namespaced_pod(place.namespace, logs.TOOLBOX)
    logs.wait_until_ready(core, "toolbox", place.namespace, timeout=120)
    lines = logs.kubectl_logs_follow(core, "toolbox", place.namespace, silence=30)
    assert list(islice(lines, 5))[-1] == "line 5"
    yield place
    core.delete_namespaced_pod("toolbox", place.namespace)


def test_logs(toolbox: Place) -> None:
    core = client.CoreV1Api(toolbox.api)
    for options, words in [
        ({}, []),
        ({"tail_lines": 2}, ["--tail=2"]),
        ({"container": "toolbox", "limit_bytes": 9}, ["-c=toolbox", "--limit-bytes=9"]),
    ]:
        ours = logs.kubectl_logs(core, "toolbox", toolbox.namespace, **options)
        assert ours == toolbox.kubectl("logs", "toolbox", *words).stdout
        assert ours
    assert "NotFound" in refused(toolbox, "logs", "tolbox")
    with pytest.raises(client.ApiException) as error:
        logs.kubectl_logs(core, "tolbox", toolbox.namespace)
    assert error.value.status == 404


def phase(core: Any, pod: str, namespace: str) -> str:
    return core.read_namespaced_pod(pod, namespace).status.phase


def test_logs_are_followed_to_the_end(toolbox: Place) -> None:
    core = client.CoreV1Api(toolbox.api)
    container = {
        "name": "short",
        "image": logs.TOOLBOX.spec.containers[0].image,
        "command": ["sh", "-c", "echo first; sleep 5; printf 'no newline'"],
    }
    spec = {"restartPolicy": "Never", "containers": [container]}
    body: Any = {"metadata": {"name": "short"}, "spec": spec}
    core.create_namespaced_pod(toolbox.namespace, body)
    try:
        # Or it has ended already, by the time that a busy kubelet tells of it.
        deadline = time.monotonic() + SECONDS
        while phase(core, "short", toolbox.namespace) == "Pending":
            assert time.monotonic() < deadline, "short is still pending"
            time.sleep(0.2)
        ours = logs.kubectl_logs_follow(core, "short", toolbox.namespace, silence=30)
        assert list(ours) == ["first", "no newline"]
        theirs = toolbox.kubectl("logs", "-f", "short").stdout
        assert theirs.splitlines() == ["first", "no newline"]
    finally:
        core.delete_namespaced_pod("short", toolbox.namespace)


@pytest.mark.parametrize(
    ("command", "stdin"),
    [
        ("echo out; echo err >&2; exit 3", ""),
        ("exit 137", ""),
        ("tr a-z A-Z", "from outside, so many times\n" * 10_000),
        ("head -c 1000000 /dev/zero | tr '\\0' x", ""),
        ("head -c 4", "more than it wants\n" * 5_000),
    ],
    ids=["three outputs", "killed", "much in", "much out", "too much in"],
)
def test_exec(toolbox: Place, command: str, stdin: str) -> None:
    core = client.CoreV1Api(toolbox.api)
    words = ["sh", "-c", command]
    theirs = toolbox.kubectl("exec", "-i", "toolbox", "--", *words, stdin=stdin)
    code, out, err = kubectl_exec(
        core, "toolbox", toolbox.namespace, words, stdin.encode()
    )
    assert code == theirs.returncode
    assert out.decode() == theirs.stdout
    exit_message = f"command terminated with exit code {code}\n" if code else ""
    assert err.decode() + exit_message == theirs.stderr


def test_exec_of_what_can_not_be_started(toolbox: Place) -> None:
    core = client.CoreV1Api(toolbox.api)
    theirs = toolbox.kubectl("exec", "toolbox", "--", "no-such-command")
    assert theirs.returncode != 0
    with pytest.raises(RuntimeError, match="no-such-command"):
        kubectl_exec(core, "toolbox", toolbox.namespace, ["no-such-command"])
    with pytest.raises(TimeoutError):
        kubectl_exec(core, "toolbox", toolbox.namespace, ["sleep", "30"], timeout=1)


def test_port_forward(toolbox: Place) -> None:
    core = client.CoreV1Api(toolbox.api)
    kubectl = toolbox.start_kubectl("port-forward", "pod/toolbox", ":8080")
    try:
        assert kubectl.stdout is not None
        match = re.search(r"127.0.0.1:(\d+) -> 8080", kubectl.stdout.readline())
        assert match is not None
        theirs = page(int(match[1]))
    finally:
        kubectl.terminate()
        kubectl.wait(SECONDS)
    with kubectl_port_forward(core, "toolbox", toolbox.namespace, 8080) as port:
        assert [page(port), page(port)] == [theirs, theirs]
    assert theirs == b"hello from the Pod\n"
    with pytest.raises(OSError, match="refused"):
        page(port)


def page(port: int) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
        return answer.read()


def test_cp(toolbox: Place, tmp_path: Path) -> None:
    core, namespace = client.CoreV1Api(toolbox.api), toolbox.namespace
    source = tmp_path / "source"
    (source / "deep").mkdir(parents=True)
    (source / "deep" / "bytes").write_bytes(bytes(range(256)) * 4000)
    (source / "text").write_text("a line\n")

    succeed(toolbox, "cp", str(source), "toolbox:/tmp/theirs")
    copying.kubectl_cp_to(core, source, "toolbox", namespace, "/tmp/ours")
    find = "find . -type f -exec md5sum {} + | sort"
    theirs, ours = [
        succeed(toolbox, "exec", "toolbox", "--", "sh", "-c", f"cd /tmp/{who}; {find}")
        for who in ("theirs", "ours")
    ]
    assert theirs == ours
    assert len(ours.splitlines()) == 2

    succeed(toolbox, "cp", "toolbox:/tmp/theirs", str(tmp_path / "back"))
    copying.kubectl_cp_from(core, "toolbox", namespace, "/tmp/ours", tmp_path)
    for copy in (tmp_path / "back", tmp_path / "ours"):
        for path in ("deep/bytes", "text"):
            assert (copy / path).read_bytes() == (source / path).read_bytes()

    missing = toolbox.kubectl("cp", "toolbox:/no/such/file", str(tmp_path / "none"))
    # Here they differ: kubectl ends with 0. What tar says it passes on, but not always:
    # under load, all of its output was once empty.
    assert missing.returncode == 0
    assert not (tmp_path / "none").exists()
    with pytest.raises(RuntimeError, match="No such file"):
        copying.kubectl_cp_from(core, "toolbox", namespace, "/no/such/file", tmp_path)
    file = source / "text"
    with pytest.raises(RuntimeError, match="No such file"):
        copying.kubectl_cp_to(core, file, "toolbox", namespace, "/no/such/folder/text")


def test_debug(toolbox: Place) -> None:
    core, namespace = client.CoreV1Api(toolbox.api), toolbox.namespace
    image, words = "docker.io/library/busybox:1.35.0", ["ps", "-o", "pid,args"]
    options = [f"--image={image}", "--target=toolbox", "--profile=baseline"]
    succeed(toolbox, "debug", "toolbox", *options, "-c=theirs", "--", *words)
    log = kubectl_debug(core, "toolbox", namespace, "ours", image, words, "toolbox")
    pod: Any = client.ApiClient().sanitize_for_serialization(
        core.read_namespaced_pod("toolbox", namespace)
    )
    theirs, ours = (
        container | {"name": "any"} for container in pod["spec"]["ephemeralContainers"]
    )
    assert ours == theirs
    assert "sleep 3600" in log

    fails, slow = ["sh", "-c", "exit 3"], ["sleep", "60"]
    with pytest.raises(RuntimeError, match="exit code 3"):
        kubectl_debug(core, "toolbox", namespace, "fails", image, fails, "toolbox")
    with pytest.raises(TimeoutError, match="slow in toolbox, after 1 s: "):
        kubectl_debug(core, "toolbox", namespace, "slow", image, slow, "toolbox", 1)
    with pytest.raises(ValueError, match="starts only once"):
        kubectl_debug(core, "toolbox", namespace, "ours", image, words, "toolbox")
    with pytest.raises(client.ApiException) as error:
        kubectl_debug(core, "tolbox", namespace, "no-pod", image, words, "toolbox")
    assert error.value.status == 404
