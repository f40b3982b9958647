"""Notes what a program asks of the API server, and each answer, word by word.

The official client sends every request by `urllib3.PoolManager.request`. What else a
program does that a page can't play to it, Python's audit events tell:
https://docs.python.org/3/library/audit_events.html
"""

import codecs
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3
from urllib3.exceptions import MaxRetryError

UNANSWERED = "one of its requests gets no answer"

THREADS = "it starts threads of its own"
LISTENS = "it listens on a port"

# Audit events, and why a program that raises one can't be played.
OWN = {
    "subprocess.Popen": "it starts another process",
    "os.system": "it starts another process",
    "socket.bind": LISTENS,
    "socket.connect": "it opens connections without the client",
}

# Why a page doesn't list the requests of such a program.
MISSES = "some may be missing"
OTHERS = "some may go to a server of its own"


@dataclass
class Exchange:
    """A request and its answer. Times are in ms since the program began.

    The answer is a text, or the `chunks` in which a program read it, such as the events
    of a watch; `ended` says that the API server ended these, and not the program.
    `content` is the media type of the body, if the client says it. Of other headers, a
    request's have a token, and aren't kept; of an answer's, only a warning is:
    https://kubernetes.io/blog/2020/09/03/warnings/
    `line` is the line of the program whose call sent it.
    `failed` is the type of the error that came instead of the answer, or of its rest;
    without a `status`, nothing came.
    """

    at: int
    method: str
    path: str
    query: str
    body: str | None
    content: str | None = None
    line: int = 0
    status: int = 0
    reason: str = ""
    type: str = ""
    until: int = 0
    answer: str | None = None
    chunks: list[tuple[int, str]] | None = None
    ended: bool = False
    headers: dict[str, str] = field(default_factory=dict[str, str])
    failed: str | None = None


@dataclass
class Noted:
    """A program's run: its start in seconds of the epoch, and all that it asked.

    `why_not` is why it can't be played, if it can't, and `unlisted` why a page can't
    list its requests. `kubectl` is a command, and what it showed when the program had
    ended.
    """

    start: float
    seconds: float = 0
    exchanges: list[Exchange] = field(default_factory=list[Exchange])
    why_not: str | None = None
    unlisted: str | None = None
    kubectl: tuple[str, str] | None = None

    def cannot(self, why: str) -> None:
        """Say that it can't be played; the first reason stays.

        A request without an answer is noted. All other reasons can mean requests that
        aren't noted, or aren't the API server's.
        """
        self.why_not = self.why_not or why
        if why != UNANSWERED:
            self.unlisted = self.unlisted or (OTHERS if why == LISTENS else MISSES)

    def failed(self, one: Exchange, error: Exception, at: int) -> None:
        """Note with which error a request ended, and when, in ms."""
        cause = error.reason if isinstance(error, MaxRetryError) else error
        one.failed, one.until = type(cause).__name__, at
        self.cannot(UNANSWERED)


@contextmanager
def noting() -> Generator[Noted]:
    """Note what the main thread asks meanwhile: there a program runs, and no watch."""
    run = Noted(time.time())
    began = time.monotonic()
    send = urllib3.PoolManager.request

    def since() -> int:
        return round((time.monotonic() - began) * 1000)

    def request(
        pool: urllib3.PoolManager, method: str, url: str, body: Any = None, **more: Any
    ) -> Any:
        if not _in_main_thread():
            return send(pool, method, url, body=body, **more)
        sent = body.decode() if isinstance(body, bytes) else body
        asked = urlsplit(url)
        content = (more.get("headers") or {}).get("Content-Type") if sent else None
        one = Exchange(since(), method, asked.path, asked.query, sent, content, _line())
        run.exchanges.append(one)
        try:
            with _events_to(None):
                answer = send(pool, method, url, body=body, **more)
        except Exception as error:
            run.failed(one, error, since())
            raise
        one.status, one.reason = answer.status, answer.reason or ""
        one.type, one.until = answer.headers.get("Content-Type", ""), since()
        if warning := answer.headers.get("Warning"):
            one.headers["Warning"] = warning
        _note_reading(answer, one, run, since)
        return answer

    # Of threads, Python 3.11 has no event.
    start_thread = threading.Thread.start

    def start(thread: threading.Thread) -> None:
        if _in_main_thread():
            run.cannot(THREADS)
        start_thread(thread)

    with pytest.MonkeyPatch.context() as patch, _events_to(run):
        patch.setattr(urllib3.PoolManager, "request", request)
        patch.setattr(threading.Thread, "start", start)
        yield run
    run.seconds = round(time.monotonic() - began, 3)


def _note_reading(answer: Any, one: Exchange, run: Noted, since: Any) -> None:
    """Note an answer while the program reads it.

    All ways to read lead through one of these two; an answer of a known length is read
    by the first, even by a watch.
    """
    read, read_chunked = answer.read, answer.read_chunked
    decode = codecs.getincrementaldecoder("utf-8")().decode

    def noted_read(*args: Any, **options: Any) -> bytes:
        try:
            data = read(*args, **options)
        except Exception as error:
            run.failed(one, error, since())
            raise
        one.answer = (one.answer or "") + decode(data)
        one.until = since()
        return data

    def noted_chunks(*args: Any, **options: Any) -> Generator[bytes]:
        one.chunks = []
        try:
            for chunk in read_chunked(*args, **options):
                one.chunks.append((since(), decode(chunk)))
                yield chunk
            one.ended = True
        except Exception as error:
            run.failed(one, error, since())
            raise
        finally:
            one.until = since()

    answer.read, answer.read_chunked = noted_read, noted_chunks


def _line() -> int:
    """The line of the program that sends what is being sent, or 0.

    The suite runs a copy of each program, 01_create.py as 01_create_0_60.py.
    """
    frame = sys._getframe()  # pyright: ignore[reportPrivateUsage]
    while frame is not None:
        name = Path(frame.f_code.co_filename).name
        if frame.f_globals.get("__name__") == "__main__" and name[:2].isdigit():
            return frame.f_lineno
        frame = frame.f_back
    return 0


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


class _Listener:
    """Where audit events go. A hook can't be taken away, and so it listens to this."""

    run: Noted | None = None
    hooked = False


def _hook(event: str, _: Any) -> None:
    if _Listener.run is None or not _in_main_thread():
        return
    if event in OWN:
        _Listener.run.cannot(OWN[event])


@contextmanager
def _events_to(run: Noted | None) -> Generator[None]:
    if not _Listener.hooked:
        _Listener.hooked = True
        sys.addaudithook(_hook)
    before, _Listener.run = _Listener.run, run
    try:
        yield
    finally:
        _Listener.run = before
