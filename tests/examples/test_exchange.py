"""Requests and answers are noted as they were, nothing secret, and played as noted.

A small server stands in for the API server: it knows three answers.
"""

import base64
import json
import runpy
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client, config, watch
from urllib3.exceptions import HTTPError

from book.run_in_page import recording
from sandbox import binaries, kubeconfig, story
from sandbox.cluster import Cluster
from tests.examples import exchange, exchange_player, exchange_recordings
from tests.examples.exchange import Exchange, Noted, noting
from tests.examples.exchange_player import NotNotedError, Player
from tests.examples.in_process import environment
from tests.servers import Quiet, serving

SECRET_TOKEN = "not-to-be-kept"
LIST = {"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": []}
WARNING = {"Warning": '299 - "careful"'}


def event(name: str) -> str:
    pod = {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": name}}
    return json.dumps({"type": "ADDED", "object": pod}) + "\n"


class Handler(Quiet):
    """Pods: none in a list, two in a watch. What is sent comes back."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if "watch" not in self.path:
            self.answer(200, json.dumps(LIST).encode(), WARNING)
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for name in ("first", "zweité"):
            text = event(name).encode()
            self.wfile.write(b"%x\r\n%b\r\n" % (len(text), text))
            time.sleep(0.05)
        if "timeoutSeconds" in self.path:
            self.wfile.write(b"0\r\n\r\n")

    def do_POST(self, status: int = 201) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(status, body, WARNING)

    def do_PATCH(self) -> None:
        self.do_POST(200)


@pytest.fixture
def asked(tmp_path: Path) -> Generator[Path]:
    """A kubeconfig of that server."""
    with serving(Handler) as address:
        path = tmp_path / "kubeconfig"
        kubeconfig.write(
            path,
            {"name": "here", "context": {"cluster": "here", "user": "here"}},
            {"name": "here", "cluster": {"server": address}},
            {"name": "here", "user": {"token": SECRET_TOKEN}},
        )
        yield path


def noted(asked: Path, program: Callable[[], Any]) -> Noted:
    with environment({"KUBECONFIG": str(asked)}, "program"), noting() as run:
        program()
    return run


def played(run: Noted, program: Callable[[], Any], folder: Path) -> Player:
    player = Player(run)
    with player.playing("here", "here", folder):
        program()
    return player


def core() -> client.CoreV1Api:
    config.load_kube_config()
    return client.CoreV1Api()


def lists() -> Any:
    return core().list_namespaced_pod("here", limit=5, _request_timeout=9).items


def watches(**options: Any) -> list[str]:
    """The names of two Pods, after which it wants no more."""
    found: list[str] = []
    watcher = watch.Watch()
    events: Any = watcher.stream(
        core().list_namespaced_pod, "here", _request_timeout=9, **options
    )
    for each in events:
        found.append(each["object"].metadata.name)
        if len(found) == 2 and not options:
            watcher.stop()
    return found


def sends(value: str) -> Any:
    body: Any = {"data": {"key": value}}
    return core().create_namespaced_config_map("here", body, _request_timeout=9).data


def patches(kind: str) -> None:
    core().patch_namespaced_config_map(
        "web", "here", {}, _content_type=f"application/{kind}+json", _request_timeout=9
    )


def test_list_is_noted_as_it_was(asked: Path) -> None:
    before = time.time()
    run = noted(asked, lists)
    assert before <= run.start <= time.time()
    (one,) = run.exchanges
    assert (one.method, one.path) == ("GET", "/api/v1/namespaces/here/pods")
    assert (one.query, one.body) == ("limit=5", None)
    assert (one.status, one.reason, one.type) == (200, "OK", "application/json")
    assert json.loads(one.answer or "") == LIST
    assert one.chunks is None
    assert one.headers == WARNING
    assert 0 <= one.at <= one.until <= run.seconds * 1000
    assert run.why_not is None
    assert SECRET_TOKEN not in repr(run)


def test_body_is_noted_as_it_was_sent(asked: Path) -> None:
    (one,) = noted(asked, lambda: sends("grün")).exchanges
    assert json.loads(one.body or "") == {"data": {"key": "grün"}}
    assert one.content is None  # the client doesn't say it, but of a patch
    assert (one.status, one.reason) == (201, "Created")


def test_kind_of_a_patch_is_noted_and_has_to_be_the_same(
    asked: Path, tmp_path: Path
) -> None:
    run = noted(asked, lambda: patches("merge-patch"))
    (one,) = run.exchanges
    assert (one.method, one.content) == ("PATCH", "application/merge-patch+json")
    assert played(run, lambda: patches("merge-patch"), tmp_path).problem is None
    with pytest.raises(NotNotedError):
        played(run, lambda: patches("strategic-merge-patch"), tmp_path)


def test_warning_is_noted_and_played(asked: Path, tmp_path: Path) -> None:
    told: list[str] = []

    def program() -> None:
        _, _, headers = core().list_namespaced_pod_with_http_info(
            "here", _request_timeout=9
        )
        told.append(headers["warning"])

    assert played(noted(asked, program), program, tmp_path).problem is None
    assert told == ['299 - "careful"'] * 2


def test_watch_is_noted_in_chunks(asked: Path) -> None:
    (one,) = noted(asked, watches).exchanges
    assert one.answer is None
    assert [text for _, text in one.chunks or []] == [event("first"), event("zweité")]
    first, second = [at for at, _ in one.chunks or []]
    assert second - first >= 40
    assert not one.ended
    (one,) = noted(asked, lambda: watches(timeout_seconds=1)).exchanges
    assert one.ended


def test_what_other_threads_ask_is_not_noted(asked: Path) -> None:
    """Watches of the suite are in threads that it started before the program's run."""
    go, done = threading.Event(), threading.Event()

    def other() -> None:
        go.wait(9)
        lists()
        done.set()

    threading.Thread(target=other, daemon=True).start()

    def program() -> None:
        go.set()
        assert done.wait(9)

    run = noted(asked, program)
    assert (run.exchanges, run.why_not) == ([], None)


def _starts_a_thread() -> None:
    threading.Thread(target=int).start()


def _starts_a_process() -> None:
    subprocess.run(["/bin/true"], check=True)


def _listens() -> None:
    with socket.create_server(("127.0.0.1", 0)):
        pass


def _connects() -> None:
    with pytest.raises(OSError, match="refused"), socket.socket() as ours:
        ours.connect(("127.0.0.1", 1))


def _gets_no_answer(retries: Any = False) -> None:
    lists_of_nobody = client.Configuration(host="http://127.0.0.1:1", retries=retries)
    api = client.CoreV1Api(client.ApiClient(lists_of_nobody))
    with pytest.raises((HTTPError, client.ApiException)):
        api.list_namespaced_pod("here", _request_timeout=9)


@pytest.mark.parametrize(
    ("program", "why", "unlisted"),
    [
        (_starts_a_thread, "it starts threads of its own", exchange.MISSES),
        (_starts_a_process, "it starts another process", exchange.MISSES),
        (_listens, "it listens on a port", exchange.OTHERS),
        (_connects, "it opens connections without the client", exchange.MISSES),
        (_gets_no_answer, exchange.UNANSWERED, None),
    ],
)
def test_program_that_does_more_than_ask(
    asked: Path, program: Callable[[], None], why: str, unlisted: str | None
) -> None:
    run = noted(asked, program)
    assert (run.why_not, run.unlisted) == (why, unlisted)

    def both() -> None:
        _gets_no_answer()
        program()

    run = noted(asked, both)
    assert (run.why_not, run.unlisted) == (exchange.UNANSWERED, unlisted)


@pytest.mark.parametrize("retries", [False, 0])
def test_request_without_an_answer_is_noted(asked: Path, retries: Any) -> None:
    before = time.monotonic()
    (one,) = noted(asked, lambda: _gets_no_answer(retries)).exchanges
    assert (one.status, one.answer, one.chunks) == (0, None, None)
    assert one.failed == "NewConnectionError"
    assert one.at <= one.until <= (time.monotonic() - before) * 1000


def test_watch_that_breaks_off_is_noted(asked: Path) -> None:
    def program() -> None:
        with pytest.raises(HTTPError):
            list(_endless(0.3))

    (one,) = noted(asked, program).exchanges
    assert (one.status, one.ended, one.failed) == (200, False, "ReadTimeoutError")
    assert [text for _, text in one.chunks or []] == [event("first"), event("zweité")]
    assert one.until - one.at >= 300


def _cluster(folder: Path) -> Cluster:
    return Cluster(
        "c", "kwok", "v1", folder / "config", datetime.now(UTC), frozenset(), 1
    )


def test_requests_are_written_down_unless_they_can_not_be_listed(
    asked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = story.load(exchange_recordings.ROOT / "examples" / "deployments")
    monkeypatch.setattr(exchange_recordings, "ROOT", tmp_path)

    def lists_and_gets_no_answer() -> None:
        lists()
        _gets_no_answer()

    def lists_and_listens() -> None:
        lists()
        _listens()

    programs = {"01.py": lists_and_gets_no_answer, "02.py": lists_and_listens}
    runs = {name: noted(asked, program) for name, program in programs.items()}
    exchange_recordings.write(told, _cluster(tmp_path), runs, {})
    written = recording.read(tmp_path, told.name)["programs"]
    assert {name: each["unlisted"] for name, each in written.items()} == {
        "01.py": None,
        "02.py": exchange.OTHERS,
    }
    kept = [each.get("failed") for each in written["01.py"]["exchanges"]]
    assert kept == [None, "NewConnectionError"]
    assert written["02.py"]["exchanges"] == []


def test_line_of_the_program_that_asks(asked: Path, tmp_path: Path) -> None:
    program = tmp_path / "01_lists_0_60.py"
    program.write_text(
        "from kubernetes import client, config\n"
        "config.load_kube_config()\n"
        "def pods(core):\n"
        "    return core.list_namespaced_pod('here', _request_timeout=9)\n"
        "pods(client.CoreV1Api())\n"
    )
    run = noted(asked, lambda: runpy.run_path(str(program), run_name="__main__"))
    assert [each.line for each in run.exchanges] == [4]
    assert [each.line for each in noted(asked, lists).exchanges] == [0]


def test_after_a_run_nothing_is_noted(asked: Path) -> None:
    run = noted(asked, lists)
    with environment({"KUBECONFIG": str(asked)}, "program"):
        lists()
    _starts_a_thread()
    assert (len(run.exchanges), run.why_not) == (1, None)


def test_player_answers_as_it_was_answered(asked: Path, tmp_path: Path) -> None:
    told: list[Any] = []

    def program() -> None:
        begun = time.monotonic()
        told.append([lists(), watches(), watches(timeout_seconds=1), sends("x")])
        time.sleep(0.2)
        told.append(time.monotonic() - begun)

    run = noted(asked, program)
    started = time.monotonic()
    assert played(run, program, tmp_path).problem is None
    assert time.monotonic() - started < told[1]
    assert (
        told[0]
        == told[2]
        == [[], ["first", "zweité"], ["first", "zweité"], {"key": "x"}]
    )
    assert told[3] == pytest.approx(told[1], abs=0.1)


def _sends_the_time() -> None:
    sends(datetime.now(UTC).isoformat())


def _sends_something_else() -> None:
    sends(str(time.perf_counter_ns()))


@pytest.mark.parametrize(
    ("program", "why"),
    [
        (_sends_the_time, exchange_player.SENDS_TIME),
        (_sends_something_else, exchange_player.ASKS_OTHERWISE),
    ],
)
def test_player_answers_nothing_else(
    asked: Path, tmp_path: Path, program: Callable[[], None], why: str
) -> None:
    player = Player(noted(asked, program))
    with (
        pytest.raises(NotNotedError),
        player.playing("here", "here", tmp_path),
    ):
        program()
    assert player.problem == why


def test_player_answers_no_further_request(asked: Path, tmp_path: Path) -> None:
    run = noted(asked, lists)
    with pytest.raises(NotNotedError):
        played(run, lambda: [lists(), lists()], tmp_path)
    assert played(run, lambda: None, tmp_path).problem == exchange_player.ASKS_OTHERWISE


def test_player_reads_no_further_in_a_watch(asked: Path, tmp_path: Path) -> None:
    run = noted(asked, watches)
    with pytest.raises(NotNotedError, match="not read any further"):
        played(run, lambda: list(_endless()), tmp_path)


def _endless(seconds: float = 9) -> Any:
    return watch.Watch().stream(
        core().list_namespaced_pod, "here", _request_timeout=seconds
    )


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n"
TOKEN = ".".join(
    _base64(part).rstrip("=")
    for part in ('{"alg":"RS256"}', '{"iss":"here","exp":1}', "signed")
)
SECRETS: dict[str, tuple[Any, str]] = {
    "a token": ({"kind": "TokenRequest", "status": {"token": TOKEN}}, "a token"),
    "a key": ({"kind": "ConfigMap", "data": {"tls.key": KEY}}, "a private key"),
    "a key in base64": (
        {"kind": "Config", "users": [{"client-key-data": _base64(KEY)}]},
        "a private key",
    ),
    "a value": (
        {"kind": "Secret", "data": {"password": _base64("hunter2")}},
        "a Secret's value that no program of its story made",
    ),
    "a value in a list": (
        {"kind": "SecretList", "items": [{"data": {"password": _base64("hunter2")}}]},
        "a Secret's value that no program of its story made",
    ),
}


def _answered(answer: Any, *, watched: bool = False) -> Noted:
    one = Exchange(0, "GET", "/api/v1/namespaces/here/things", "", None)
    if watched:
        event = json.dumps({"type": "ADDED", "object": answer})
        # As a chunk may end anywhere.
        one.chunks = [(1, event[:20]), (2, event[20:] + "\n")]
    else:
        one.answer = json.dumps(answer)
    return Noted(0, exchanges=[one])


@pytest.mark.parametrize("watched", [False, True], ids=["answer", "watch"])
@pytest.mark.parametrize("held", SECRETS)
def test_secret_is_refused(held: str, watched: bool) -> None:
    answer, what = SECRETS[held]
    run = _answered(answer, watched=watched)
    assert exchange_recordings.secret("here/01_ask.py", run, set()) == (
        f"examples/here/01_ask.py: GET /api/v1/namespaces/here/things holds {what}, "
        "and is not recorded: ask for something else"
    )


def test_secret_that_a_program_made_is_no_secret() -> None:
    one = Exchange(0, "POST", "/api/v1/namespaces/here/secrets", "", None)
    one.body = json.dumps({"stringData": {"a": "hunter2"}, "data": {"b": _base64("x")}})
    made = exchange_recordings.values_made(Noted(0, exchanges=[one]))
    answer = {"kind": "Secret", "data": {"a": _base64("hunter2"), "b": _base64("x")}}
    assert exchange_recordings.secret("here/01.py", _answered(answer), made) is None
    other = _answered({"kind": "Secret", "data": {"a": _base64("hunter3")}})
    assert exchange_recordings.secret("here/01.py", other, made)


def test_certificates_and_other_values_are_no_secrets() -> None:
    root = "-----BEGIN CERTIFICATE-----\nMIIE\n"
    public = {"kind": "ConfigMap", "data": {"ca.crt": root, "more": _base64(root)}}
    assert exchange_recordings.secret("here/01.py", _answered(public), set()) is None


def test_kubectl_is_asked_for_what_the_program_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kubectl = tmp_path / "kubectl"
    kubectl.write_text("#!/bin/sh\nprintf 'NAME   \\n%s \\n' \"$*\"\n")
    kubectl.chmod(0o755)
    monkeypatch.setattr(binaries, "find", tmp_path.joinpath)
    cluster = _cluster(tmp_path)
    paths = [
        "/api/v1/namespaces/here/pods/web/log",
        "/apis/apps/v1/namespaces/here/deployments/web/scale",
        "/api/v1/namespaces/here/secrets",
        "/apis/metrics.k8s.io/v1beta1/namespaces/here/services",
        "/api/v1/nodes",
        "/version",
    ]
    asked = [Exchange(0, "GET", path, "", None) for path in paths]
    command = "get deployments,pods --namespace=here"
    assert exchange_recordings.kubectl_get(cluster, "here", asked) == (
        f"kubectl {command}",
        f"NAME\n--kubeconfig={cluster.kubeconfig} {command}",
    )
    # A Deployment's Pods belong to the picture, whether or not the program read them.
    shown = exchange_recordings.kubectl_get(cluster, "here", asked[1:])
    assert shown
    assert shown[0] == f"kubectl {command}"
    assert exchange_recordings.kubectl_get(cluster, "here", asked[2:]) is None
