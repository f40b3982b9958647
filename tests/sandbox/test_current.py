"""The driver "current": a copy of one context of the user's, and no more."""

import json
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox import cluster, kubeconfig, made
from sandbox.cluster import Cluster
from tests import at_rest
from tests.sandbox.conftest import World, answering, finish
from tests.sandbox.test_kwok import kubectl

pytestmark = pytest.mark.xdist_group("kwok-accidents")


@pytest.fixture(scope="module")
def mine(shared_world: World) -> str:
    """The line that `up` printed of a cluster that plays somebody's."""
    done = shared_world.run("up", "--driver", "kwok", "--name", "mine")
    assert done.returncode == 0, done
    return done.stdout


@pytest.fixture(scope="module")
def proxy() -> Iterator[str]:
    """The address of a proxy that lets nobody through."""
    with answering(403) as address:
        yield address


@pytest.fixture
def world(shared_world: World, mine: str, proxy: str) -> World:
    """The world with that cluster, the current one of a user who is behind a proxy."""
    config = kubeconfig_of(shared_world, "mine")
    shared_world.environment |= {
        "KUBECONFIG": str(config),
        "HTTPS_PROXY": proxy,
        "https_proxy": proxy,
        "NO_PROXY": "example.com, example.org",
    }
    return shared_world


def kubeconfig_of(world: World, name: str) -> Path:
    return world.sandboxes / name / "kubeconfig"


CONTEXT = ("--context", "sandbox-mine")


def test_it_copies_the_named_context_and_leaves_the_cluster_alone(
    world: World, mine: str
):
    # The user's: two files, the certificate in a file of its own by a relative path,
    # and a second context, which is the current one.
    config: dict[str, Any] = yaml.safe_load(kubeconfig_of(world, "mine").read_text())
    pki = next((world.sandboxes / "mine" / ".kwok").glob("clusters/*/pki"))
    user = config["users"][0]["user"]
    del user["client-certificate-data"]
    user["client-certificate"] = "certificates/admin.crt"
    users = {"users": config.pop("users")}
    config["current-context"] = "other"
    config["contexts"].append(
        {"name": "other", "context": {"cluster": "other", "user": "other"}}
    )
    config["clusters"].append(
        {"name": "other", "cluster": {"server": "https://127.0.0.1:1"}}
    )
    folder = world.home / "clusters"
    (folder / "certificates").mkdir(parents=True)
    shutil.copy(pki / "admin.crt", folder / "certificates")
    files = (folder / "a", folder / "b")
    for file, content in zip(files, (config, users), strict=True):
        file.write_text(yaml.safe_dump(content))
    before = [file.read_text() for file in files]
    given = {"KUBECONFIG": ":".join(str(file) for file in files)}

    error = world.error("up", "--driver", "current", "--context", "theirs", **given)
    assert error == (
        "sandbox: there is no context 'theirs' in your kubeconfig: it has other,"
        " sandbox-mine"
    )
    context = ("--driver", "current", *CONTEXT)
    log = next(w for w in shlex.split(mine) if "AUDIT" in w).partition("=")[2]
    error = world.error("up", *context, **given, SANDBOX_AUDIT_LOG=f"{log}.not")
    assert error == (
        f"sandbox: SANDBOX_AUDIT_LOG names {log}.not, which can't be read: unset it"
    )
    up = world.run("up", *context, **given, SANDBOX_AUDIT_LOG=log)
    assert up.returncode == 0, up
    assert f"SANDBOX_AUDIT_LOG='{log}'" in up.stdout
    assert "driver current, context sandbox-mine at https://127.0.0.1:" in up.stderr
    copy = world.sandboxes / "default" / "kubeconfig"
    assert copy.stat().st_mode & 0o777 == 0o600
    copied = yaml.safe_load(copy.read_text())
    assert copied["current-context"] == "sandbox-mine"
    for kind in ("contexts", "clusters", "users"):
        assert [entry["name"] for entry in copied[kind]] == ["sandbox-mine"]
    certificate = copied["users"][0]["user"]["client-certificate"]
    assert Path(certificate) == folder / "certificates" / "admin.crt"
    row = world.run("status", "--name", "default").stdout.splitlines()[1].split()
    assert (row[1], row[3], row[5]) == ("current", "4", "ready,")

    # What the cluster can do is seen from itself.
    state = json.loads((world.sandboxes / "default" / "state.json").read_text())
    assert state["capabilities"] == ["audit-log", "metrics", "simulated-nodes"]

    assert world.run("down").returncode == 0
    assert [path.name for path in world.sandboxes.iterdir()] == ["mine"]
    assert "ready" in world.run("status", "--name", "mine").stdout
    assert [file.read_text() for file in files] == before


def test_it_is_used_only_when_its_context_is_named(world: World):
    up = world.run("up", "--driver", "current", *CONTEXT)
    assert up.returncode == 0, up
    server = kubeconfig.server(kubeconfig_of(world, "mine"))
    where = f"context sandbox-mine at {server}"
    assert f"driver current, {where}, Kubernetes 1." in up.stderr
    assert world.run("status").stdout.splitlines()[1].endswith(f"ready, {where}")

    refused = (
        f"sandbox: default is your own cluster, {where}: name it with --context"
        " sandbox-mine, or run `sandbox down --name default`"
    )
    for plain in (
        ("up",),
        ("up", "--driver", "current"),
        ("up", "--driver", "kwok"),
        ("up", "--context", "other"),
        ("env",),
        ("run", "examples/deployments"),
        ("run", "examples/deployments", "--context", "other"),
    ):
        assert world.error(*plain) == refused

    again = world.run("up", "--driver", "current", *CONTEXT)
    assert (again.returncode, again.stdout) == (0, up.stdout)
    assert where in again.stderr
    assert world.run("env", *CONTEXT).stdout == up.stdout
    assert world.run("down").returncode == 0


COUNT_NODES = """
from kubernetes import client, config
config.load_kube_config()
core = client.CoreV1Api()
core.api_client.configuration.retries = 0
print(len(core.list_node().items))
"""


@pytest.mark.parametrize("command", ["up --driver kwok", "env"])
def test_a_program_in_the_shell_asks_no_proxy_for_127_0_0_1(world: World, command: str):
    # Without, it would.
    refused = finish(world.start_python("-c", COUNT_NODES))
    assert "403" in refused.stderr.splitlines()[-1]
    python = shlex.quote(sys.executable)
    script = (
        f'eval "$({python} -m sandbox {command} --name mine)"'
        f' && echo "$NO_PROXY" "$no_proxy" && exec {python} -c "$0"'
    )
    done = subprocess.run(
        ["sh", "-c", script, COUNT_NODES],
        env=world.environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    both = " ".join(["example.com,example.org,127.0.0.1"] * 2)
    assert done.stdout.splitlines() == [both, "4"], done


def test_who_needs_no_proxy_at_all_still_needs_none(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("no_proxy", "*")
    assert cluster.no_proxy() == "*"
    monkeypatch.delenv("no_proxy")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert cluster.no_proxy() == "127.0.0.1"


SETUP = """\
apiVersion: v1
kind: Namespace
metadata: { name: made-up, labels: { of: setup } }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: made-up, namespace: made-up }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: made-up }
rules: [{ apiGroups: [""], resources: [nodes], verbs: [list] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: made-up-too }
rules: []
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: made-up }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: made-up }
subjects: [{ kind: ServiceAccount, name: made-up, namespace: made-up }]
"""

PROGRAM = """\
# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
import os
import time

print("it runs", flush=True)
while not os.path.exists({end!r}):
    time.sleep(0.1)
"""

MADE = {
    "namespace/made-up",
    "serviceaccount/made-up",
    "clusterrole.rbac.authorization.k8s.io/made-up",
    "clusterrole.rbac.authorization.k8s.io/made-up-too",
    "clusterrolebinding.rbac.authorization.k8s.io/made-up",
}


def test_what_a_killed_run_made_is_removed_and_nothing_else(
    world: World, tmp_path: Path
):
    config = kubeconfig_of(world, "mine")
    theirs = Cluster(
        "mine", "none", "", config, datetime.now(UTC), frozenset(), nodes=4
    )
    before = at_rest.objects(theirs)
    assert world.run("up", "--driver", "current", *CONTEXT).returncode == 0
    folder, end = tmp_path / "made-up", tmp_path / "end"
    folder.mkdir()
    (folder / "setup.yaml").write_text(SETUP)
    (folder / "01_wait.py").write_text(PROGRAM.format(end=str(end)))
    process = world.start("run", str(folder), *CONTEXT)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "it runs\n"
    finally:
        process.send_signal(signal.SIGKILL)
        end.touch()  # by which the program, of which nobody is left, ends too
    finish(process)

    def labelled() -> set[str]:
        kinds = "namespaces,serviceaccounts,clusterroles,clusterrolebindings"
        arguments = ("get", kinds, "-A", "-o", "name", "-l", made.LABEL)
        return {*kubectl(config, *arguments).split()}

    assert labelled() == MADE
    assert kubectl(config, "get", "namespace", "-o", "name", "-l", "of=setup")
    # One is somebody's by now, with the label and all that it was copied with.
    role = ("clusterrole", "made-up-too")
    copied = tmp_path / "copied.json"
    copied.write_text(kubectl(config, "get", *role, "-o", "json"))
    kubectl(config, "delete", *role)
    kubectl(config, "create", "-f", str(copied))
    # As if it had been killed just after it made one, and just before another.
    (note,) = (world.sandboxes / "default" / "made").iterdir()
    uids: dict[str, str | None] = json.loads(note.read_text())
    roles = "/apis/rbac.authorization.k8s.io/v1/clusterroles"
    assert uids[f"{roles}/made-up"]
    uids |= {f"{roles}/made-up": None, f"{roles}/view": None, f"{roles}/none": None}
    note.write_text(json.dumps(uids))

    down = world.run("down")
    assert (down.returncode, down.stderr) == (
        0,
        f"sandbox: removing what a killed run made on {kubeconfig.server(config)}\n"
        "sandbox: default is gone\n",
    )
    assert labelled() == {"clusterrole.rbac.authorization.k8s.io/made-up-too"}
    kubectl(config, "delete", *role)
    assert at_rest.difference(theirs, before) == []


def test_a_run_that_fails_leaves_no_note_and_what_is_not_its_own(
    world: World, tmp_path: Path
):
    assert world.run("up", "--driver", "current", *CONTEXT).returncode == 0
    folder = tmp_path / "made-up"
    folder.mkdir()
    (folder / "setup.yaml").write_text(SETUP)
    (folder / "01_end.py").write_text(PROGRAM.format(end=str(tmp_path)) + "exit(3)\n")
    done = world.run("run", str(folder), *CONTEXT)
    assert done.returncode == 2
    assert "made-up runs on default: driver current, context" in done.stderr
    assert list((world.sandboxes / "default" / "made").iterdir()) == []
    config = kubeconfig_of(world, "mine")
    role = ("clusterrole", "made-up-too")
    kubectl(config, "create", *role, "--verb=get", "--resource=pods")
    error = world.error("run", str(folder), *CONTEXT)
    assert error.startswith(
        "sandbox: ClusterRole made-up-too is already on this cluster"
    )
    kubectl(config, "delete", *role)  # it is there
    assert world.run("down").returncode == 0
