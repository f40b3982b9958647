"""What an API server, a proxy or a disk refuses is told in one line, exit code 2."""

import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox import kubeconfig
from sandbox.drivers import Request, kind
from sandbox.errors import UserError
from tests.sandbox.conftest import World, answering, current_sandbox, finish

STORY = """\
apiVersion: v1
kind: Namespace
metadata: { name: made-up }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: made-up, namespace: made-up }
"""

PROGRAM = """\
# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
"""


@pytest.fixture
def story(tmp_path: Path) -> str:
    folder = tmp_path / "made-up"
    folder.mkdir()
    (folder / "setup.yaml").write_text(STORY)
    (folder / "01_nothing.py").write_text(PROGRAM)
    return str(folder)


@pytest.mark.parametrize("status", [401, 403, 429])
def test_run_says_that_the_api_server_refuses(world: World, story: str, status: int):
    body = json.dumps({"kind": "Status", "message": "because"}).encode()
    with answering(status, body) as address:
        current_sandbox(world, address)
        error = world.error("run", story, "--context", "mine")
        assert error == (
            f"sandbox: the API server of default refuses ({status} because):"
            " check your credentials and rights there, or try again"
        )
        # What refuses is there.
        assert world.run("status").stdout.splitlines()[1].split()[5] == "ready,"


def test_down_keeps_the_record_of_what_can_not_be_removed(world: World):
    folder = current_sandbox(world, "http://127.0.0.1:1")
    note = folder / "made" / "a-run.json"
    note.parent.mkdir()
    note.write_text('{"/api/v1/namespaces/made-up": "a-uid"}')
    says = (
        "sandbox: the cluster {}, and still has what a killed run made"
        f" (/api/v1/namespaces/made-up): try again, or delete {folder} to forget it"
    )
    assert world.error("down") == says.format("does not answer")
    with answering(401) as address:
        shutil.rmtree(folder)
        current_sandbox(world, address)
        note.parent.mkdir()
        note.write_text('{"/api/v1/namespaces/made-up": "a-uid"}')
        assert world.error("down") == says.format("refuses (401 Unauthorized)")
    assert note.exists()
    shutil.rmtree(folder)


def test_status_calls_a_dead_cluster_dead_and_does_not_wait_for_it(world: World):
    current_sandbox(world, "https://127.0.0.1:1", "dead")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = f"https://127.0.0.1:{silent.getsockname()[1]}"
        current_sandbox(world, server, "silent")
        began = time.monotonic()
        done = world.run("status")
        assert time.monotonic() - began < 15
    _, dead, without_a_word = done.stdout.splitlines()
    assert "stale: https://127.0.0.1:1 does not answer (" in dead
    assert f"stale: {server} does not answer (" in without_a_word


def test_up_says_that_a_new_cluster_of_kind_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """With nothing in the place of kind and of Docker."""

    def nothing(_: Path) -> None:
        pass

    def made(*_: object) -> None:
        kubeconfig.write(
            tmp_path / "kubeconfig",
            {"name": "new", "context": {"cluster": "c", "user": "u"}},
            {"name": "c", "cluster": {"server": address}},
            {"name": "u", "user": {}},
        )

    monkeypatch.setattr(kind, "find_kind", lambda: Path("kind"))
    monkeypatch.setattr(kind, "_prepare_audit", nothing)
    monkeypatch.setattr(kind, "_run_kind", made)
    with (
        answering(429) as address,
        pytest.raises(UserError, match=r"^the API server refuses \(429 Too Many Requ"),
    ):
        kind.create("new", tmp_path, Request())


@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize("arguments", ["up --driver docker", "up --nodes 3", "env"])
def test_eval_of_a_command_that_fails_fails(world: World, shell: str, arguments: str):
    if not shutil.which(shell):
        pytest.skip(f"there is no {shell} here")
    command = f"{shlex.quote(sys.executable)} -m sandbox {arguments}"
    done = subprocess.run(
        [shell, "-c", f'eval "$({command})" && echo went on; echo "$KUBECONFIG"'],
        env=world.environment | {"KUBECONFIG": "mine"},
        cwd=world.root,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "mine\n"
    assert done.stderr.count("\n") == 1


NOBODY = """
import pwd, sys
def no_entry(uid):
    raise KeyError(uid)
pwd.getpwuid = no_entry
from sandbox.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    "command",
    [
        *("up --driver kwok", "down", "status", "env", "run .", "fetch"),
        "up --driver current --context mine",
    ],
)
def test_without_a_home(world: World, command: str):
    del world.environment["HOME"]
    if "current" not in command:  # which looks there for a kubeconfig
        del world.environment["XDG_STATE_HOME"], world.environment["XDG_CACHE_HOME"]
    done = finish(world.start_python("-c", NOBODY, *command.split()))
    assert (done.returncode, done.stderr) == (
        2,
        "sandbox: HOME is not set, and no entry in passwd names a home folder:"
        " set HOME\n",
    )
    world.environment["HOME"] = str(world.home)
    world.environment["XDG_STATE_HOME"] = str(world.state_home)


@pytest.mark.parametrize(
    ("disk", "variable", "says"),
    [
        ("ro", "XDG_STATE_HOME", "Read-only file system: "),
        ("ro", "XDG_CACHE_HOME", "Read-only file system: "),
        ("size=16k", "XDG_STATE_HOME", "No space left on device"),
        ("size=5m", "XDG_STATE_HOME", "etcd has ended: "),
    ],
)
def test_a_disk_that_takes_nothing_more(
    world: World, disk: str, variable: str, says: str
):
    # Seen by this one command only, and gone with it.
    folder = world.root / "disk"
    folder.mkdir()
    mount = ["unshare", "--mount", "sh", "-c"]
    mount += [f'mount -t tmpfs -o {disk} none "$0" && exec "$@"', str(folder)]
    if os.geteuid() or subprocess.run([*mount, "true"], capture_output=True).returncode:
        pytest.skip("only root can make a small disk, and not everywhere")
    done = subprocess.run(
        [*mount, sys.executable, "-m", "sandbox", "up", "--driver", "kwok"],
        env=world.environment | {variable: str(folder), "SANDBOX_MIN_FREE_MB": "0"},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert (done.returncode, done.stdout) == (2, "false\n"), done
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith(f"sandbox: {says}")
