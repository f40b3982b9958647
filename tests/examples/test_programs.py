"""Every program under examples/ is part of a story, and stands alone."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

from sandbox import run, story
from sandbox.cluster import Cluster
from tests.examples.conftest import ELSEWHERE, FOLDERS
from tests.examples.stand_ins import STAND_INS

ROOT = Path(__file__).parent.parent.parent
ON_DISK = sorted((ROOT / "examples").rglob("*.py"))

# Import names that differ from the name of the package that brings them. Of some names,
# several packages bring a part each.
PACKAGES = {
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
    told = [p.path for folder in FOLDERS for p in story.load(folder).programs]
    for program in (p for folder in ELSEWHERE for p in story.programs(folder)):
        assert program.system in STAND_INS, f"{program.path}: nothing stands in for it"
        told.append(program.path)
    assert sorted(told) == ON_DISK
    assert told, "no programs found"


@pytest.mark.parametrize("path", ON_DISK, ids=lambda p: str(p.relative_to(ROOT)))
def test_program_imports_only_what_it_declares(path: Path) -> None:
    declared = {
        Requirement(text).name for text in story.script_metadata(path)["dependencies"]
    }
    imported: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a program has no neighbours to import from"
            imported.add(node.module or "")
    assert {package(name) for name in imported} - sys.stdlib_module_names == declared


@pytest.mark.parametrize("path", ON_DISK, ids=lambda p: str(p.relative_to(ROOT)))
def test_program_is_formatted(path: Path) -> None:
    """Ruff formats it, but for the output lines: it would write them as `# >`."""
    text = path.read_text()
    assert not re.search(r"^ *# > ", text, re.M), "an output line is spoilt: `# >`"
    plain = re.sub(r"^( *)#> ", r"\1# > ", text, flags=re.M)
    ruff = [sys.executable, "-m", "ruff", "format", "--diff"]
    done = subprocess.run(
        [*ruff, f"--config={ROOT / 'pyproject.toml'}", "-"],
        input=plain,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout


# To start a program by `uv run` takes seconds on a busy machine. While the API server
# or etcd is stopped, they make KWOK's nodes silent for so long that their Pods count as
# lost, and KWOK doesn't report them ready again, as a kubelet would.
COPIED = [
    folder
    for folder in FOLDERS
    if not any(program.stopped for program in story.load(folder).programs)
]


# What a program does on each driver, the stories show. This is about the copying.
@pytest.mark.last_driver
@pytest.mark.timeout(1300)
@pytest.mark.parametrize(
    "folder",
    [
        pytest.param(f, id=f.name, marks=pytest.mark.xdist_group(f"{f.name}, copied"))
        for f in COPIED
    ],
)
def test_copied_programs_run_by_uv_in_another_namespace(
    folder: Path,
    cluster: Cluster,
    tmp_path: Path,
) -> None:
    """What a reader does who copies the files and renames the namespace."""
    told = story.load(folder)
    if all(run.obstacle(cluster, program) for program in told.programs):
        pytest.skip(f"none of its programs runs on {cluster.driver}")
    renamed = f"{told.namespace}-copied"
    copy = tmp_path / folder.name
    shutil.copytree(folder, copy)
    (copy / "setup.yaml").write_text(
        yaml.safe_dump_all(_renamed(m, told.namespace, renamed) for m in told.setup)
    )
    for program in copy.glob("*.py"):
        line = f'NAMESPACE = "{told.namespace}"\n'
        text = program.read_text()
        assert text.count(line) == 1, f"{program.name}: {line!r} is not there once"
        program.write_text(text.replace(line, f'NAMESPACE = "{renamed}"\n'))
    done = subprocess.run(
        [sys.executable, "-m", "sandbox", "run", copy, "--name", cluster.name],
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if k != "KUBECONFIG"},
        capture_output=True,
        text=True,
        # For a hang: on a busy machine, ten programs and their packages take minutes.
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert done.stdout


def _renamed(manifest: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    """The manifest for another namespace; what is in no namespace is renamed as well,
    so that both can be on the cluster."""
    metadata = manifest["metadata"]
    if metadata.get("namespace") == old:
        metadata["namespace"] = new
    elif "namespace" not in metadata:
        metadata["name"] = metadata["name"].replace(old, new)
    if manifest.get("roleRef", {}).get("kind") == "ClusterRole":
        manifest["roleRef"]["name"] = manifest["roleRef"]["name"].replace(old, new)
    # A group of the story's own, such as python-client.example.com; not autoscaling.
    if manifest["kind"] == "CustomResourceDefinition":
        group = manifest["spec"]["group"]
        manifest["spec"]["group"] = group.replace(f"{old}.", f"{new}.")
    for rule in manifest.get("rules", []):
        rule["apiGroups"] = [g.replace(f"{old}.", f"{new}.") for g in rule["apiGroups"]]
        # Nodes named after the namespace, as they are in none.
        if names := rule.get("resourceNames"):
            rule["resourceNames"] = [n.replace(f"{old}-", f"{new}-") for n in names]
    for subject in manifest.get("subjects", []):
        if subject.get("namespace") == old:
            subject["namespace"] = new
    return manifest
