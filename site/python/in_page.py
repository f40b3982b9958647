"""What lets a program run in a page: its requests and waits go to the player.

worker.js runs this once, in Pyodide, before any program. The client, urllib3 and the
program are the same as everywhere else; what is replaced is the connection below them.
"""

import http.client
import io
import linecache
import shutil
import sys
import tempfile
import time
import traceback
import types
from pathlib import Path
from urllib.parse import urlsplit

import js

# By itself, urllib3 would replace its connections by some that use the browser's.
sys.modules["urllib3.contrib.emscripten"] = emscripten = types.ModuleType("emscripten")
emscripten.inject_into_urllib3 = lambda: None
import urllib3  # noqa: E402

# The address is never contacted: names below .invalid lead nowhere (RFC 6761, 6.4).
KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: {story}
clusters: [{{name: {story}, cluster: {{server: "https://recorded.invalid"}}}}]
users: [{{name: {story}, user: {{}}}}]
contexts:
- name: {story}
  context: {{cluster: {story}, user: {story}, namespace: overview-{story}}}
"""


class NotRecorded(BaseException):
    """The recorded run has no answer to this.

    No `except Exception` of a program catches it: nothing that follows would be true.
    """


class Recorded(urllib3.PoolManager):
    """In the place of urllib3's, whose `request` calls `urlopen` for each request."""

    def urlopen(self, method, url, redirect=True, body=None, headers=None, **how):
        """Ask the player. Raises NotRecorded for what the recorded run didn't ask."""
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        if isinstance(body, bytes):
            body = body.decode()
        names = {name.lower(): value for name, value in (headers or {}).items()}
        sent = names.get("content-type") if body else None
        answer = accepted(js.player.request(method, target, body, sent))
        return Response(
            Answer(answer.read),
            headers=[tuple(header) for header in answer.headers],
            status=answer.status,
            reason=answer.reason or http.client.responses.get(answer.status),
            preload_content=how.get("preload_content", True),
            decode_content=False,
            request_method=method,
            request_url=url,
        )


class Answer(io.RawIOBase):
    """The body of an answer, which comes in parts."""

    def __init__(self, read):
        self._read = read
        self._left = b""

    def readable(self):
        """Say that it is for reading."""
        return True

    def part(self):
        """Return the next part, or nothing after the last."""
        text = accepted(self._read())
        return b"" if text is None else text.encode()

    def readinto(self, buffer):
        """Fill the buffer from the parts. Returns how many bytes that were."""
        self._left = self._left or self.part()
        taken = self._left[: len(buffer)]
        self._left = self._left[len(taken) :]
        buffer[: len(taken)] = taken
        return len(taken)


class Response(urllib3.HTTPResponse):
    """urllib3's own, but that a watch gets each part when it comes."""

    def stream(self, amt=None, decode_content=None):
        """Yield the parts, as urllib3 does for an answer that is sent in chunks."""
        while part := self._fp.part():
            yield part

    read_chunked = stream


def accepted(answer):
    """Return what the player answered. Raises NotRecorded where it refused to."""
    if refused := getattr(answer, "refused", None):
        raise NotRecorded(refused)
    return answer


def run(source, story, name):
    """Run a program, as `python NAME` would.

    Args:
        source: its text.
        story: its folder, after which its namespace is named.
        name: its file name, which tracebacks show.

    Returns:
        Its exit code, and whether that is because the player refused to answer.
    """
    # Such as what the dynamic client has discovered: a program starts without it.
    shutil.rmtree(tempfile.gettempdir(), ignore_errors=True)
    Path(tempfile.gettempdir()).mkdir()
    config = Path("~/.kube/config").expanduser()
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(KUBECONFIG.format(story=story))
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    sys.argv = [name]
    code, refused = 0, False
    try:
        exec(compile(source, name, "exec"), {"__name__": "__main__", "__file__": name})
    except NotRecorded as error:
        code, refused = 1, True
        print(error, file=sys.stderr)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException as error:
        code = 1
        print(told(error, name), end="", file=sys.stderr)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        if client := sys.modules.get("kubernetes.client"):
            client.Configuration.set_default(None)
    return code, refused


def told(error, name):
    """Return a traceback with the program's own lines: the libraries have none here."""
    found = traceback.TracebackException.from_exception(error)
    link = found
    while link:
        own = [frame for frame in link.stack if frame.filename == name]
        link.stack = traceback.StackSummary.from_list(own)
        link = link.__cause__ or (
            None if link.__suppress_context__ else link.__context__
        )
    return "".join(found.format())


urllib3.PoolManager = Recorded
time.sleep = js.player.sleep
