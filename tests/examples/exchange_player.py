"""Answers a program from what was noted of its run, as a page does in a browser.

Request by request, in the order of the run: each has to be the one that was noted. A
program that asks for something else than before isn't told a word.
"""

import io
import json
import re
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import urllib3

from sandbox import kubeconfig
from tests.examples import in_process
from tests.examples.exchange import Exchange, Noted

# Of the time at which something is, as the API server or Python writes it.
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(Z|\+00:00)")

SENDS_TIME = "it sends the time at which it runs"
ASKS_OTHERWISE = "its requests are different in each run"

# Nobody listens there, and nobody is asked to.
SERVER = "https://127.0.0.1:1"


class NotNotedError(Exception):
    """A program asked for what it did not ask for in the noted run."""


class Player:
    """Answers one run of a program. `problem` is why it can't, once it could not.

    Its clock stands still but for sleeping and for answers, which take as long as they
    took.
    """

    def __init__(self, run: Noted) -> None:
        self.problem: str | None = None
        self._start = run.start
        self._now = 0.0
        self._left = list(run.exchanges)

    @contextmanager
    def playing(self, story: str, namespace: str, folder: Path) -> Generator[None]:
        """Have programs in this process ask the player, and live by its clock.

        Args:
            story: whose kubeconfig the programs find.
            namespace: the one of its context.
            folder: where that file is written.
        """
        file = folder / f"{story}.kubeconfig"
        kubeconfig.write(
            file,
            {
                "name": story,
                "context": {"cluster": story, "user": story, "namespace": namespace},
            },
            {"name": story, "cluster": {"server": SERVER}},
            {"name": story, "user": {"token": "none"}},
        )
        clock: dict[str, Callable[..., float]] = {
            "time": lambda: self._start + self._now,
            "monotonic": lambda: self._now,
            "perf_counter": lambda: self._now,
            "sleep": self._sleep,
        }
        with (
            in_process.environment({"KUBECONFIG": str(file)}, story),
            pytest.MonkeyPatch.context() as patch,
        ):
            patch.setattr(urllib3.PoolManager, "request", self._request)
            for name, function in clock.items():
                patch.setattr(time, name, _in_main_thread(function, name))
            yield
        if self._left and self.problem is None:
            self.problem = ASKS_OTHERWISE

    def _sleep(self, seconds: float) -> float:
        self._now += seconds
        return 0

    def _until(self, milliseconds: int) -> None:
        self._now = max(self._now, milliseconds / 1000)

    def _request(
        self, method: str, url: str, body: str | None = None, **more: Any
    ) -> urllib3.HTTPResponse:
        asked = urlsplit(url)
        content = (more.get("headers") or {}).get("Content-Type") if body else None
        here = Exchange(0, method, asked.path, asked.query, body, content)
        noted = self._left.pop(0) if self._left else None
        if noted is None or _compared(here) != _compared(noted):
            but_for_times = noted and _timeless(here) == _timeless(noted)
            self.problem = SENDS_TIME if but_for_times else ASKS_OTHERWISE
            raise NotNotedError(f"not noted: {method} {asked.path} {body or ''}")
        chunks = noted.chunks
        if chunks is None:
            self._until(noted.until)
        answer = urllib3.HTTPResponse(
            io.BytesIO((noted.answer or "").encode()),
            {"Content-Type": noted.type, **noted.headers},
            noted.status,
            reason=noted.reason,
            preload_content=False,
        )
        if chunks is not None:
            # So that the clock moves with each chunk, and not with the first.
            answer.stream = partial(self._stream, noted, chunks)
        return answer

    def _stream(
        self, noted: Exchange, chunks: list[tuple[int, str]], *_: Any, **options: Any
    ) -> Generator[bytes]:
        for at, text in chunks:
            self._until(at)
            yield text.encode()
        if not noted.ended:
            self.problem = ASKS_OTHERWISE
            raise NotNotedError(f"{noted.path} was not read any further")
        self._until(noted.until)


def _compared(one: Exchange) -> Any:
    """What of a request has to be the same, in a form that can be compared."""
    body: Any = one.body
    with suppress(ValueError):  # a text
        body = json.loads(body) if body else None
    pairs = sorted(parse_qsl(one.query, keep_blank_values=True))
    return one.method, one.path, pairs, body, one.content


def _timeless(one: Exchange) -> Any:
    return _compared(replace(one, body=MOMENT.sub("", one.body or "")))


def _in_main_thread(function: Callable[..., float], name: str) -> Callable[..., float]:
    """The function there, and in other threads that of the module `time`."""
    real = getattr(time, name)

    def either(*args: float) -> float:
        main = threading.current_thread() is threading.main_thread()
        return (function if main else real)(*args)

    return either
