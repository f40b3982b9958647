"""The scripts of the workflow distributions.yml, as far as they run without GitHub."""

import functools
import hashlib
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
SCRIPTS = ROOT / ".github" / "distributions"
PROGRAM = b"#!/bin/sh\necho it runs\n"
SUM = hashlib.sha256(PROGRAM).hexdigest()


def test_each_system_of_the_workflow_has_its_script_and_its_entry() -> None:
    workflow = yaml.safe_load(
        (ROOT / ".github" / "workflows" / "distributions.yml").read_text()
    )
    systems = workflow["jobs"]["stories"]["strategy"]["matrix"]["system"]
    known = yaml.safe_load((ROOT / "facts" / "distributions.yaml").read_text())
    assert set(systems) <= {each["key"] for each in known["systems"]}
    for system in systems:
        assert (SCRIPTS / f"{system}.sh").stat().st_mode & 0o111


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and the address where its files are."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    folder = tmp_path / "served"
    folder.mkdir()
    handler = functools.partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on PATH")
@pytest.mark.parametrize(
    ("sums", "says"),
    [
        pytest.param(f"{SUM}\n", None, id="a sum alone"),
        pytest.param(f"{'0' * 64}  other\n{SUM}  dist/tool\n", None, id="of several"),
        pytest.param(f"{'0' * 64}  tool\n", "is not the file", id="another sum"),
        pytest.param(f"{SUM}  other\n", "has no sum of tool", id="of others only"),
    ],
)
def test_download_is_kept_only_if_its_sum_is_right(
    served: tuple[Path, str], tmp_path: Path, sums: str, says: str | None
) -> None:
    folder, address = served
    (folder / "tool").write_bytes(PROGRAM)
    (folder / "sums").write_text(sums)
    target = tmp_path / "bin" / "tool"
    done = subprocess.run(
        [SCRIPTS / "download.sh", f"{address}/tool", f"{address}/sums", target],
        capture_output=True,
        text=True,
        timeout=60,
    )
    if says is None:
        assert (done.returncode, done.stderr) == (0, "")
        assert subprocess.check_output([target], text=True) == "it runs\n"
    else:
        assert done.returncode == 2
        (line,) = done.stderr.splitlines()
        assert line.startswith("download: ")
        assert says in line
        assert not target.exists()
