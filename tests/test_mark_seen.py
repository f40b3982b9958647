"""Where the examples were run is written into facts/distributions.yaml and proposed."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from facts.mark_seen import KEPT, KNOWN, ROOT

RUN = "https://github.com/example/example/actions/runs/1"
PROPOSE = ROOT / ".github" / "distributions" / "propose-marks.sh"


def record(folder: Path, driver: str = "current", day: int = 24) -> Path:
    story = {"passed": 12, "failed": 1, "skipped": 3, "ran": 9, "seconds": 5.0}
    run = {"kubernetes": "v1.37.1+k3s1", "driver": driver, "stories": {"a": story}}
    path = folder / "last-run.json"
    path.write_text(json.dumps({"date": f"2026-11-{day}", "runs": [run]}))
    return path


def mark(file: Path, system: str, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "facts/mark_seen.py", system, *more, "--file", file],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


def seen(file: Path, system: str) -> list[dict[str, Any]]:
    known = yaml.safe_load(file.read_text())
    # JSON has no dates.
    Draft202012Validator(
        json.loads((ROOT / "facts" / "distributions.schema.json").read_text())
    ).validate(json.loads(json.dumps(known, default=str)))
    (entry,) = [each for each in known["systems"] if each["key"] == system]
    return entry["stories"]["seen"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    copy = tmp_path / "distributions.yaml"
    shutil.copy(KNOWN, copy)
    return copy


@pytest.mark.parametrize("system", ["kubeadm", "k3s", "gkeautopilot"])
def test_newest_mark_comes_first_and_nothing_else_changes(
    file: Path, tmp_path: Path, system: str
) -> None:
    before = file.read_text()
    for day in range(10, 11 + KEPT):
        done = mark(file, system, str(record(tmp_path, day=day)), "--run", RUN)
        assert (done.returncode, done.stderr) == (0, "")
    marks = seen(file, system)
    assert [each["date"].day for each in marks] == list(range(10 + KEPT, 10, -1))
    assert marks[0] | {"date": None} == {
        "date": None,
        "kubernetes": "v1.37.1+k3s1",
        "passed": 12,
        "failed": 1,
        "run": RUN,
    }
    kept = [line for line in file.read_text().splitlines() if line in before]
    lines = [line for line in before.splitlines() if line != "      seen: []"]
    assert [line for line in lines if line not in kept] == []


@pytest.mark.parametrize(
    ("system", "made_by", "run", "says"),
    [
        ("k4s", "current", RUN, "there is no system k4s: choose one of kubeadm, "),
        ("k3s", "kwok", RUN, "the record is of no run with --sandbox current"),
        ("k3s", "current", "file:///x", "--run file:///x is no https address"),
    ],
)
def test_mistake_is_told_in_a_line_and_leaves_the_file(
    file: Path, tmp_path: Path, system: str, made_by: str, run: str, says: str
) -> None:
    before = file.read_text()
    done = mark(file, system, str(record(tmp_path, made_by)), "--run", run)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"mark_seen: {says}")
    assert file.read_text() == before


def test_record_that_is_none_is_told(file: Path, tmp_path: Path) -> None:
    for text, says in [(None, "No such file"), ("<html>", "is not the JSON of a run")]:
        path = tmp_path / "record"
        if text:
            path.write_text(text)
        done = mark(file, "k3s", str(path), "--run", RUN)
        assert done.returncode == 2
        assert says in done.stderr


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("kubernetes", 'v1.37.1"\n          run: https://example.com', "version of"),
        ("kubernetes", None, "version of Kubernetes is none: 'None'"),
        ("date", "2026-11-24\n          passed: 99", "date is none"),
        ("stories", {"a": {"passed": "many", "failed": 0}}, "not one that the suite"),
        ("stories", [], "not one that the suite"),
    ],
)
def test_record_that_is_made_up_writes_nothing(
    file: Path, tmp_path: Path, field: str, value: object, says: str
) -> None:
    path = record(tmp_path)
    made_up = json.loads(path.read_text())
    (made_up if field in made_up else made_up["runs"][0])[field] = value
    path.write_text(json.dumps(made_up))
    before = file.read_text()
    done = mark(file, "k3s", str(path), "--run", RUN)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert says in line
    assert file.read_text() == before


def test_marks_are_proposed_once(tmp_path: Path) -> None:
    """With git as it is, and a stand-in for GitHub's command line."""
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com"]

    def run(*words: object, cwd: Path) -> str:
        environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
        done = subprocess.run(
            [str(word) for word in words],
            cwd=cwd,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    remote, tree, calls = (tmp_path / name for name in ("remote", "tree", "calls"))
    run("git", "init", "--bare", "--quiet", remote, cwd=tmp_path)
    run("git", "clone", "--quiet", remote, tree, cwd=tmp_path)
    file = tree / "facts" / "distributions.yaml"
    file.parent.mkdir()
    shutil.copy(KNOWN, file)
    run(*git, "add", "-A", cwd=tree)
    run(*git, "commit", "--quiet", "-m", "first", cwd=tree)
    # It answers how many pull requests are open, and makes one.
    gh = tmp_path / "gh"
    gh.write_text(
        f'#!/bin/sh\ncase "$2" in list) grep -c create {calls} || true;;'
        f" create) echo create >> {calls};; esac\n"
    )
    gh.chmod(0o755)
    calls.touch()

    run(PROPOSE, remote, cwd=tree)
    assert calls.read_text() == "", "nothing was changed"
    for day in (10, 11):
        run("git", "checkout", "--quiet", "--detach", "HEAD", cwd=tree)
        mark(file, "k3s", str(record(tmp_path, day=day)), "--run", RUN)
        run(PROPOSE, remote, cwd=tree)
        shown = run(
            "git", "show", "distribution-marks:facts/distributions.yaml", cwd=remote
        )
        assert f"- date: 2026-11-{day}" in shown
    assert calls.read_text() == "create\n"
