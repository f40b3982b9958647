"""Copies of stories, always in one place: uv keeps a program's packages by its path."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parent.parent


def of(story: Path, use: str, *without: str) -> Path:
    """Copy a story anew, for a use of its own, without what these patterns match."""
    copy = ROOT / ".cache" / "copies" / use / story.name
    shutil.rmtree(copy, ignore_errors=True)
    return shutil.copytree(story, copy, ignore=shutil.ignore_patterns(*without))
