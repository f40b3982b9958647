"""What a user can do wrong: one line, exit code 2, nothing half-made left."""

import json
import socket
from pathlib import Path

import pytest

import sandbox
from sandbox import modules
from sandbox.drivers import kind
from tests.sandbox.conftest import World, after_failure, program


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            "up --driver docker",
            "unknown driver 'docker': choose kwok, kind, current",
        ),
        (
            "up --driver kwok --kubernetes 1.20",
            "the driver kwok has Kubernetes {minor}, not 1.20: --driver kind has more"
            " versions",
        ),
        (
            "up --driver kind --kubernetes 1.20",
            "there is no node image for Kubernetes 1.20: choose {images}, or give"
            " --node-image",
        ),
        (
            "up --driver kind --config no-such.yaml",
            "there is no file no-such.yaml: give --config another",
        ),
        (
            "up --driver kind --workers 99",
            "99 workers are too many or too few: choose 0 to 10",
        ),
        (
            "up --driver kwok --context mine",
            "--context does not work with the driver kwok: leave it out",
        ),
        (
            "up --driver kwok --node-image mine",
            "--node-image does not work with the driver kwok: leave it out",
        ),
        (
            "up --driver current",
            "the driver current does not choose a cluster: name one with --context",
        ),
        (
            "up --driver current --context mine",
            "there is no context 'mine' in your kubeconfig: it has none",
        ),
        (
            "up --driver kwok --port 0",
            "0 is not a port: give --port a number from 1 to",
        ),
        ("up --name Über", "'Über' can't be the name of a sandbox: use up to 32"),
        ("env", "there is no sandbox default: run `sandbox up --name default`"),
        ("status --name x", "there is no sandbox x: run `sandbox up --name x`"),
        ("run examples/deployments --name x", "there is no sandbox x: run `sandbox up"),
        ("stop etcd", "there is no sandbox default: run `sandbox up --name default"),
        (
            "fly",
            "argument {{up,down,status,env,fetch,run,stop,start}}: invalid choice:"
            " 'fly'",
        ),
        ("up --nodes 3", "unrecognized arguments: --nodes 3: see `sandbox --help`"),
    ],
)
def test_a_mistake_is_told_in_one_line(world: World, arguments: str, line: str):
    minor, images = modules.kubernetes_minor(), ", ".join(kind.IMAGES)
    done = world.run(*arguments.split())
    assert done.returncode == 2
    assert done.stdout == after_failure(arguments.split()[0])
    assert done.stderr.startswith(f"sandbox: {line.format(minor=minor, images=images)}")
    assert done.stderr.count("\n") == 1
    assert world.traces() == []


def test_docker_not_there(world: World):
    error = world.error("up", "--driver", "kind", PATH="/nowhere")
    assert error == (
        "sandbox: there is no Docker here: install it, or use --driver kwok"
    )


def test_docker_not_running(world: World):
    folder = program(world.root / "bin", "docker", "exit 1\n").parent
    error = world.error("up", "--driver", "kind", PATH=f"{folder}:/usr/bin:/bin")
    assert error == "sandbox: Docker does not answer: start it, or use --driver kwok"


def test_port_taken(world: World):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        error = world.error("up", "--driver", "kwok", "--port", port)
    assert error == (
        f"sandbox: port {port} of 127.0.0.1 is taken: choose another --port, or leave"
        " it out to get a free one"
    )


def test_no_disk_for_the_cluster(world: World):
    error = world.error("up", "--driver", "kwok", SANDBOX_MIN_FREE_MB="999999999")
    assert error.startswith("sandbox: not enough disk space for the cluster: ")
    assert "999999999 MB are needed" in error
    assert world.traces() == []


def test_state_folder_that_can_not_be_made(world: World):
    world.state_home.write_text("a file")
    error = world.error("up", "--driver", "kwok")
    assert error.startswith("sandbox: Not a directory: ")
    world.state_home.unlink()


@pytest.mark.parametrize(
    "content",
    [
        *("", "{", "[]", "{}", '{"driver": "kwok", "created": "yesterday"}'),
        '{"driver": "kwok", "created": "2026-01-01", "kubernetes": "v1.2.3",'
        ' "capabilities": [], "nodes": 1, "request": []}',
    ],
)
def test_a_state_file_that_can_not_be_read(world: World, content: str):
    file = world.sandboxes / "default" / "state.json"
    file.parent.mkdir(parents=True)
    file.write_text(content)
    for command in (["env"], ["up"]):
        error = world.error(*command)
        assert error.startswith(f"sandbox: {file} can't be read (")
        assert error.endswith("run `sandbox down --name default`")
    # The others are still shown.
    assert "can't be read" in world.run("status").stdout
    done = world.run("down")
    assert (done.returncode, done.stderr) == (0, "sandbox: default is gone\n")
    assert world.traces() == []


def test_a_context_of_the_users_that_does_not_answer(world: World):
    config = {
        "contexts": [{"name": "mine", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "u", "user": {}}],
    }
    file = world.root / "kubeconfig"
    file.write_text(json.dumps(config))
    error = world.error(
        "up", "--driver", "current", "--context", "mine", KUBECONFIG=str(file)
    )
    assert error.startswith("sandbox: the cluster of the context mine does not answer")
    assert json.loads(file.read_text()) == config
    assert world.traces() == []


def test_a_wrong_kubeconfig_of_the_users(world: World):
    file = world.root / "kubeconfig"
    file.write_text("contexts: [{")
    error = world.error(
        "up", "--driver", "current", "--context", "mine", KUBECONFIG=str(file)
    )
    assert error.startswith(f"sandbox: {file} is not a kubeconfig (")


def test_a_copy_without_the_modules(world: World, tmp_path: Path):
    """As in a wheel, which does not carry them."""
    copy = tmp_path / "copy" / "sandbox"
    package = Path(str(sandbox.__file__)).parent
    for source in package.rglob("*.py"):
        target = copy / source.relative_to(package)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(source.read_text())
    error = world.error("up", "--driver", "kwok", PYTHONPATH=str(copy.parent))
    assert error == (
        f"sandbox: {copy}/from_source/go/kubernetes/go.mod is missing: the sandbox"
        " runs from a clone of its repository"
    )
