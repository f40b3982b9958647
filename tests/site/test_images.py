"""The page that names the images names those that programs start, and no others."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
IMAGE = re.compile(
    r"\b(?:(?:registry\.k8s\.io|docker\.io)/[a-z0-9./-]+:[\w.-]+|python:[\d.]+-slim)"
)

# These are not started: one is not there, that is the point, and the others are names
# that a program takes apart.
NOT_STARTED = {
    "registry.k8s.io/e2e-test-images/agnhost:no-such-tag",
    "docker.io/example/web:latest",
    "docker.io/library/busybox:1.37",
    "docker.io/library/busybox:latest",
    "registry.k8s.io/pause:3.10",
}


def images(*paths: Path) -> set[str]:
    return {name for path in paths for name in IMAGE.findall(path.read_text())}


def test_every_image_is_named() -> None:
    programs = [*ROOT.glob("examples/*/*.py"), *ROOT.glob("docs/notebooks/*.ipynb")]
    named = images(ROOT / "docs" / "how-this-site-is-tested.md")
    used = images(*programs)
    assert used - named == NOT_STARTED
    # Programs that put a tag behind the name are found by the name.
    assert named <= used
