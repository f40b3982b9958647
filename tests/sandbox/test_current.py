"""The driver "current": a copy of one context of the user's, and no more."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.sandbox.conftest import World

pytestmark = pytest.mark.xdist_group("kwok-accidents")


def test_it_copies_the_named_context_and_leaves_the_cluster_alone(world: World):
    mine = world.run("up", "--driver", "kwok", "--name", "mine")
    assert mine.returncode == 0, mine
    # The user's: two files, the certificate in a file of its own by a relative path,
    # and a second context, which is the current one.
    kubeconfig = world.sandboxes / "mine" / "kubeconfig"
    config: dict[str, Any] = yaml.safe_load(kubeconfig.read_text())
    pki = next((kubeconfig.parent / ".kwok").glob("clusters/*/pki"))
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
    context = ("--driver", "current", "--context", "sandbox-mine")
    log = mine.stdout.rstrip().rpartition("SANDBOX_AUDIT_LOG=")[2].strip("'")
    error = world.error("up", *context, **given, SANDBOX_AUDIT_LOG=f"{log}.not")
    assert error == (
        f"sandbox: SANDBOX_AUDIT_LOG names {log}.not, which can't be read: unset it"
    )
    up = world.run("up", *context, **given, SANDBOX_AUDIT_LOG=log)
    assert up.returncode == 0, up
    assert f"SANDBOX_AUDIT_LOG='{log}'" in up.stdout
    assert "driver current, Kubernetes 1." in up.stderr
    copy = world.sandboxes / "default" / "kubeconfig"
    assert copy.stat().st_mode & 0o777 == 0o600
    copied = yaml.safe_load(copy.read_text())
    assert copied["current-context"] == "sandbox-mine"
    for kind in ("contexts", "clusters", "users"):
        assert [entry["name"] for entry in copied[kind]] == ["sandbox-mine"]
    certificate = copied["users"][0]["user"]["client-certificate"]
    assert Path(certificate) == folder / "certificates" / "admin.crt"
    row = world.run("status", "--name", "default").stdout.splitlines()[1].split()
    assert (row[1], row[3], row[5]) == ("current", "4", "ready")

    # What the cluster can do is seen from itself.
    state = json.loads((world.sandboxes / "default" / "state.json").read_text())
    assert state["capabilities"] == ["audit-log", "metrics", "simulated-nodes"]

    assert world.run("down").returncode == 0
    assert [path.name for path in world.sandboxes.iterdir()] == ["mine"]
    assert "ready" in world.run("status", "--name", "mine").stdout
    assert [file.read_text() for file in files] == before
