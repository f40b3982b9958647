"""A story as its folder tells it: setup.yaml, and programs in order.

A notebook is a story of one program; its set-up is the .yaml file beside it.
"""

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from sandbox import components
from sandbox.errors import UserError

Manifest = dict[str, Any]

# What a program may need that no driver is, by the name that it gives in `needs`. The
# suite runs it against a local server (tests/examples/stand_ins), and the site says so.
SYSTEMS = {
    "aks": "Azure AKS",
    "eks": "Amazon EKS",
    "gke": "Google GKE",
    "openshift": "OpenShift",
}

# What a program printed stands in it, below the line that printed it.
OUTPUT_LINE = re.compile(r"\s*#> ?")

# Commands in the folder of a story that run before its programs on the driver kind.
IMAGES = "00_images.sh"

# The same language as yaml.safe_load, read ten times as fast where libyaml is there.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Program:
    """A program of a story and what it needs beyond an API server.

    `stopped` names the components of the control plane that are not to run meanwhile.
    """

    path: Path
    needs: frozenset[str]
    stopped: tuple[str, ...] = ()

    @property
    def system(self) -> str | None:
        """The one of SYSTEMS that it needs: no cluster of ours will do."""
        return next(iter(self.needs & SYSTEMS.keys()), None)


@dataclass(frozen=True)
class Story:
    """A story as its folder, or its notebook, describes it.

    `namespace` and `service_account` are those that setup.yaml creates. `images` names
    the commands that build images for its Pods and load them into kind, if it has some.
    """

    name: str
    setup: tuple[Manifest, ...]
    namespace: str
    service_account: str
    programs: tuple[Program, ...]
    images: Path | None = None


def printed(text: str) -> list[str]:
    """The lines that a program's text says it prints, in the order of the text."""
    lines = text.splitlines()
    return [OUTPUT_LINE.sub("", line) for line in lines if OUTPUT_LINE.match(line)]


def is_notebook(path: Path) -> bool:
    """Whether this names a Jupyter notebook rather than a Python file or a folder."""
    return path.suffix == ".ipynb"


def source(path: Path) -> str:
    """The Python text of a program: of a notebook, that of its code cells.

    Raises UserError where a notebook is not one.
    """
    if not is_notebook(path):
        return path.read_text()
    try:
        cells = json.loads(path.read_text())["cells"]
        return "\n".join(
            "".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"
        )
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path}: not a notebook of format 4: {error!r}") from None


def script_metadata(path: Path) -> dict[str, Any]:
    """The inline script metadata of a program, as PEP 723 defines it.

    Raises UserError where there is none or it is not TOML.
    """
    lines = source(path).splitlines()
    try:
        start = lines.index("# /// script")
        end = lines.index("# ///", start)
        text = "\n".join(line[2:] for line in lines[start + 1 : end])
        return tomllib.loads(text)
    except ValueError as error:
        raise UserError(
            f"{path}: no valid inline script metadata (PEP 723): {error}"
        ) from None


def programs(folder: Path) -> tuple[Program, ...]:
    """The programs of a folder of examples/, in order.

    Raises UserError where there are none, or one wants something stopped that is no
    component.
    """
    paths = sorted(folder.glob("[0-9]*.py"))
    if not paths:
        raise UserError(f"{folder}: no programs (01_....py) here")
    return tuple(program(path) for path in paths)


def load(place: Path) -> Story:
    """Read a story's folder, or a notebook with its set-up.

    Raises UserError where the set-up or the programs are missing, the set-up does
    not hold exactly one Namespace and one ServiceAccount, or a program wants something
    stopped that is no component.
    """
    if is_notebook(place):
        setup = place.with_suffix(".yaml")
        if not place.is_file() or not setup.is_file():
            raise UserError(f"{place}: there must be a notebook and {setup.name}")
        all_programs = (program(place),)
    else:
        setup = place / "setup.yaml"
        if not setup.is_file():
            raise UserError(f"{place}: no setup.yaml here; {_instead(place)}")
        all_programs = programs(place)
    try:
        documents = list(yaml.load_all(setup.read_text(), LOADER))
    except yaml.YAMLError as error:
        line = " ".join(str(error).split())
        raise UserError(f"{setup}: not valid YAML: {line}") from None
    images = place / IMAGES
    manifests = tuple(cast(Manifest, each) for each in documents if each is not None)
    return Story(
        name=place.resolve().name,
        setup=manifests,
        namespace=_only(manifests, "Namespace", setup),
        service_account=_only(manifests, "ServiceAccount", setup),
        programs=all_programs,
        images=images if images.is_file() else None,
    )


def _instead(place: Path) -> str:
    """What to do with a folder that is no story."""
    paths = sorted(place.glob("[0-9]*.py"))
    for system in (program(path).system for path in paths):
        if system:
            return f"its programs need {SYSTEMS[system]}: run them there, with `uv run`"
    return "name a folder of examples/"


def program(path: Path) -> Program:
    """Read what a program needs.

    Raises UserError where its metadata can't be read, or it wants something stopped
    that is no component.
    """
    settings = script_metadata(path).get("tool", {}).get("sandbox", {})
    stopped: Any = settings.get("stopped", [])
    # A string would be taken for a list of its letters.
    if not isinstance(stopped, list):
        raise UserError(f'{path}: stopped is not a list: write ["{stopped}"]')
    names = cast(list[Any], stopped)
    for name in names:
        if name not in components.NAMES:
            raise UserError(
                f"{path}: {name!r} can't be stopped: choose from "
                f"{', '.join(components.NAMES)}"
            )
    return Program(path, frozenset(settings.get("needs", [])), tuple(names))


def _only(manifests: tuple[Manifest, ...], kind: str, setup: Path) -> str:
    names = [m["metadata"]["name"] for m in manifests if m.get("kind") == kind]
    if len(names) != 1:
        raise UserError(f"{setup}: needs exactly one {kind}, found {len(names)}")
    return names[0]
