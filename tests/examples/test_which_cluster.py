"""The page "Which cluster am I on?": clusters as recorded, bad answers, and this one.

A stand-in plays the API servers of clusters that nobody has here: it answers with what
public sources show of them, and with 403 where these are silent. So do API servers to
readers with few rights.
"""

import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from kubernetes import client

from sandbox import kubeconfig, run, story
from sandbox.cluster import Cluster
from tests.examples import in_process
from tests.servers import Quiet, serving

ROOT = Path(__file__).parent.parent.parent
STORY = ROOT / "examples" / "which-cluster"
PROGRAM = STORY / "01_which_cluster.py"
PAGE = ROOT / "docs" / "which-cluster.md"
RECORDED = sorted((Path(__file__).parent / "fixtures" / "which-cluster").glob("*.yaml"))

CANT_TELL = "can't tell"
VERSION, GROUPS, NODES = "/version", "/apis", "/api/v1/nodes"
KUBEADM = "/api/v1/namespaces/kube-system/configmaps/kubeadm-config"
PATHS = [VERSION, GROUPS, NODES, KUBEADM]

Answer = tuple[int, bytes]
REFUSED: Answer = (403, b'{"kind": "Status", "code": 403}')


@contextmanager
def answering(answers: dict[str, Answer], folder: Path) -> Generator[Path]:
    """A kubeconfig for a server that has these answers, and 403 to all else."""

    class Handler(Quiet):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0].rstrip("/")
            self.answer(*answers.get(path, REFUSED))

    file = folder / "kubeconfig"
    with serving(Handler) as address:
        kubeconfig.write(
            file,
            {"name": "it", "context": {"cluster": "it", "user": "it"}},
            {"name": "it", "cluster": {"server": address}},
            {"name": "it", "user": {"token": "made-up"}},
        )
        yield file


def ran(kubeconfig: Path) -> subprocess.CompletedProcess[str]:
    return in_process.run(PROGRAM, {**os.environ, "KUBECONFIG": str(kubeconfig)})


def printed(answers: dict[str, Answer], folder: Path) -> list[str]:
    """The lines that the program prints, which must not have failed."""
    with answering(answers, folder) as kubeconfig:
        done = ran(kubeconfig)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def answers(
    version: str | None = None,
    groups: list[str] | None = None,
    nodes: list[Any] | None = None,
    kubeadm_config: bool | None = None,
) -> dict[str, Answer]:
    """What a cluster's API server answers, as far as it is known."""
    by_path: dict[str, Answer] = {}

    def add(path: str, data: dict[str, Any], status: int = 200) -> None:
        by_path[path] = (status, json.dumps(data).encode())

    if version is not None:
        add(VERSION, {"major": "1", "gitVersion": version})
    if groups is not None:
        listed = [{"name": name, "versions": []} for name in groups]
        add(GROUPS, {"kind": "APIGroupList", "groups": listed})
    if nodes is not None:
        add(NODES, {"kind": "NodeList", "metadata": {}, "items": nodes})
    if kubeadm_config:
        add(KUBEADM, {"kind": "ConfigMap", "metadata": {"name": "kubeadm-config"}})
    elif kubeadm_config is not None:
        add(KUBEADM, {"kind": "Status", "code": 404}, 404)
    return by_path


@pytest.mark.parametrize("path", RECORDED, ids=lambda p: p.stem)
def test_recorded_cluster_is_told(path: Path, tmp_path: Path) -> None:
    recorded = yaml.safe_load(path.read_text())
    expected, sources = recorded.pop("answer"), recorded.pop("sources")
    assert sources, "nobody knows where it is from"
    for source in sources:
        assert source["url"].startswith("https://")
        assert source["read"]
    known = answers(**recorded)
    count, answer, *evidence = printed(known, tmp_path)
    assert count == f"{len(known)} of 4 questions answered"
    assert answer == expected
    pointing = [line for line in evidence if line.endswith(f"points to {expected}")]
    assert pointing or expected.startswith(CANT_TELL)
    assert sum("403 Forbidden" in line for line in evidence) == 4 - len(known)


def test_the_page_and_the_program_name_the_systems_that_are_recorded() -> None:
    all_answers = [str(yaml.safe_load(path.read_text())["answer"]) for path in RECORDED]
    systems = {answer for answer in all_answers if not answer.startswith(CANT_TELL)}
    rows = re.findall(r"^\| \*\*(\w+)\*\* \|", PAGE.read_text(), re.MULTILINE)
    assert sorted(rows) == sorted(systems)
    assert set(re.findall(r'", "(\w+)", "', PROGRAM.read_text())) == systems


def node(name: str = "a", provider: str = "", **metadata: Any) -> dict[str, Any]:
    spec = {"providerID": f"{provider}://{name}"} if provider else {}
    return {"metadata": {"name": name, **metadata}, "spec": spec}


WORKER = {"eks.amazonaws.com/nodegroup": "a"}
CONTROL_PLANE = {"node-role.kubernetes.io/control-plane": ""}
PLAYED = {"kwok.x-k8s.io/node": "fake"}
MACHINE_CONFIG = {"machineconfiguration.openshift.io/state": "Done"}
KUBEADM_NODE = {"kubeadm.alpha.kubernetes.io/cri-socket": "unix:///run/a.sock"}
AZURE = {"kubernetes.azure.com/cluster": "a"}

# Made up: what the sources do not show, or not in one.
MADE_UP: dict[str, tuple[str, dict[str, Answer]]] = {
    "a machine at AWS is not EKS": (
        CANT_TELL,
        answers("v1.37.2", ["apps"], [node(provider="aws")], False),
    ),
    "kOps at AWS, with the network plugin of EKS": (
        CANT_TELL,
        answers("v1.37.2", ["vpcresources.k8s.aws"], [node(provider="aws")]),
    ),
    "EKS Distro, set up by kOps": (
        CANT_TELL,
        answers(
            "v1.36.0-eks-1-36-4",
            nodes=[node(provider="aws", labels=CONTROL_PLANE)],
        ),
    ),
    "a build of GKE on machines of one's own": (
        CANT_TELL,
        answers("v1.34.2-gke.1234000", nodes=[node(provider="baremetal")]),
    ),
    "OpenShift at AWS": (
        "OpenShift",
        answers("v1.34.2", ["config.openshift.io"], [node(provider="aws")], False),
    ),
    "two answers": (
        CANT_TELL,
        answers("v1.36.1+k3s1", nodes=[node(provider="kind")]),
    ),
    "K3s at AWS": (
        "K3s",
        answers("v1.36.1+k3s1", nodes=[node(provider="aws")]),
    ),
    "RKE2, which has groups of K3s": (
        CANT_TELL,
        answers("v1.35.1+rke2r1", ["k3s.cattle.io"], [node(provider="rke2")]),
    ),
    "a virtual cluster that shows the nodes of EKS": (
        CANT_TELL,
        answers("v1.36.0", nodes=[node(provider="aws", labels=WORKER)]),
    ),
    "kind, without the annotation": (
        "kind",
        answers("v1.37.0", ["apps"], [node(provider="kind")], True),
    ),
    "kind with a node that KWOK plays": (
        "kind",
        answers(nodes=[node(provider="kind"), node("b", annotations=PLAYED)]),
    ),
    "KWOK, which plays nodes of EKS": (
        "KWOK",
        answers("v1.37.2", nodes=[node(labels=WORKER, annotations=PLAYED)]),
    ),
    "a K3s that shows the nodes of EKS": (
        "K3s",
        answers("v1.36.1+k3s1", nodes=[node(provider="aws", labels=WORKER)]),
    ),
    "a node of K3s at the control plane of EKS": (
        CANT_TELL,
        answers("v1.36.0-eks-7f9249a", nodes=[node(provider="k3s")]),
    ),
    "a node of K3s at the control plane of GKE": (
        CANT_TELL,
        answers("v1.34.2-gke.1234000", nodes=[node(provider="k3s")]),
    ),
    "a build of GKE at Azure": (
        CANT_TELL,
        answers("v1.34.2-gke.1234000", nodes=[node(provider="azure")]),
    ),
    "a node of OpenShift without its API": (
        CANT_TELL,
        answers("v1.34.2", ["apps"], [node(annotations=MACHINE_CONFIG)]),
    ),
    "K3s by its nodes alone, whatever their labels": (
        "K3s",
        answers(nodes=[node(provider="k3s", labels=AZURE)]),
    ),
    "kind with a label of AKS": (
        "kind",
        answers("v1.37.2", nodes=[node(provider="kind", labels=AZURE)]),
    ),
    "AKS with a node of Windows": (
        "AKS",
        answers("v1.34.2", nodes=[node("akswin000000", "azure", labels=AZURE)]),
    ),
    "a node that kubeadm has joined to something else": (
        CANT_TELL,
        answers(
            "v1.33.2", nodes=[node(annotations=KUBEADM_NODE)], kubeadm_config=False
        ),
    ),
    "GKE to somebody who may not see nodes": (
        "GKE",
        answers("v1.34.2-gke.1234000", ["apps", "cloud.google.com"]),
    ),
    "EKS to somebody who may not see nodes": (
        "EKS",
        answers("v1.36.0-eks-7f9249a", ["apps", "vpcresources.k8s.aws"]),
    ),
    "EKS or its relative, if the groups are not known either": (
        "can't tell EKS from EKS Anywhere",
        answers("v1.36.0-eks-7f9249a"),
    ),
    "kubeadm to somebody who may not see nodes": (
        "can't tell kubeadm from kind or minikube",
        answers("v1.37.2", ["apps"], None, True),
    ),
}


@pytest.mark.parametrize("case", MADE_UP)
def test_made_up_cluster_is_told(case: str, tmp_path: Path) -> None:
    expected, given = MADE_UP[case]
    assert printed(given, tmp_path)[1] == expected


def everywhere(status: int, body: bytes) -> dict[str, Answer]:
    return dict.fromkeys(PATHS, (status, body))


NOTHING_KNOWN: dict[str, dict[str, Answer]] = {
    "refused": {},
    "a proxy's page": everywhere(200, b"<!doctype html><title>Log in</title>"),
    "an error": everywhere(500, b"oh"),
    "unavailable": everywhere(503, b""),
    "nothing": everywhere(200, b""),
    "null": everywhere(200, b"null"),
    "a list": everywhere(200, b"[]"),
    "text": everywhere(200, b'"v1.36.1+k3s1"'),
    "no JSON of UTF-8": everywhere(200, b"\xff\xfe\xfd"),
    "too deep": everywhere(200, b"[" * 200_000),
    "another's JSON": everywhere(200, b'{"ok": true, "items": [{"name": "kind"}]}'),
    "nulls": {
        VERSION: (200, b'{"gitVersion": null}'),
        GROUPS: (200, b'{"groups": null}'),
        NODES: (200, b'{"items": null}'),
        KUBEADM: (200, b'{"metadata": null}'),
    },
    "nulls within": {
        VERSION: (200, b'{"gitVersion": 1.37}'),
        GROUPS: (200, b'{"groups": [null, {"name": null}, 3]}'),
        NODES: (
            200,
            b'{"items": [null, 3, {}, {"metadata": {"labels": null, "annotations": []},'
            b' "spec": {"providerID": {}}, "status": {"nodeInfo": [1]}}]}',
        ),
        KUBEADM: (200, b'{"metadata": {"name": 3}}'),
    },
    "no nodes": answers("v1.37.2", ["apps"], []),
    "signs that move the cursor": answers("v1.37.2\x1b[2J", [], [node("\x1b[2J")]),
}


@pytest.mark.parametrize("case", NOTHING_KNOWN)
def test_bad_answers_are_no_evidence(case: str, tmp_path: Path) -> None:
    count, answer, *evidence = printed(NOTHING_KNOWN[case], tmp_path)
    assert re.fullmatch(r"\d of 4 questions answered", count)
    assert answer == CANT_TELL
    assert not [line for line in evidence if "points to" in line]
    assert "\x1b" not in "".join(evidence)


def fails(kubeconfig: Path) -> str:
    done = ran(kubeconfig)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    return line


def test_what_the_user_can_mend_is_told_in_one_line(tmp_path: Path) -> None:
    with answering(everywhere(401, b"{}"), tmp_path) as path:
        assert "log in" in fails(path)
    # The stand-in of before has ended, and nobody listens there any more.
    assert "does not answer" in fails(path)
    assert "KUBECONFIG" in fails(tmp_path / "missing")
    path.write_text("{ not: [YAML")
    assert "KUBECONFIG" in fails(path)


def without_versions(text: str) -> str:
    """And without how many nodes there are: other stories add some of their own."""
    text = re.sub(r"\b(\d+) of \1 nodes\b", "all nodes", text)
    return re.sub(r"\bv\d+\.\d+\.\d+\b", "v1.x.y", text)


def test_the_page_shows_what_a_reader_sees_here(
    cluster: Cluster, tmp_path: Path
) -> None:
    """By the command on the page, under another name: the story itself may be up."""
    if cluster.driver == "current":
        pytest.skip("the page shows kind and KWOK")
    copy = tmp_path / STORY.name
    shutil.copytree(STORY, copy)
    setup = (copy / "setup.yaml").read_text()
    (copy / "setup.yaml").write_text(setup.replace(STORY.name, f"{STORY.name}-seen"))
    done = subprocess.run(
        [sys.executable, "-m", "sandbox", "run", copy, "--name", cluster.name],
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if k != "KUBECONFIG"},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    page = PAGE.read_text()
    shown = re.findall(r"^```text\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    name = {"kind": "kind", "kwok": "KWOK"}[cluster.driver]
    [expected] = [text for text in shown if text.splitlines()[1] == name]
    assert without_versions(done.stdout) == without_versions(expected)


def test_somebody_with_no_rights_is_told_what_is_missing(
    cluster: Cluster, tmp_path: Path
) -> None:
    if cluster.driver == "current":
        pytest.skip("what anybody may see there is not known")
    # Not the account "default", which a controller makes in its own time.
    name = f"nobody-{uuid4().hex[:8]}"
    nobody = dataclasses.replace(
        story.load(STORY), namespace="default", service_account=name
    )
    with run.client_for(cluster.kubeconfig) as admin:
        core = client.CoreV1Api(admin)
        account = client.V1ServiceAccount(metadata=client.V1ObjectMeta(name=name))
        core.create_namespaced_service_account("default", account)
        try:
            kubeconfig = run.write_identity(cluster, nobody, admin, tmp_path)
            # In a process of its own, as the others here are not.
            done = subprocess.run(
                [sys.executable, PROGRAM],
                env={**os.environ, "KUBECONFIG": str(kubeconfig)},
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
        finally:
            core.delete_namespaced_service_account(name, "default")
    assert (done.returncode, done.stderr) == (0, "")
    count, answer, *evidence = done.stdout.splitlines()
    assert (count, answer) == ("2 of 4 questions answered", CANT_TELL)
    assert "  nodes: 403 Forbidden: is no help" in evidence
    assert "  kubeadm-config: 403 Forbidden: is no help" in evidence
