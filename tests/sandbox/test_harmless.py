"""A page that is run by hand on somebody's own cluster harms nobody there.

It creates what it names or fails, takes over nothing, and deletes only what it made.
Here all pages are run by the lines that they print, as administrator, beside objects of
others.
"""

import json
import os
import shlex
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from book import run_section
from sandbox import binaries, inventory
from sandbox.kubeconfig import client_for
from sandbox.story import Manifest
from tests import machine
from tests.examples.conftest import FOLDERS, NOTEBOOKS
from tests.sandbox import by_hand
from tests.sandbox.by_hand import Place, Typed
from tests.sandbox.conftest import World, program, wait_until

pytestmark = pytest.mark.xdist_group(machine.BUSY)

STORIES = [Typed.of(place) for place in (*FOLDERS, *NOTEBOOKS)]
NAMES = [each.story.name for each in STORIES]

# The longest, which are begun first.
SLOW = ("self-healing", "autoscaling")

OTHERS = {"of": "others"}
"""The labels of what is no story's."""


def theirs(version: str, kind: str, name: str = "theirs", **fields: Any) -> Manifest:
    """An object of others."""
    metadata = {"name": name, "labels": OTHERS}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **fields}


# Without requests, so that they leave room.
POD = {"containers": [{"name": "till", "image": "registry.k8s.io/pause:3.10"}]}
SELECTOR = {"matchLabels": OTHERS}
TEMPLATE = {"metadata": {"labels": OTHERS}, "spec": POD}
CLAIM = {
    "accessModes": ["ReadWriteOnce"],
    "resources": {"requests": {"storage": "1Gi"}},
    "storageClassName": "theirs",
}
BUDGET = {"maxUnavailable": 1, "selector": SELECTOR}
IN_A_NAMESPACE = [
    theirs("v1", "Pod", spec=POD),
    theirs("apps/v1", "Deployment", spec={"selector": SELECTOR, "template": TEMPLATE}),
    theirs("v1", "Service", spec={"selector": OTHERS, "ports": [{"port": 80}]}),
    theirs("v1", "ConfigMap", data={"colour": "theirs"}),
    theirs("v1", "Secret", stringData={"PASSWORD": "theirs"}),
    theirs("v1", "PersistentVolumeClaim", spec=CLAIM),
    theirs("policy/v1", "PodDisruptionBudget", spec=BUDGET),
]
KINDS = (
    "pods,replicasets,deployments,services,configmaps,secrets,persistentvolumeclaims,"
    "poddisruptionbudgets"
)

# What programs make in no Namespace, as others may have it. The label of nodes has KWOK
# play their kubelets.
VOLUME = {
    "accessModes": ["ReadWriteOnce"],
    "capacity": {"storage": "1Gi"},
    "hostPath": {"path": "/mnt"},
    "storageClassName": "theirs",
}
IN_NONE = {
    "nodes": theirs(
        "v1", "Node", spec={"taints": [{"key": "theirs", "effect": "NoSchedule"}]}
    ),
    "persistentvolumes": theirs("v1", "PersistentVolume", spec=VOLUME),
    "priorityclasses": theirs("scheduling.k8s.io/v1", "PriorityClass", value=7),
}


def kubectl(place: Place, *arguments: str, stdin: str = "") -> str:
    """What kubectl prints."""
    done = subprocess.run(
        ["kubectl", *arguments],
        env=place.variables,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=by_hand.SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"kubectl {arguments}: {done.stderr}"
    return done.stdout


def create(place: Place, manifests: Iterable[Manifest], *namespace: str) -> None:
    """Create objects of others."""
    text = yaml.safe_dump_all(manifests)
    kubectl(place, "create", "-f", "-", *namespace, stdin=text)


def held(place: Place, *which: str) -> list[str]:
    """Objects as JSON, but for what the kubelet writes of a node again and again."""
    items = json.loads(kubectl(place, "get", *which, "--output=json"))["items"]
    for item in items:
        if item["kind"] == "Node":
            del item["status"], item["metadata"]["resourceVersion"]
    return [json.dumps(item, indent=1, sort_keys=True) for item in items]


def beside_others(typed: Typed, place: Place) -> tuple[str, list[str], list[str]]:
    """Run a story whose Namespace others use as well.

    Returns what failed, and what the others had before its programs and after them.
    """
    if failed := typed.create(place):
        return failed, [], []
    of = (f"--namespace={typed.story.namespace}", "--selector=of=others")
    wait = ("wait", "--timeout=60s", of[0])
    kubectl(place, *wait, "--for=create", "serviceaccount/default")
    create(place, IN_A_NAMESPACE, of[0])
    # They come to rest before the story begins.
    kubectl(place, *wait, "--for=condition=Available", "deployment/theirs")
    kubectl(place, *wait, "--for=condition=Ready", "pods", of[1])
    before = held(place, KINDS, *of)
    failed = typed.run_programs(place)
    return failed, before, held(place, KINDS, *of)


def until_it_fails(typed: Typed, place: Place) -> str:
    """Run a story; what failed first."""
    return typed.create(place) or typed.run_programs(place)


@dataclass(frozen=True)
class Ran:
    """What became of all stories beside the objects of others."""

    place: Place
    each: dict[str, tuple[str, list[str], list[str]]]
    nodes_before: list[str]
    nodes_after: list[str]
    left: list[str]
    """Of what is outside of their Namespaces."""
    made: dict[str, list[Manifest]]
    """By the story's name: objects of others that have the names of what its programs
    made in no Namespace.
    """


@pytest.fixture(scope="module")
def place(shared_world: World, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A cluster that no other test uses, with a node cordoned and another tainted."""
    up = shared_world.run("up", "--driver", "kwok")
    assert up.returncode == 0, up
    state = json.loads((shared_world.sandboxes / "default" / "state.json").read_text())
    exported = dict(word.split("=", 1) for word in shlex.split(up.stdout)[1:])
    search = f"{binaries.find('kubectl').parent}{os.pathsep}{os.environ['PATH']}"
    variables = {**os.environ, **exported, "PATH": search, "MPLBACKEND": "agg"}
    scratch = tmp_path_factory.mktemp("harmless")
    made = Place(variables, frozenset[str](state["capabilities"]), scratch)
    kubectl(made, "cordon", "node-1")
    kubectl(made, "taint", "node", "node-2", "theirs:NoSchedule")
    # Each has more taints while it is new.
    keys = "jsonpath={.items[*].spec.taints[*].key}"
    settled = ["node.kubernetes.io/unschedulable", "theirs"]
    wait_until(lambda: kubectl(made, "get", "nodes", "-o", keys).split() == settled)
    return made


@pytest.fixture(scope="module")
def ran(place: Place) -> Ran:
    """All stories, each to its end and deleted."""
    log = Path(place.variables["SANDBOX_AUDIT_LOG"])
    begin = log.stat().st_size
    with client_for(Path(place.variables["KUBECONFIG"])) as api:
        before, nodes = inventory.objects(api), held(place, "nodes")
        longest_first = sorted(STORIES, key=lambda each: each.story.name not in SLOW)
        each = by_hand.side_by_side(beside_others, longest_first, place)
        after = held(place, "nodes")
        in_threads(lambda typed: typed.delete(place), STORIES)
        left = inventory.settled_difference(api, before, by_hand.SECONDS)
    made: defaultdict[str, list[Manifest]] = defaultdict(list)
    for resource, name in made_by_programs(log, begin):
        decoy = IN_NONE[resource]
        metadata = {"name": name, "labels": {**OTHERS, "type": "kwok"}}
        made[owner(name)].append({**decoy, "metadata": metadata})
    return Ran(place, each, nodes, after, left, made)


def in_threads(run: Callable[[Typed], str], stories: list[Typed]) -> dict[str, str]:
    """Have another process do the work for each story; what it said, by their names."""
    with ThreadPoolExecutor(by_hand.WORKERS) as pool:
        texts = pool.map(run, stories)
        return {t.story.name: text for t, text in zip(stories, texts, strict=True)}


def made_by_programs(log: Path, begin: int) -> Iterator[tuple[str, str]]:
    """The resource and the name of what a Python client has made in no Namespace."""
    with log.open("rb") as file:
        file.seek(begin)
        for line in file:
            event = json.loads(line)
            about = event.get("objectRef", {})
            if (
                event["verb"] == "create"
                and event["userAgent"].startswith("OpenAPI-Generator/")
                and "namespace" not in about
            ):
                yield about["resource"], about["name"]


def owner(name: str) -> str:
    """The story whose Namespace's name begins this one; the name itself, if none's."""
    stories = [
        t.story for t in STORIES if f"{name}-".startswith(f"{t.story.namespace}-")
    ]
    return (
        max(stories, key=lambda story: len(story.namespace)).name if stories else name
    )


@pytest.mark.parametrize("name", NAMES)
def test_others_in_its_namespace_keep_what_they_have(ran: Ran, name: str) -> None:
    failed, before, after = ran.each[name]
    assert failed == ""
    assert before
    assert after == before


def test_nodes_are_as_before_and_nothing_is_left(ran: Ran) -> None:
    assert ran.nodes_before
    assert ran.nodes_after == ran.nodes_before
    assert ran.left == []


def test_what_is_in_no_namespace_has_its_name(ran: Ran) -> None:
    """So it is renamed with the Namespace, and two copies don't meet."""
    assert ran.made
    assert ran.made.keys() <= {*NAMES}


def test_programs_take_over_nothing_that_has_their_names(ran: Ran) -> None:
    place = ran.place
    decoys = [decoy for each in ran.made.values() for decoy in each]
    assert {decoy["kind"] for decoy in decoys} == {d["kind"] for d in IN_NONE.values()}
    create(place, decoys)
    which = (",".join(IN_NONE), "--selector=of=others")
    kubectl(place, "wait", "--timeout=60s", "--for=condition=Ready", "nodes", which[1])
    kubectl(
        place,
        "wait",
        "--timeout=60s",
        "--for=jsonpath={.status.phase}=Available",
        "persistentvolumes",
        which[1],
    )
    before = held(place, *which)
    stories = [each for each in STORIES if each.story.name in ran.made]
    failed = by_hand.side_by_side(until_it_fails, stories, place)
    assert held(place, *which) == before
    for name in ran.made:
        assert "AlreadyExists" in failed[name]
    # By the last line, which its reader types then.
    assert {*in_threads(lambda typed: typed.delete(place), stories).values()} == {""}
    assert held(place, *which) == before


def test_setup_takes_over_nothing_that_has_its_names(place: Place) -> None:
    """It isn't deleted either, where all lines are pasted at once."""
    decoys = [
        {**manifest, "metadata": manifest["metadata"] | {"labels": OTHERS}}
        for each in STORIES
        for manifest in each.story.setup
        if "namespace" not in manifest["metadata"]
    ]
    create(place, decoys)
    kinds = sorted({decoy["kind"] for decoy in decoys})
    assert kinds == [
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "Namespace",
    ]
    kubectl(
        place,
        "wait",
        "--timeout=60s",
        "--for=condition=Established",
        "crd",
        "--selector=of=others",
    )
    which = (",".join(kinds), "--selector=of=others")
    before = held(place, *which)
    assert len(before) == len(decoys)
    # Were a program begun, there'd be this file.
    begun = place.scratch / "begun"
    uv = program(place.scratch / "bin", "uv", f"touch '{begun}'\n")
    path = f"{uv.parent}{os.pathsep}{place.variables['PATH']}"

    def paste(typed: Typed) -> str:
        """What is wrong, according to the shell."""
        done = subprocess.run(
            ["bash", "-c", run_section.AND.join(typed.lines)],
            cwd=typed.folder,
            env=place.variables | {"PATH": path},
            capture_output=True,
            text=True,
            timeout=by_hand.SECONDS,
            check=False,
        )
        return done.stderr if done.returncode else ""

    for name, wrong in in_threads(paste, STORIES).items():
        assert "AlreadyExists" in wrong, name
    assert not begun.exists()
    assert held(place, *which) == before
