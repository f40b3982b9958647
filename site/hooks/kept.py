"""What has an earlier build made already? It is kept in .cache, with a key to it.

Each thing has one file there, so that the folder does not grow: on its first line a
hash of all that it was made from, and below it what was made. Where that is another
now, it is made anew.
"""

import logging
import os
import sys
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import mkdocs
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files

log = logging.getLogger("mkdocs")

FOLDER = Path(__file__).parent
# What hooks import is imported once, however long `make serve` runs.
IMPORTED = [path.read_text() for path in sorted(FOLDER.glob("*.py"))]
PACKAGES = sorted(p.name for p in Path(mkdocs.__file__).parents[1].glob("*.dist-info"))


class Said(logging.Handler):
    """Counts what is said."""

    count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Count it."""
        self.count += 1


def kept(
    config: MkDocsConfig, name: str, made_from: list[str], make: Callable[[], str]
) -> str:
    """What an earlier build made of the same, or else what `make` makes now.

    What comes with a message, such as one on a link that leads nowhere, is made each
    time, so that it is said each time.

    Args:
        config: says where the folder of mkdocs.yml is, in which .cache is.
        name: of a file below .cache.
        made_from: all that the result depends on, beside the code of the hooks and the
            packages, which are seen to here.
        make: makes it. If it returns nothing, that is not kept.

    Returns:
        What was made.
    """
    hooks = tuple((path, path.stat().st_mtime_ns) for path in FOLDER.glob("*.py"))
    key = sha256("\0".join([*made_from, _code(hooks)]).encode()).hexdigest()
    path = Path(config.config_file_path).parent / ".cache" / name
    known, _, text = (path.read_text() if path.is_file() else "").partition("\n")
    if known == key:
        return text
    said = Said(logging.INFO)
    log.addHandler(said)
    try:
        text = make()
    finally:
        log.removeHandler(said)
    # With --quiet, it isn't known what there would be to say.
    if text and not said.count and log.isEnabledFor(logging.INFO):
        path.parent.mkdir(parents=True, exist_ok=True)
        # At once: other builds of this tree may read it.
        new = path.with_name(f"{path.name}.{os.getpid()}")
        new.write_text(f"{key}\n{text}")
        new.replace(path)
    return text


@lru_cache(maxsize=1)
def _code(hooks: tuple[tuple[Path, int], ...]) -> str:
    """A hash of Python, the packages and the hooks, as imported and as they are now."""
    now = [path.read_text() for path, _ in sorted(hooks)]
    code = "\0".join([sys.version, *PACKAGES, *IMPORTED, *now])
    return sha256(code.encode()).hexdigest()


@lru_cache(maxsize=1)
def listed(files: Files) -> str:
    """Where each file of the site is: links lead there."""
    return "\n".join(f"{f.src_uri} {f.url} {f.inclusion.name}" for f in files)
