"""Builds the site as `make site` does, and copies what it is built from."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

# What the site is made of. build/ is not: a copy has no record of a run.
SOURCES = ["mkdocs.yml", "docs", "examples", "facts", "recordings", "site"]


def build(
    tree: Path, target: Path, site_url: str = "", repository_url: str = ""
) -> subprocess.CompletedProcess[str]:
    """Build the site of a tree into a folder. Takes some seconds.

    Without `site_url`, the site does not know the address that it will have; without
    `repository_url`, not where its sources are.
    """
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", target],
        cwd=tree,
        env={
            **os.environ,
            "NO_MKDOCS_2_WARNING": "1",
            "SITE_URL": site_url,
            "REPOSITORY_URL": repository_url,
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def copy(target: Path) -> Path:
    """Copy what the site is made of into a folder, and return that folder."""
    target.mkdir()
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, target / name, ignore=ignored)
        else:
            shutil.copy(source, target / name)
    return target
