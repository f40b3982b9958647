"""What a killed run left on a cluster that is gone, too, doesn't end the next run."""

import json
import tempfile
from pathlib import Path

import pytest

from tests.run_folder import remove_those_left


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sandbox of a killed run, on kind; no Docker is on PATH."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    run = tmp_path / "kubernetes-overview-run-killed"
    sandbox = run / "state" / "kubernetes-overview" / "sandboxes" / "default"
    sandbox.mkdir(parents=True)
    (sandbox / "state.json").write_text(json.dumps({"driver": "kind"}))
    (sandbox / "kind.yaml").touch()
    return sandbox


def test_what_cannot_be_removed_is_told_and_kept_for_the_next_run(
    sandbox: Path,
) -> None:
    for _ in range(2):
        (line,) = remove_those_left()
        assert "sandbox default, not removed: " in line
        assert "there is no Docker here" in line
        assert (sandbox / "state.json").exists()


def test_what_can_be_removed_is(sandbox: Path) -> None:
    (sandbox / "kind.yaml").unlink()
    assert remove_those_left() == ["kubernetes-overview-run-killed: sandbox default"]
    assert not sandbox.exists()
    assert remove_those_left() == []


def test_state_that_cannot_be_read_is_told(sandbox: Path) -> None:
    (sandbox / "state.json").write_text("{")
    for _ in range(2):
        (line,) = remove_those_left()
        assert "sandbox default, not removed: " in line
