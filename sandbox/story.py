"""A story as its folder tells it: setup.yaml, and programs in order."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from sandbox import components
from sandbox.errors import UserError

Manifest = dict[str, Any]

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


@dataclass(frozen=True)
class Story:
    """A story as its folder describes it.

    `namespace` and `service_account` are those that setup.yaml creates.
    """

    name: str
    setup: tuple[Manifest, ...]
    namespace: str
    service_account: str
    programs: tuple[Program, ...]


def script_metadata(path: Path) -> dict[str, Any]:
    """The inline script metadata of a program, as PEP 723 defines it.

    Raises UserError where there is none or it is not TOML.
    """
    lines = path.read_text().splitlines()
    try:
        start = lines.index("# /// script")
        end = lines.index("# ///", start)
        text = "\n".join(line[2:] for line in lines[start + 1 : end])
        return tomllib.loads(text)
    except ValueError as error:
        raise UserError(
            f"{path}: no valid inline script metadata (PEP 723): {error}"
        ) from None


def load(folder: Path) -> Story:
    """Read a story's folder.

    Raises UserError where setup.yaml or the programs are missing, setup.yaml does
    not hold exactly one Namespace and one ServiceAccount, or a program wants something
    stopped that is no component.
    """
    setup = folder / "setup.yaml"
    if not setup.is_file():
        raise UserError(f"{folder}: no setup.yaml here; name a folder of examples/")
    try:
        documents = list(yaml.load_all(setup.read_text(), LOADER))
    except yaml.YAMLError as error:
        line = " ".join(str(error).split())
        raise UserError(f"{setup}: not valid YAML: {line}") from None
    manifests = tuple(cast(Manifest, d) for d in documents if d is not None)
    programs = tuple(_program(path) for path in sorted(folder.glob("[0-9]*.py")))
    if not programs:
        raise UserError(f"{folder}: no programs (01_....py) here")
    return Story(
        name=folder.resolve().name,
        setup=manifests,
        namespace=_only(manifests, "Namespace", setup),
        service_account=_only(manifests, "ServiceAccount", setup),
        programs=programs,
    )


def _program(path: Path) -> Program:
    told = script_metadata(path).get("tool", {}).get("sandbox", {})
    stopped: Any = told.get("stopped", [])
    # A string would be taken for a list of its letters.
    if not isinstance(stopped, list):
        raise UserError(f'{path}: stopped is no list: write ["{stopped}"]')
    names = cast(list[Any], stopped)
    for name in names:
        if name not in components.NAMES:
            raise UserError(
                f"{path}: {name!r} can't be stopped: choose from "
                f"{', '.join(components.NAMES)}"
            )
    return Program(path, frozenset(told.get("needs", [])), tuple(names))


def _only(manifests: tuple[Manifest, ...], kind: str, setup: Path) -> str:
    names = [m["metadata"]["name"] for m in manifests if m.get("kind") == kind]
    if len(names) != 1:
        raise UserError(f"{setup}: needs exactly one {kind}, found {len(names)}")
    return names[0]
