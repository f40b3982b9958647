"""What the page "The Python client" says of the client's traps, beside its programs.

A stand-in plays the API server, since a real one can't be made to answer like that on
demand. When the client is mended, a test here turns red, and the page can say less.
"""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import pytest
from kubernetes import aio, client, watch
from kubernetes.informer import ERROR, SharedInformer
from kubernetes.stream import stream

from tests.servers import Quiet, serving

Answer = tuple[int, bytes]

EMPTY_LIST = json.dumps(
    {
        "kind": "ConfigMapList",
        "apiVersion": "v1",
        "metadata": {"resourceVersion": "7"},
        "items": [],
    }
).encode()


@contextmanager
def standing_in(
    answer: Callable[[str], Answer], retry_after: str | None = None
) -> Generator[tuple[Any, list[str]]]:
    """A client of a server that answers a GET with this; and what it was asked."""
    asked: list[str] = []
    headers = {} if retry_after is None else {"Retry-After": retry_after}

    class Handler(Quiet):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.answer(*answer(self.path), headers)

    with (
        serving(Handler) as host,
        client.ApiClient(client.Configuration(host=host)) as api,
    ):
        yield client.CoreV1Api(api), asked


def informer_of(core: Any) -> SharedInformer:
    """An informer that waits no longer than this for an answer; by itself it has no
    limit, and nor has its `stop`, which waits for it.
    """

    @wraps(core.list_namespaced_config_map)
    def listing(*args: Any, **options: Any) -> Any:
        return core.list_namespaced_config_map(*args, _request_timeout=30, **options)

    return SharedInformer(listing, "default")


def test_list_that_is_null_is_refused() -> None:
    node = {"metadata": {"name": "n"}, "spec": {"drivers": None}}
    body = json.dumps({"kind": "CSINodeList", "items": [node]}).encode()
    with standing_in(lambda path: (200, body)) as (core, _):
        with pytest.raises(ValueError, match="valid list"):
            client.StorageV1Api(core.api_client).list_csi_node()
        custom = client.CustomObjectsApi(core.api_client)
        listed: Any = custom.list_cluster_custom_object(
            "storage.k8s.io", "v1", "csinodes"
        )
    assert listed["items"] == [node]


def test_watch_asks_once_more_with_the_version_that_is_gone() -> None:
    status = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}
    gone = json.dumps({"type": "ERROR", "object": status}).encode() + b"\n"
    for options, times in [({}, 2), ({"timeout_seconds": 5}, 1)]:
        with standing_in(lambda _: (200, gone)) as (core, asked):
            with pytest.raises(client.ApiException) as error:
                list(
                    watch.Watch().stream(
                        core.list_namespaced_config_map,
                        "default",
                        resource_version="3",
                        **options,
                    )
                )
            assert error.value.status == 410
            assert len(asked) == times
            assert all("resourceVersion=3" in path for path in asked)


def test_watch_goes_on_from_the_last_object_of_an_unsorted_list() -> None:
    """Without a version it begins with all objects, by name; the last may be old."""
    events = b"".join(
        json.dumps(
            {
                "type": "ADDED",
                "object": {
                    "kind": "ConfigMap",
                    "metadata": {"name": name, "resourceVersion": version},
                },
            }
        ).encode()
        + b"\n"
        for name, version in [("a", "90"), ("b", "5")]
    )
    with standing_in(lambda _: (200, events)) as (core, asked):
        stream = watch.Watch().stream(core.list_namespaced_config_map, "default")
        for _ in range(3):
            next(stream)
        stream.close()
    assert "resourceVersion" not in asked[0]
    assert "resourceVersion=5" in asked[1]


def test_informer_that_may_list_and_not_watch_asks_without_a_pause() -> None:
    def answer(path: str) -> Answer:
        return (403, b"{}") if "watch" in path else (200, EMPTY_LIST)

    with standing_in(answer) as (core, asked):
        errors: list[Any] = []
        informer = informer_of(core)
        informer.add_event_handler(ERROR, errors.append)
        informer.start()
        deadline = time.monotonic() + 60
        while len(errors) < 50 and time.monotonic() < deadline:
            time.sleep(0.01)
        informer.stop()
    assert len(errors) >= 50
    assert {error.status for error in errors} == {403}
    assert len([path for path in asked if "watch" in path]) >= 50


def test_informer_keeps_an_error_of_a_handler_to_its_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    listed = json.loads(EMPTY_LIST)
    listed["items"] = [{"metadata": {"name": "one", "namespace": "default"}}]

    def answer(path: str) -> Answer:
        return 200, b"" if "watch" in path else json.dumps(listed).encode()

    with standing_in(answer) as (core, _):
        informer = informer_of(core)
        informer.add_event_handler("ADDED", fail)
        informer.start()
        deadline = time.monotonic() + 60
        while not caplog.records and time.monotonic() < deadline:
            time.sleep(0.01)
        alive = informer.cache.list_keys()
        informer.stop()
    assert "Exception in informer handler" in caplog.text
    assert alive == ["default/one"]


def fail(_: Any) -> None:
    raise ValueError("a handler's own")


def test_informer_can_not_be_stopped_by_its_own_handler() -> None:
    def answer(path: str) -> Answer:
        return (403, b"{}") if "watch" in path else (200, EMPTY_LIST)

    with standing_in(answer) as (core, _):
        raised: list[str] = []
        informer = informer_of(core)

        def stop(_: Any) -> None:
            try:
                informer.stop()
            except RuntimeError as error:
                raised.append(str(error))

        informer.add_event_handler(ERROR, stop)
        informer.start()
        deadline = time.monotonic() + 60
        while not raised and time.monotonic() < deadline:
            time.sleep(0.01)
        informer.stop()
    assert raised == ["cannot join current thread"]


def test_timeout_is_for_each_piece_of_the_answer_and_for_asyncio_for_all() -> None:
    """A byte each 0.2 s is never too slow for a timeout of 1 s, except in asyncio.

    Should the machine stand still for a second, the client asks again, three times.
    """
    body = b'{"metadata":{}}'

    class Drops(Quiet):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for byte in body:
                self.wfile.write(bytes([byte]))
                time.sleep(0.2)

    async def read(host: str) -> None:
        async with aio.client.ApiClient(aio.client.Configuration(host=host)) as api:
            core = aio.client.CoreV1Api(api)
            await core.read_namespaced_config_map("one", "x", _request_timeout=1)

    with serving(Drops) as host:
        with client.ApiClient(client.Configuration(host=host)) as api:
            core = client.CoreV1Api(api)
            started = time.monotonic()
            core.read_namespaced_config_map("one", "x", _request_timeout=1)
            assert time.monotonic() - started > 2
        with pytest.raises(TimeoutError):
            asyncio.run(read(host))


@pytest.mark.parametrize(
    ("retries", "go", "retry_after", "times"),
    [
        pytest.param(None, False, None, 1, id="by itself"),
        pytest.param(None, False, "0", 1, id="by itself, with Retry-After"),
        pytest.param(3, False, None, 3, id="retries"),
        pytest.param(None, True, None, 1, id="client_go_retries"),
        pytest.param(None, True, "0", 11, id="client_go_retries, with Retry-After"),
    ],
)
def test_asyncio_asks_again_only_if_told_to(
    retries: int | None, go: bool, retry_after: str | None, times: int
) -> None:
    async def read(host: str) -> None:
        configuration: Any = aio.client.Configuration(host=host, retries=retries)
        configuration.client_go_retries = go
        async with aio.client.ApiClient(configuration) as api:
            await aio.client.CoreV1Api(api).read_namespaced_config_map("one", "x")

    with standing_in(lambda _: (503, b"{}"), retry_after) as (core, asked):
        with pytest.raises(aio.client.ApiException):
            asyncio.run(read(core.api_client.configuration.host))
        assert len(asked) == times


def test_websocket_has_no_time_limit_while_it_connects() -> None:
    """It waits until the server hangs up, whatever _request_timeout says."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host = f"http://127.0.0.1:{silent.getsockname()[1]}"
        core = client.CoreV1Api(client.ApiClient(client.Configuration(host=host)))
        ended: list[str] = []

        def connect() -> None:
            with pytest.raises(client.ApiException) as error:
                stream(
                    core.connect_get_namespaced_pod_exec,
                    "web",
                    "default",
                    command=["true"],
                    _preload_content=False,
                    _request_timeout=0.5,
                )
            ended.append(str(error.value.reason))

        connecting = threading.Thread(target=connect, daemon=True)
        connecting.start()
        connection, _ = silent.accept()
        connecting.join(3)
        assert connecting.is_alive(), ended
        connection.close()
        connecting.join(60)
        assert ended


def test_watch_of_a_log_loses_a_last_line_that_does_not_end() -> None:
    with standing_in(lambda _: (200, b"one\ntwo")) as (core, _):
        lines = list(watch.Watch().stream(core.read_namespaced_pod_log, "web", "x"))
        assert lines == ["one"]
        answer = core.read_namespaced_pod_log("web", "x", _preload_content=False)
        assert list(answer) == [b"one\n", b"two"]


def test_log_that_is_not_utf8_can_not_be_read_as_text() -> None:
    with (
        standing_in(lambda _: (200, b"\xff\n")) as (core, _),
        pytest.raises(UnicodeDecodeError),
    ):
        core.read_namespaced_pod_log("web", "x")
