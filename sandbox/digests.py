"""`make digests`: write down what belongs to the versions that are pinned, by SHA-256.

For maintainers, after a version has moved: the sums of the programs that are published
(digests.txt), and the node images that kind was released with, by their digests
(drivers/node-images.json).
A published sum that differs from what comes, and a file that differs from what was
written down for the same version before, are errors.
"""

import json
import os
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from sandbox import downloads, modules
from sandbox.errors import UserError
from sandbox.progress import say

_HEAD = """\
# SHA-256 sums of the programs that a sandbox downloads, as pooch reads them. `make
# digests` writes this file. What is not in it is compared with what its project
# publishes, and where that is nothing (KWOK, metrics-server), built from source.
"""

_NOTES = "api.github.com/repos/kubernetes-sigs/kind/releases/tags/"

_MINORS = 3
"""Of how many minor versions there are node images: as many as get fixes."""


def main() -> int:
    """Write both files. Returns 2 if something is not what it should be."""
    try:
        write(Path(__file__).parent)
    except (UserError, OSError) as error:
        say(str(error))
        return 2
    return 0


def write(package: Path) -> None:
    """Write both files into a copy of this package.

    Raises UserError where a sum differs, OSError where something can't be had.
    """
    base = downloads.base()
    if base is None:
        raise UserError('SANDBOX_DOWNLOADS is "off": unset it')
    images = json.dumps(_node_images(base), indent=2, sort_keys=True)
    sums = "".join(f"{line}\n" for line in _sums(base))
    (package / "drivers" / "node-images.json").write_text(f"{images}\n")
    (package / "digests.txt").write_text(_HEAD + sums)


def _sums(base: str) -> list[str]:
    import pooch  # pyright: ignore[reportMissingTypeStubs]

    lines: list[str] = []
    with TemporaryDirectory() as folder:
        files = downloads.fetcher(Path(folder), base)
        known = dict(files.registry)
        for module in modules.MODULES:
            for arch in modules.ARCHITECTURES:
                for program in module.programs:
                    address = module.filled(module.published, program, arch)
                    say(address)
                    files.registry[address] = None  # whatever comes
                    got = files.fetch(address)
                    digest = f"sha256:{pooch.file_hash(got)}"
                    Path(got).unlink()
                    published = {known.get(address, digest)}
                    if module.checksums:
                        published.add(
                            downloads.published_sum(module, program, arch, base)
                        )
                    if published != {digest}:
                        raise UserError(
                            f"{base}{address} has {digest}, not the published"
                            f" {' '.join(published - {digest})}: find out why"
                        )
                    lines.append(f"{address} {digest}")
    return sorted(lines)


def _node_images(base: str) -> dict[str, str]:
    """The images of the newest minor versions up to the pinned one, by their notes."""
    # Without a token, GitHub answers 60 requests an hour.
    token = os.environ.get("GH_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    address = f"{base}{_NOTES}{modules.version('kind')}"
    notes: str = json.loads(downloads.read(address, **headers))["body"]
    image = r"kindest/node:v(\d+)\.(\d+)\.\d+@sha256:[0-9a-f]{64}"
    images = {(int(i[1]), int(i[2])): i[0] for i in re.finditer(image, notes)}
    major, minor = modules.kubernetes_minor().split(".")
    newest = (int(major), int(minor))
    kept = sorted(version for version in images if version <= newest)[-_MINORS:]
    if not kept:
        raise UserError(f"{address} names no node image up to {major}.{minor}")
    return {f"{a}.{b}": images[a, b] for a, b in kept}


if __name__ == "__main__":
    sys.exit(main())
