"""Every program under examples/ is part of a story, and stands alone."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

from sandbox.cluster import Cluster
from sandbox.story import load, programs, script_metadata, source
from tests import copies
from tests.examples.conftest import ELSEWHERE, FOLDERS, NOTEBOOKS
from tests.examples.stand_ins import STAND_INS

ROOT = Path(__file__).parent.parent.parent
# What is beside a Dockerfile runs in Pods; tests/examples/test_your_own_app.py runs it.
ON_DISK = sorted(
    path
    for path in (ROOT / "examples").rglob("*.py")
    if not path.with_name("Dockerfile").exists()
)

# Import names that differ from the name of the package that brings them. Of some names,
# several packages bring a part each.
PACKAGES = {
    "IPython": "ipython",
    "azure.core": "azure-core",
    "azure.identity": "azure-identity",
    "azure.mgmt.containerservice": "azure-mgmt-containerservice",
    "google.api_core": "google-api-core",
    "google.auth": "google-auth",
    "google.cloud.container_v1": "google-cloud-container",
    "websocket": "websocket-client",
    "yaml": "pyyaml",
}


def package(module: str) -> str:
    """The package that brings a module: by the longest name that is known."""
    parts = module.split(".")
    names = [".".join(parts[:end]) for end in range(len(parts), 0, -1)]
    return next((PACKAGES[name] for name in names if name in PACKAGES), parts[0])


def test_every_program_on_disk_is_run() -> None:
    paths = [p.path for folder in FOLDERS for p in load(folder).programs]
    for program in (p for folder in ELSEWHERE for p in programs(folder)):
        assert program.system in STAND_INS, f"{program.path}: nothing stands in for it"
        paths.append(program.path)
    assert sorted(paths) == ON_DISK
    assert paths, "no programs found"


@pytest.mark.parametrize(
    "path", [*ON_DISK, *NOTEBOOKS], ids=lambda p: str(p.relative_to(ROOT))
)
def test_program_imports_only_what_it_declares(path: Path) -> None:
    declared = {
        Requirement(text).name for text in script_metadata(path)["dependencies"]
    }
    imported: set[str] = set()
    for node in ast.walk(ast.parse(source(path))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a program has no neighbours to import from"
            imported.add(node.module or "")
    assert {package(name) for name in imported} - sys.stdlib_module_names == declared


def test_programs_are_formatted(tmp_path: Path) -> None:
    """Ruff formats them, but for the output lines: it would write them as `# >`."""
    for path in ON_DISK:
        text = path.read_text()
        assert not re.search(r"^ *# > ", text, re.M), f"{path}: spoilt output: `# >`"
        copy = tmp_path / path.relative_to(ROOT / "examples")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(re.sub(r"^( *)#> ", r"\1# > ", text, flags=re.M))
    ruff = [sys.executable, "-m", "ruff", "format", "--diff"]
    done = subprocess.run(
        [*ruff, f"--config={ROOT / 'pyproject.toml'}", tmp_path],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def _header(path: Path) -> str:
    """The inline script metadata's dependencies, by which `uv run` chooses packages."""
    return json.dumps(sorted(script_metadata(path)["dependencies"]))


@pytest.mark.slow
@pytest.mark.parametrize("dependencies", sorted({_header(path) for path in ON_DISK}))
def test_declared_packages_bring_what_is_imported(
    dependencies: str, tmp_path: Path
) -> None:
    """What a reader does who runs a copy by `uv run`, up to the first own statement.

    Programs that declare the same get the same packages, so their imports are tried at
    once.
    """
    imports = {
        ast.unparse(node)
        for path in ON_DISK
        if _header(path) == dependencies
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    script = tmp_path / "imports.py"
    script.write_text(
        "# /// script\n# requires-python = '>=3.11'\n"
        f"# dependencies = {dependencies}\n# ///\n" + "\n".join(sorted(imports))
    )
    done = subprocess.run(
        ["uv", "run", "--script", script],
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if k != "VIRTUAL_ENV"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "path",
    [path for path in ON_DISK if path.parent in FOLDERS],
    ids=lambda p: str(p.relative_to(ROOT)),
)
def test_program_names_its_namespace_in_one_line(path: Path) -> None:
    """So a reader who puts another name there, and into setup.yaml, has renamed it."""
    namespace = load(path.parent).namespace
    text = path.read_text()
    line = f'NAMESPACE = "{namespace}"\n'
    assert text.count(line) == 1, f"{line!r} is not there once"
    tree = ast.parse(text.replace(line, "\n"))
    word = re.compile(rf"(?<![\w-]){re.escape(namespace)}(?![\w-])")
    # A key of an object, such as "storage", or an object of the same name, such as a
    # ServiceAccount, in a call that gives the namespace beside it.
    other: set[int] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Dict():
                other |= {id(key) for key in node.keys}
            case ast.Subscript():
                other.add(id(node.slice))
            case ast.Call() if any(_is_the_namespace(value) for value in node.args):
                other |= {id(value) for value in node.args}
            case ast.Expr():
                other.add(id(node.value))  # a docstring
            case _:
                pass
    elsewhere = [
        f"line {node.lineno}: {node.value!r}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and word.search(node.value)
        and id(node) not in other
    ]
    assert not elsewhere, elsewhere


def _is_the_namespace(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "NAMESPACE"


# What every program does, the stories show; what it needs, the two tests above. This is
# about the copying, so two will do: one whose objects are all in its namespace, and one
# with a ClusterRole.
COPIED = ["configuration", "runtimes"]


@pytest.mark.last_driver
@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.xdist_group(f"{n}, copied")) for n in COPIED],
)
def test_copied_programs_run_by_uv_in_another_namespace(
    name: str, cluster: Cluster, tmp_path: Path
) -> None:
    """What a reader does who copies the files and renames the namespace."""
    story = load(ROOT / "examples" / name)
    renamed = f"{story.namespace}-copied"
    copy = copies.of(ROOT / "examples" / name, "renamed")
    (copy / "setup.yaml").write_text(
        yaml.safe_dump_all(_renamed(m, story.namespace, renamed) for m in story.setup)
    )
    for program in copy.glob("*.py"):
        line = f'NAMESPACE = "{story.namespace}"\n'
        text = program.read_text()
        program.write_text(text.replace(line, f'NAMESPACE = "{renamed}"\n'))
    done = subprocess.run(
        [sys.executable, "-m", "sandbox", "run", copy, *cluster.options],
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if k != "KUBECONFIG"},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert done.stdout


def _renamed(manifest: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    """The manifest for another namespace; what is in no namespace is renamed as well,
    so that both can be on the cluster.
    """
    metadata = manifest["metadata"]
    if metadata.get("namespace") == old:
        metadata["namespace"] = new
    elif "namespace" not in metadata:
        metadata["name"] = metadata["name"].replace(old, new)
    if manifest.get("roleRef", {}).get("kind") == "ClusterRole":
        manifest["roleRef"]["name"] = manifest["roleRef"]["name"].replace(old, new)
    for subject in manifest.get("subjects", []):
        if subject.get("namespace") == old:
            subject["namespace"] = new
    return manifest
