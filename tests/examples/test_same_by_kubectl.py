"""The files beside a program, NAME.sh and NAME.yaml, do what the program does.

In one namespace the programs of its story run up to it, in the other the commands in
its place. Then both have to hold equal objects.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from kubernetes import client

from sandbox import binaries, story
from sandbox.cluster import Cluster
from sandbox.run import obstacle
from tests.examples import in_process
from tests.examples.place import EXAMPLES, SECONDS, Place, places

# What they ask of the API does not depend on the driver.
pytestmark = pytest.mark.last_driver

SCRIPTS = sorted({*EXAMPLES.glob("*/*.sh")} - {*EXAMPLES.glob(f"*/{story.IMAGES}")})
MANIFESTS = sorted(EXAMPLES.glob("*/[0-9]*.yaml"))

# What differs between two equal objects: who wrote them, when and where.
OTHERWISE = {"clusterIP", "clusterIPs"}
WRITTEN_BY_APPLY = "kubectl.kubernetes.io/last-applied-configuration"


@pytest.fixture(scope="module")
def two_places(cluster: Cluster) -> Iterator[tuple[Place, Place]]:
    with places(cluster, 2) as (theirs, ours):
        yield theirs, ours


@pytest.fixture
def kubectl_and_python(
    two_places: tuple[Place, Place],
) -> Iterator[tuple[Place, Place]]:
    yield two_places
    for place in two_places:
        done = place.kubectl("delete", "deployments,services,hpa,cj,jobs", "--all")
        assert done.returncode == 0, done.stderr


def run(path: Path, place: Place, folder: Path) -> str:
    """Run a program or commands in a namespace of our own; what was printed."""
    line = r'^NAMESPACE = ".*"$' if path.suffix == ".py" else r"^NAMESPACE=.*$"
    namespace = f'NAMESPACE = "{place.namespace}"'
    if path.suffix == ".sh":
        namespace = f"NAMESPACE={place.namespace}"
    text, number = re.subn(line, namespace, path.read_text(), flags=re.MULTILINE)
    assert number == 1, f"{path.name} has no line NAMESPACE"
    changed = folder / path.name
    changed.write_text(text)
    with_kubectl = f"{binaries.find('kubectl').parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "KUBECONFIG": str(place.kubeconfig), "PATH": with_kubectl}
    if path.suffix == ".py":
        done = in_process.run(changed, env)
    else:
        done = subprocess.run(
            ["bash", str(changed)],
            cwd=path.parent,
            env=env,
            capture_output=True,
            text=True,
            timeout=SECONDS * 2,
            check=False,
        )
    assert done.returncode == 0, f"{path.name}: {done.stdout}{done.stderr}"
    return done.stdout


def objects(place: Place) -> dict[str, Any]:
    """What is there, without what differs in any case."""
    lists: list[Any] = [
        client.AppsV1Api(place.api).list_namespaced_deployment(place.namespace),
        client.CoreV1Api(place.api).list_namespaced_service(place.namespace),
        client.AutoscalingV2Api(place.api).list_namespaced_horizontal_pod_autoscaler(
            place.namespace
        ),
        client.BatchV1Api(place.api).list_namespaced_cron_job(place.namespace),
        client.BatchV1Api(place.api).list_namespaced_job(place.namespace),
    ]
    by_name: dict[str, Any] = {}
    for each in lists:
        for item in each.items:
            body = cast(dict[str, Any], place.api.sanitize_for_serialization(item))
            # A Job and its Pods are labelled with its UID.
            body = json.loads(json.dumps(body).replace(item.metadata.uid, "UID"))
            annotations = body["metadata"].get("annotations", {})
            annotations.pop(WRITTEN_BY_APPLY, None)
            spec = {k: v for k, v in body["spec"].items() if k not in OTHERWISE}
            by_name[f"{type(item).__name__} {item.metadata.name}"] = {
                "labels": body["metadata"].get("labels", {}),
                "annotations": annotations,
                "owners": [
                    {k: v for k, v in owner.items() if k != "uid"}
                    for owner in body["metadata"].get("ownerReferences", [])
                ],
                "spec": spec,
            }
    return by_name


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_commands_leave_what_the_program_leaves(
    kubectl_and_python: tuple[Place, Place],
    cluster: Cluster,
    script: Path,
    tmp_path: Path,
) -> None:
    theirs, ours = kubectl_and_python
    program = script.with_suffix(".py")
    programs = story.programs(script.parent)
    at = [each.path for each in programs].index(program)
    if reason := obstacle(cluster, programs[at]):
        pytest.skip(reason)
    for before in programs[:at]:
        if not obstacle(cluster, before):
            for place in (theirs, ours):
                run(before.path, place, tmp_path)
    printed = run(script, theirs, tmp_path)
    run(program, ours, tmp_path)
    expected = re.findall(r"^#> ?(.*\n)", script.read_text(), flags=re.MULTILINE)
    assert expected
    assert printed == "".join(expected)
    assert objects(ours)
    assert objects(theirs) == objects(ours)


def test_each_manifest_is_used_by_commands() -> None:
    """So that the test above is about all of them."""
    assert MANIFESTS
    for manifest in MANIFESTS:
        used = re.search(
            rf"-f {re.escape(manifest.name)}$",
            manifest.with_suffix(".sh").read_text(),
            flags=re.MULTILINE,
        )
        assert used, f"{manifest.with_suffix('.sh').name} does not use {manifest.name}"
