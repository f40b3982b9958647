"""A sandbox on kwok from the first `up` to `down`."""

import contextlib
import http.client
import json
import os
import shlex
import shutil
import signal
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox import binaries, components, modules
from sandbox.drivers import kwok, kwokctl
from tests.sandbox.conftest import World, finish, program, wait_until

LEADERS = {"kube-controller-manager", "kube-scheduler"}
"""The components that need a Lease."""

PIDS = "*/.kwok/clusters/*/pids"
"""Where kwokctl writes down what it has started; a pattern below the state folder."""


@pytest.fixture(scope="module")
def up(shared_world: World) -> subprocess.CompletedProcess[str]:
    """What `up` said, on a machine where Docker does not answer."""
    no_docker = program(shared_world.root / "bin", "docker", "exit 1\n").parent
    path = f"{no_docker}:{shared_world.environment['PATH']}"
    done = shared_world.run("up", PATH=path)
    assert done.returncode == 0, done
    return done


def kubeconfig_in(line: str) -> Path:
    """The file that a shell takes from the line that `up` prints."""
    words = shlex.split(line)
    assert words[0] == "export"
    name, _, value = words[1].partition("=")
    assert name == "KUBECONFIG"
    return Path(value)


def kubectl(kubeconfig: Path, *arguments: str) -> str:
    return subprocess.run(
        [binaries.find("kubectl"), "--kubeconfig", kubeconfig, *arguments],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    ).stdout


def leaders(kubeconfig: Path) -> dict[str, str]:
    """Which process holds the Lease of each component that has one, by its name."""
    output = (
        '{range .items[*]}{.metadata.name}{"\\t"}{.spec.holderIdentity}{"\\n"}{end}'
    )
    lease = ("get", "leases", "--namespace=kube-system", f"--output=jsonpath={output}")
    held = (line.split("\t") for line in kubectl(kubeconfig, *lease).splitlines())
    return {name: holder for name, holder in held if holder and name in LEADERS}


def known_leaders(kubeconfig: Path) -> dict[str, str]:
    """All of them, for which a new cluster takes a moment."""
    wait_until(lambda: leaders(kubeconfig).keys() == LEADERS)
    return leaders(kubeconfig)


def processes_of(world: World) -> dict[str, int]:
    """The program and the id of each process that runs from the state folder."""
    pids: dict[str, int] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            first = (entry / "cmdline").read_bytes().split(b"\0")[0].decode()
        except OSError:
            continue
        if first.startswith(f"{world.state_home}/"):
            pids[Path(first).name] = int(entry.name)
    return pids


# One worker for what looks at one cluster, another for what goes wrong: each control
# plane takes 600 MB, and a worker's worth of them would take all of a small machine.
looks = pytest.mark.xdist_group("kwok")
accident = pytest.mark.xdist_group("kwok-accidents")


@looks
def test_up_says_which_driver_and_why_and_ends_with_the_line_to_export(
    shared_world: World, up: subprocess.CompletedProcess[str]
):
    assert "driver kwok, because Docker does not answer" in up.stderr
    assert up.stdout.count("\n") == 1
    kubeconfig = kubeconfig_in(up.stdout)
    assert kubeconfig == shared_world.sandboxes / "default" / "kubeconfig"
    assert kubeconfig.stat().st_mode & 0o777 == 0o600
    assert kubeconfig.parent.stat().st_mode & 0o777 == 0o700
    nodes = kubectl(kubeconfig, "get", "nodes", "--output", "name").split()
    assert nodes == [f"node/node-{number}" for number in range(1, 5)]


@looks
def test_up_again_prints_the_same_line(
    shared_world: World, up: subprocess.CompletedProcess[str]
):
    before = processes_of(shared_world)
    again = shared_world.run("up", "--driver", "kwok")
    assert again.returncode == 0
    assert again.stdout == up.stdout
    assert "default is already up" in again.stderr
    assert processes_of(shared_world) == before


@looks
def test_up_refuses_to_be_something_else(
    shared_world: World, up: subprocess.CompletedProcess[str]
):
    error = shared_world.error("up", "--driver", "kind")
    assert error.startswith("sandbox: default is up, but not with driver kind: run")


@looks
def test_env_prints_the_same_line(
    shared_world: World, up: subprocess.CompletedProcess[str]
):
    assert shared_world.run("env").stdout == up.stdout


@looks
def test_status_tells_driver_version_nodes_and_age(
    shared_world: World, up: subprocess.CompletedProcess[str]
):
    header, row = shared_world.run("status").stdout.splitlines()
    assert header.split() == ["NAME", "DRIVER", "KUBERNETES", "NODES", "AGE", "STATE"]
    version = modules.version("kubernetes")
    name, driver, kubernetes, nodes, age, state = row.split()
    assert (name, driver, kubernetes) == ("default", "kwok", version)
    assert (nodes, state) == ("4", "ready")
    assert age.endswith("s")


def listening(world: World) -> dict[str, set[str]]:
    """Where each component listens: addresses of /proc/net, or paths of sockets."""
    rows = [
        (line.split()[1], line.split()[9])
        for table in ("tcp", "tcp6")
        for line in Path("/proc/net", table).read_text().splitlines()[1:]
        if line.split()[3] == "0A"
    ]
    for line in Path("/proc/net/unix").read_text().splitlines()[1:]:
        words = line.split(maxsplit=7)
        # 10000: it accepts connections. Those have the path as well.
        if words[3] == "00010000" and len(words) > 7:
            rows.append((words[7], words[6]))
    by_program: dict[str, set[str]] = {}
    for name, pid in processes_of(world).items():
        sockets: set[str] = set()
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # closed meanwhile
                sockets.add(str(descriptor.readlink()))
        by_program[name] = {
            address for address, i in rows if f"socket:[{i}]" in sockets
        }
    return by_program


@looks
def test_components_listen_on_loopback_and_etcd_on_no_port(
    shared_world: World, up: subprocess.CompletedProcess[str]
):
    by_program = listening(shared_world)
    assert by_program.pop("etcd") == {"etcd.sock", "peer.sock"}
    assert by_program.keys() == set(components.NAMES) - {"etcd"}
    for name, addresses in by_program.items():
        assert [a.partition(":")[0] for a in addresses] == ["0100007F"], name


OPEN = {
    # To the group system:unauthenticated, as on each cluster, by the ClusterRole
    # system:public-info-viewer.
    "kube-apiserver": {"/healthz", "/livez", "/readyz", "/version"},
    "kube-controller-manager": {"/healthz"},
    "kube-scheduler": {"/healthz", "/livez", "/readyz"},
    "metrics-server": {"/healthz", "/livez", "/readyz", "/version"},
    # KWOK asks nobody who he is: the names of Pods, and their made-up use.
    "kwok-controller": {
        *("/healthz", "/livez", "/readyz", "/metrics", "/discovery/prometheus"),
        "/metrics/nodes/node-1/metrics/resource",
    },
}
"""What each component answers to whoever can reach its port."""

PATHS = {
    *(path for paths in OPEN.values() for path in paths),
    *("/", "/api", "/api/v1/secrets", "/apis/metrics.k8s.io/v1beta1/pods"),
    *("/configz", "/debug/pprof/", "/debug/pprof/heap", "/logs/", "/openapi/v2"),
    *("/pods", "/containerLogs/a/b/c", "/exec/a/b/c?command=id&output=1"),
}


@looks
def test_without_credentials_next_to_nothing_is_answered(
    shared_world: World, up: subprocess.CompletedProcess[str]
):
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    for name, addresses in listening(shared_world).items():
        for address in addresses - {"etcd.sock", "peer.sock"}:
            port = int(address.partition(":")[2], 16)
            answered: set[str] = set()
            for path in PATHS:
                connection = http.client.HTTPSConnection(
                    "127.0.0.1", port, timeout=30, context=anybody
                )
                with contextlib.closing(connection):
                    connection.request("GET", path)
                    status = connection.getresponse().status
                # 500: metrics-server, where it has no metrics yet.
                assert status in (200, 403, 404, 405, 500), (name, path, status)
                if status in (200, 500):
                    answered.add(path)
            assert answered == OPEN[name], name


KNOCK = """
import pathlib, socket
for name in ("etcd.sock", "peer.sock"):
    try:
        socket.socket(socket.AF_UNIX).connect(name)
        print(name, "is open")
    except OSError as error:
        print(name, error.strerror)
for name in ("pki/ca.key", "pki/admin.key", "kubeconfig.yaml", "logs/audit.log"):
    try:
        print(name, len(pathlib.Path(name).read_bytes()), "bytes")
    except OSError as error:
        print(name, error.strerror)
"""


@looks
def test_another_user_reaches_neither_etcd_nor_keys(
    shared_world: World, up: subprocess.CompletedProcess[str]
):
    work = kwokctl.work(kubeconfig_in(up.stdout).parent)
    if os.geteuid() != 0:
        pytest.skip("only root can be another user")
    python = shutil.which("python3", path=os.defpath)
    if python is None:
        pytest.skip("there is no Python that other users may start")

    def knock(user: int) -> set[str]:
        # From inside: the folders above would keep others out by themselves.
        done = subprocess.run(
            [python, "-c", KNOCK],
            cwd=work,
            user=user,
            group=user,
            extra_groups=[],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return {line.partition(" ")[2] for line in done.stdout.splitlines()}

    assert knock(65534) == {"Permission denied"}
    assert "is open" in knock(0)


@looks
def test_files_of_a_cluster_are_its_owners(
    shared_world: World, up: subprocess.CompletedProcess[str]
):
    """Each by itself, not only by the folder that holds them."""
    work = kwokctl.work(kubeconfig_in(up.stdout).parent)
    modes = {
        path.relative_to(work): path.lstat().st_mode & 0o077
        for path in (work, *work.rglob("*"))
        if not path.is_symlink()
    }
    assert {Path("pki/ca.key"), Path("pki/admin.key"), Path("etcd.sock")} <= {*modes}
    assert {path for path, mode in modes.items() if mode} == set()


def test_there_is_room_for_what_etcd_and_the_audit_log_may_take():
    documents = yaml.safe_load_all(
        Path(kwokctl.__file__).with_name("kwok.yaml").read_text()
    )
    arguments = {
        argument["key"]: argument["value"]
        for patch in next(documents)["componentsPatches"]
        for argument in patch["extraArgs"]
    }
    # The one that is written to, and one made ahead.
    log = (int(arguments["max-wals"]) + 2) * 64_000_000
    audits = 1 + int(arguments["audit-log-maxbackup"])
    audit = int(arguments["audit-log-maxsize"]) * audits * 1024**2
    most = int(arguments["quota-backend-bytes"]) + log + audit
    assert most <= kwok.SPACE_MB * 1_000_000


@looks
def test_the_users_kubeconfig_is_left_alone(
    shared_world: World, up: subprocess.CompletedProcess[str]
):
    config = shared_world.home / ".kube" / "config"
    assert config.read_text() == "# the user's own\n"
    assert [path.name for path in shared_world.home.iterdir()] == [".kube"]
    assert [path.name for path in config.parent.iterdir()] == ["config"]


@looks
def test_the_audit_log_tells_who_wrote_what(
    shared_world: World, up: subprocess.CompletedProcess[str]
):
    kubeconfig = kubeconfig_in(up.stdout)
    name, _, value = shlex.split(up.stdout)[2].partition("=")
    assert name == "SANDBOX_AUDIT_LOG"
    log = Path(value)
    assert log.is_relative_to(kubeconfig.parent)
    image = "registry.k8s.io/e2e-test-images/agnhost:2.66.1"
    kubectl(kubeconfig, "create", "deployment", "audited", f"--image={image}")
    kubectl(kubeconfig, "create", "secret", "generic", "s", "--from-literal=k=hush")

    def requests() -> list[dict[str, Any]]:
        # The last line may be only half written.
        lines = log.read_text().rpartition("\n")[0].splitlines()
        return [json.loads(line) for line in lines]

    def writers() -> set[tuple[str, str]]:
        return {
            (entry["verb"], entry["user"]["username"].rpartition(":")[2])
            for entry in requests()
            if entry["objectRef"]["resource"] == "pods"
        }

    wait_until(lambda: {"create", "patch"} <= {verb for verb, _ in writers()})
    assert ("create", "replicaset-controller") in writers()
    assert all(entry["level"] == "Metadata" for entry in requests())
    assert "hush" not in log.read_text()
    assert not {"leases", "events"} & {r["objectRef"]["resource"] for r in requests()}
    kubectl(kubeconfig, "delete", "deployment/audited", "secret/s")


@looks
def test_a_pod_with_an_image_that_is_not_there_waits_and_can_be_deleted(
    shared_world: World, up: subprocess.CompletedProcess[str]
):
    kubeconfig = kubeconfig_in(up.stdout)
    image = "registry.k8s.io/e2e-test-images/agnhost:no-such-tag"
    kubectl(kubeconfig, "run", "bad", f"--image={image}")
    seen: list[str] = []

    def backs_off() -> bool:
        pod: dict[str, Any] = json.loads(
            kubectl(kubeconfig, "get", "pod", "bad", "--output", "json")
        )
        for status in pod["status"].get("containerStatuses", []):
            reason = status["state"]["waiting"]["reason"]
            if reason not in seen:
                seen.append(reason)
            assert image in status["state"]["waiting"]["message"]
            assert pod["status"]["phase"] == "Pending"
        return "ImagePullBackOff" in seen

    wait_until(backs_off)
    assert seen in (["ErrImagePull", "ImagePullBackOff"], ["ImagePullBackOff"])
    events = ("get", "events", "--field-selector=involvedObject.name=bad")
    wait_until(lambda: "Error: ErrImagePull" in kubectl(kubeconfig, *events))
    kubectl(kubeconfig, "delete", "pod", "bad", "--timeout=60s")


@looks
def test_a_component_is_stopped_and_started_alone(
    shared_world: World, up: subprocess.CompletedProcess[str]
):
    kubeconfig = kubeconfig_in(up.stdout)
    before = processes_of(shared_world)
    error = shared_world.error("stop", "kube-proxy")
    assert error.startswith("sandbox: there is no component 'kube-proxy': etcd, kube-")
    error = shared_world.error("start", "kube-scheduler")
    assert error == "sandbox: kube-scheduler is not stopped"

    led = known_leaders(kubeconfig)
    for component in ("kube-scheduler", "kube-controller-manager"):
        assert shared_world.run("stop", component).returncode == 0
        assert processes_of(shared_world).keys() == before.keys() - {component}
        assert f"ready, without {component}" in shared_world.run("status").stdout
        assert shared_world.run("up", "--driver", "kwok").stdout == up.stdout
        error = shared_world.error("stop", component)
        assert error == (
            f"sandbox: {component} is already stopped: `sandbox start {component}`"
            " starts it"
        )
        pod = f"without-{component}"
        image = "registry.k8s.io/e2e-test-images/agnhost:2.66.1"
        kubectl(kubeconfig, "create", "deployment", pod, f"--image={image}")

        assert shared_world.run("start", component).returncode == 0
        # Nobody waits for the Lease of the one that was stopped to run out.
        assert leaders(kubeconfig).get(component) not in (None, led[component])
        wait = ("wait", f"deployment/{pod}", "--for=condition=Available")
        kubectl(kubeconfig, *wait, "--timeout=100s")
        kubectl(kubeconfig, "delete", "deployment", pod)

    after = processes_of(shared_world)
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} == {
        "kube-scheduler",
        "kube-controller-manager",
    }
    assert "ready\n" in shared_world.run("status").stdout


@accident
def test_down_leaves_nothing_and_the_sandbox_beside_it_alone(world: World):
    both = [world.start("up", "--driver", "kwok", "--name", name) for name in "ab"]
    lines = [finish(process).stdout for process in both]
    servers = {
        kubectl(kubeconfig_in(line), "config", "view", "--output=jsonpath={..server}")
        for line in lines
    }
    assert len(servers) == 2
    done = world.run("down", "--name", "a")
    assert (done.returncode, done.stderr) == (0, "sandbox: a is gone\n")
    assert [path.name for path in world.sandboxes.iterdir()] == ["b"]
    assert not any("/sandboxes/a/" in trace for trace in world.traces())
    assert kubectl(kubeconfig_in(lines[1]), "get", "--raw", "/readyz") == "ok"
    again = world.run("down", "--name", "a")
    assert (again.returncode, again.stderr) == (0, "sandbox: there is no sandbox a\n")
    world.run("down", "--name", "b")
    assert world.traces() == []


@accident
def test_two_at_once_with_the_same_name_make_one(world: World):
    both = [world.start("up", "--driver", "kwok") for _ in range(2)]
    done = [finish(process) for process in both]
    assert [d.returncode for d in done] == [0, 0]
    assert done[0].stdout == done[1].stdout
    already_up = sorted("is already up" in d.stderr for d in done)
    assert already_up == [False, True]
    assert len(processes_of(world)) == 6


@accident
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_up_leaves_nothing(world: World, number: signal.Signals):
    process = world.start("up", "--driver", "kwok")
    wait_until(lambda: list(world.sandboxes.glob(f"{PIDS}/etcd.pid")))
    process.send_signal(number)
    done = finish(process)
    assert done.returncode == 130
    assert done.stderr.splitlines()[-1] == "sandbox: interrupted"
    assert world.traces() == []


@accident
def test_what_a_killed_up_leaves_is_seen_and_cleared_by_the_next(world: World):
    process = world.start("up", "--driver", "kwok")
    wait_until(lambda: list(world.sandboxes.glob(f"{PIDS}/etcd.pid")))
    process.send_signal(signal.SIGSTOP)  # or it may be done before the status is told
    assert world.run("status").stdout.rstrip().endswith("being made")
    left = processes_of(world)["etcd"]
    process.kill()
    finish(process)
    assert "stale: it was never finished" in world.run("status").stdout
    assert world.error("env").startswith("sandbox: there is no sandbox default")
    done = world.run("up", "--driver", "kwok")
    assert done.returncode == 0
    assert "default was never finished: starting again" in done.stderr
    assert left not in processes_of(world).values()


@accident
def test_a_component_that_gives_up_meanwhile_is_started_again(world: World):
    process = world.start("up", "--driver", "kwok")
    wait_until(lambda: list(world.sandboxes.glob(f"{PIDS}/etcd.pid")))
    process.send_signal(signal.SIGSTOP)  # or it may be done before; kwokctl goes on
    try:
        assert process.poll() is None, "up was done before it could be stopped"
        wait_until(lambda: "kube-scheduler" in processes_of(world))
        killed = processes_of(world)["kube-scheduler"]
        os.kill(killed, signal.SIGKILL)
    finally:
        process.send_signal(signal.SIGCONT)
    done = finish(process)
    assert done.returncode == 0, done
    assert len(processes_of(world)) == 6
    assert processes_of(world)["kube-scheduler"] != killed


@accident
def test_up_without_etcd_is_given_up(world: World):
    process = world.start("up", "--driver", "kwok")
    wait_until(lambda: list(world.sandboxes.glob(f"{PIDS}/etcd.pid")))
    wait_until(lambda: "etcd" in processes_of(world))
    os.kill(processes_of(world)["etcd"], signal.SIGKILL)
    done = finish(process)
    assert done.returncode == 2
    last = done.stderr.splitlines()[-1]
    assert last.startswith("sandbox: etcd has ended unexpectedly (")
    assert world.traces() == []


@accident
def test_a_sandbox_that_lost_a_process_is_stale_and_made_anew(world: World):
    assert world.run("up", "--driver", "kwok").returncode == 0
    before = processes_of(world)
    os.kill(before["kube-scheduler"], signal.SIGKILL)
    wait_until(lambda: "kube-scheduler" not in processes_of(world))
    assert "stale: 5 of 6 processes are running" in world.run("status").stdout
    done = world.run("up", "--driver", "kwok")
    assert done.returncode == 0
    assert "starting again" in done.stderr
    after = processes_of(world)
    assert len(after) == 6
    assert not set(after.values()) & set(before.values())
